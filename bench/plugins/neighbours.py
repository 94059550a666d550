"""A plug-in's file with its neighbours: the modules in its folder, which it can import and nobody else sees.

Each folder becomes a package of a private name, and `import helper` in one of its files means the `helper` in it. So
two plug-ins may have neighbours of one name, and none of them stands in the way of an installed package. Neighbours
come before installed packages, as they do for a script, but not before Python's own library and `tasklet_bench`. What
is run is the source as it is, never bytecode of an earlier one.

A module that is imported by a text has to be given its place: `importlib.import_module(".helper", __package__)`.
"""

from __future__ import annotations

import builtins
import hashlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.code import Sources

_PREFIX = "tasklet_plugin_"
_imported: dict[str, str] = {}
"""The hash of the content that each file was imported with."""


def import_file(path: Path) -> ModuleType:
    """Import a plug-in's file; raises whatever it raises, and then nothing of it is left.

    A file that has changed since it was imported is imported anew, with its neighbours.
    """
    path = path.resolve()
    package = _package(path.parent)
    name = f"{package}.{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}"
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    if name in sys.modules:
        if _imported.get(name) == content:
            return sys.modules[name]
        for stale in [module for module in sys.modules if module.startswith(f"{package}.")]:
            del sys.modules[stale]
    before = set(sys.modules)
    spec = spec_from_file_location(name, path, loader=_Loader(name, str(path)))
    if spec is None or spec.loader is None:
        raise BadInput.at(str(path), "file", "no Python module", "a .py file")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for added in set(sys.modules) - before:
            if added.startswith(_PREFIX):
                del sys.modules[added]
        raise
    _imported[name] = content
    return module


def _package(folder: Path) -> str:
    """The private package of a folder, made if need be."""
    name = _PREFIX + hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    if name not in sys.modules:
        package = ModuleType(name, f"The plug-ins in {folder}.")
        sys.modules[name] = package
        adopt(package, str(folder))
        for stand_ins in _stand_ins:
            _write_stand_in(stand_ins / name, folder)
    return name


def adopt(package: ModuleType, folder: str) -> None:
    """Make a module the private package of a folder."""
    package.__path__ = [folder]
    _folders[package.__name__] = Path(folder)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


_folders: dict[str, Path] = {}
"""The folder of each private package."""
_stand_ins: list[Path] = []
"""Where processes that this one starts find the private packages, once `lend_to_children` has been called."""


def lend_to_children(folder: Path) -> None:
    """Let fresh interpreters that this process starts import private packages: what pools of processes are handed.

    `multiprocessing` with spawn or forkserver and joblib send functions by the name of their module, and the path on
    which to look for it. In `folder`, which is put on it, a package of each private name stands for the real one.
    """
    folder.mkdir()
    sys.path.append(str(folder))
    _stand_ins.append(folder)
    for name, real in _folders.items():
        _write_stand_in(folder / name, real)


def _write_stand_in(place: Path, folder: Path) -> None:
    place.mkdir()
    (place / "__init__.py").write_text(
        f"import sys\nfrom {__name__} import adopt\nadopt(sys.modules[__name__], {str(folder)!r})\n",
        encoding="utf-8",
    )


class _Finder(MetaPathFinder):
    """Finds modules of private packages."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - Python's own interface
    ) -> ModuleSpec | None:
        """The module in the folder of its package."""
        if not fullname.startswith(_PREFIX) or not path:
            return None
        place = Sources(Path(path[0])).find(fullname.rpartition(".")[2])
        if place is None:
            return None
        init = place / "__init__.py"
        if place.is_dir() and not init.is_file():
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(place)]
            return spec
        if place.is_dir():
            loader = _Loader(fullname, str(init))
            return spec_from_file_location(fullname, init, loader=loader, submodule_search_locations=[str(place)])
        return spec_from_file_location(
            fullname, place, loader=_Loader(fullname, str(place)) if place.suffix == ".py" else None
        )


class _Loader(SourceFileLoader):
    """Runs a module in which `import` finds the neighbours."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - Python's own interface
        """Compile the source: bytecode is distinguished from stale by a second and a length, which is not enough."""
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run it with an `import` of its own."""
        package = module.__name__.partition(".")[0]
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _importer(package)}
        super().exec_module(module)


def _importer(package: str) -> Callable[..., Any]:
    folder = Sources(Path(sys.modules[package].__path__[0]))

    def import_(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        top = name.partition(".")[0]
        if level or not folder.has(top):
            return builtins.__import__(name, globals_, locals_, fromlist, level)
        if fromlist:
            return builtins.__import__(f"{package}.{name}", globals_, locals_, fromlist, 0)
        import_module(f"{package}.{name}")
        return sys.modules[f"{package}.{top}"]

    return import_
