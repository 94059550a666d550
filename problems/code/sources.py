"""Where the modules are that a file may import and that belong to it; all others are libraries."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tasklet_bench.problems.code.meaning import Reference

NAMESPACE = "tasklet_bench"
PROJECT = Path(__file__).absolute().parents[2]
"""The folder that is imported as `tasklet_bench`."""
_PROJECT = str(PROJECT)
_LAZY = frozenset({"__init__.py", "__init__.pyi"})
_MODULES = (".py", ".so")
_LIBRARIES = ("site-packages", "dist-packages")


def is_own(path: str) -> bool:
    """Whether a path lies in the project."""
    return path == _PROJECT or path.startswith(f"{_PROJECT}/")


@dataclass(frozen=True)
class Target:
    """What a reference leads to: a file and what is taken out of it, or the dotted name in a library."""

    file: Path | None
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """The top folder of some code, and which names in it belong to it: all of them where `only` is None.

    The project's own modules belong to all code.
    """

    folder: Path
    only: frozenset[str] | None = None

    @classmethod
    def beside(cls, file: Path) -> Sources:
        """A file's neighbours: the package that it is in, or what stands in its folder."""
        file = file.absolute()
        if is_own(str(file)):
            return cls(PROJECT, frozenset())
        folder = file.parent
        while (folder / "__init__.py").is_file():
            folder = folder.parent
        if folder != file.parent:
            return cls(folder, frozenset({file.relative_to(folder).parts[0]}))
        shared = folder.name in _LIBRARIES or folder == Path(sys.prefix)
        return cls(folder, frozenset({file.stem}) if shared else None)

    def has(self, name: str) -> bool:
        """Whether a module of this name at the top belongs to the code; names of Python's own library never do."""
        if name in sys.stdlib_module_names or name == NAMESPACE or (self.only is not None and name not in self.only):
            return False
        place = _inside(str(self.folder), name)
        return place is not None and (place.endswith(_MODULES) or any(n.endswith(".py") for n in _listed(place)))

    def find(self, name: str) -> Path | None:
        """The file of a module in the folder, or the folder of a package; None for nothing of that name."""
        place = _inside(str(self.folder), name)
        return None if place is None else Path(place)

    def resolve(self, reference: Reference, file: Path) -> tuple[Target, ...]:
        """What an import in a file leads to: modules in the order in which they are run, the last with the rest."""
        names = reference.names
        if reference.level:
            return tuple(_walk(_up(str(file), reference.level), names))
        if names[0] == NAMESPACE:
            return _own(names[1:])
        if self.has(names[0]):
            return tuple(_walk(str(self.folder), names))
        return (Target(None, names),)


@cache
def _own(names: tuple[str, ...]) -> tuple[Target, ...]:
    """What names below the project's own lead to; its files do not come and go while it runs."""
    return tuple(_walk(_PROJECT, names))


def _walk(place: str, names: tuple[str, ...]) -> Iterator[Target]:
    """Follow names down from a folder, through lazy packages to what is used of them."""
    while not place.endswith(_MODULES):
        listed = _listed(place)
        lazy = _lazy_names(place) if listed >= _LAZY else None
        if lazy is not None:
            whole = not names or names[0] == "*"
            if whole or names[0] in lazy:
                for name in sorted(lazy) if whole else names[:1]:
                    yield from _taken(place, lazy[name], names[1:])
                return
        inner = _inside(place, names[0]) if names else None
        eager = lazy is None and "__init__.py" in listed
        if eager:
            yield Target(Path(place, "__init__.py"), () if inner else names)
        if inner is None:
            if not eager:
                yield Target(None, (".", *names))
            return
        place, names = inner, names[1:]
    yield Target(Path(place), names)


def _taken(package: str, source: tuple[str, ...], rest: tuple[str, ...]) -> Iterator[Target]:
    """What a name of a lazy package leads to: a module of it, or something in one."""
    place = package
    for name in source[: max(1, len(source) - 1)]:
        inner = _inside(place, name)
        if inner is None:
            return
        place = inner
    yield from _walk(place, (*source[1:][-1:], *rest))


def _inside(folder: str, name: str) -> str | None:
    """A module or a package in a folder, as Python looks for them."""
    listed = _listed(folder)
    is_folder = name in listed and _is_folder(f"{folder}/{name}", _changed_ns(f"{folder}/{name}"))
    if is_folder and "__init__.py" in _listed(f"{folder}/{name}"):
        return f"{folder}/{name}"
    if f"{name}.py" in listed:
        return f"{folder}/{name}.py"
    binary = [other for other in sorted(listed) if other.startswith(f"{name}.") and other.endswith(".so")]
    if binary:
        return f"{folder}/{binary[0]}"
    return f"{folder}/{name}" if is_folder else None


def _changed_ns(path: str) -> int:
    """When a file or folder has changed; always the same for the project's own, which is not looked at twice."""
    return 0 if is_own(path) else os.stat(path).st_mtime_ns  # noqa: PTH116 - asked thousands of times


def _listed(folder: str) -> frozenset[str]:
    return _listing(folder, _changed_ns(folder))


@lru_cache(maxsize=1000)
def _listing(folder: str, changed_ns: int) -> frozenset[str]:  # noqa: ARG001 - what has changed is read again
    return frozenset(os.listdir(folder))  # noqa: PTH208 - names alone


@lru_cache(maxsize=1000)
def _is_folder(path: str, changed_ns: int) -> bool:  # noqa: ARG001 - as above
    return Path(path).is_dir()


def _up(file: str, levels: int) -> str:
    """The folder so many levels above a file, with one the file's own."""
    return file.rsplit("/", max(1, levels))[0]


def _lazy_names(package: str) -> dict[str, tuple[str, ...]] | None:
    """What a package that `lazy_loader` fills has, and from where in it, by its stub; None for any other package."""
    files = (f"{package}/__init__.py", f"{package}/__init__.pyi")
    return _stub(*files, *(_changed_ns(file) for file in files))


@lru_cache(maxsize=1000)
def _stub(init: str, stub: str, *changed_ns: int) -> dict[str, tuple[str, ...]] | None:  # noqa: ARG001 - as above
    if "attach_stub" not in Path(init).read_text(encoding="utf-8"):
        return None
    names = {}
    for node in ast.parse(Path(stub).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            for alias in node.names:
                names[alias.asname or alias.name] = (*module, alias.name)
    return names
