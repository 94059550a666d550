"""What identifies a strategy's code: a hash of what it means, and the versions of the libraries that it imports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.code import Identity, Sources, identify
from tasklet_bench.problems.code.meaning import Reference


@dataclass(frozen=True)
class CodeIdentity:
    """The hash of some code, and the version of each distribution that it imports from, directly or not."""

    hash: str
    libraries: dict[str, str]

    def require(self, source: str, code_hash: str, libraries: dict[str, str]) -> None:
        """Raise `BadInput` that names `source` unless this is the code that was planned with."""
        if self.hash != code_hash:
            expected = f"{code_hash}: the code has changed since, or differs here"
            raise BadInput.at(source, "code hash", self.hash, expected)
        for name in sorted({*self.libraries, *libraries}):
            here, planned = self.libraries.get(name, "none"), libraries.get(name, "none")
            if here != planned:
                raise BadInput.at(source, f"version of {name}", here, f"{planned}, as where the run was planned")


def module_identity(file: Path) -> CodeIdentity:
    """The identity of a module of the project."""
    return _with_versions(identify(file))


def plugin_identity(file: Path) -> CodeIdentity:
    """The identity of a plug-in's file with those of its neighbours that it imports."""
    return _with_versions(plugin_sources(file))


def plugin_sources(file: Path) -> Identity:
    """The same before any version is looked up, with the files that the plug-in is made of."""
    return identify(file, Sources(file.absolute().parent))


def package_identity(module: str, source: str) -> CodeIdentity:
    """The identity of a module of an installed package, whose distribution and version are `source`.

    The package's data files and compiled modules count by the version alone.
    """
    top = module.partition(".")[0]
    spec = find_spec(top)
    origin = Path(spec.origin) if spec and spec.origin else None
    if origin is None:
        raise BadInput.at(source, "module", f"no source of {top}", "an importable package")
    folder = origin.parent.parent if origin.name == "__init__.py" else origin.parent
    sources = Sources(folder, frozenset({top}))
    targets = sources.resolve(Reference(0, tuple(module.split("."))), origin)
    result = identify([target.file for target in targets if target.file is not None] or [origin], sources)
    code = hashlib.sha256(f"{source} {result.hash}".encode()).hexdigest()
    return CodeIdentity(code, library_versions(result.libraries - {top}))


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Version of each distribution that names at the top come from; imports nothing, leaves out what is missing."""
    distributions = {distribution for name in names for distribution in _distributions(name)}
    return {name: _version(name) for name in sorted(distributions)}


def _with_versions(result: Identity) -> CodeIdentity:
    return CodeIdentity(result.hash, library_versions(result.libraries))


_version = cache(version)
"""Looked up once, as what a process has imported does not change either."""


@cache
def _distributions(name: str) -> tuple[str, ...]:
    """Distributions that a name at the top is imported from: most are called like it, and the rest takes a search."""
    try:
        _version(name)
    except (PackageNotFoundError, ValueError):
        return tuple(_all_distributions().get(name, ()))
    return (name,)


@cache
def _all_distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())
