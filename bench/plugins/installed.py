"""Plug-ins of installed packages: entry points of two groups, found without importing anything.

>>> # [project.entry-points."tasklet_bench.strategies"]
>>> # patient = "my_package.patient:Patient"
>>> # [project.entry-points."tasklet_bench.problems"]
>>> # chain = "my_package.chain:load"
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tasklet_bench.bench.plugins.code_identity import CodeIdentity, package_identity
from tasklet_bench.bench.plugins.files import BrokenPlugin, contained

STRATEGIES = "tasklet_bench.strategies"
PROBLEMS = "tasklet_bench.problems"


@dataclass(frozen=True)
class Installed:
    """A plug-in by its entry point. `rivals` are others of the same name, because of which neither can be used."""

    point: EntryPoint
    distribution: str
    version: str
    rivals: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The distribution and its version, as pip writes them."""
        return f"{self.distribution}=={self.version}"

    @property
    def target(self) -> str:
        """How a record says what was run: `distribution==version:name`."""
        return f"{self.source}:{self.point.name}"

    def load(self) -> Any:
        """Import what the entry point names; raises `BrokenPlugin`."""
        if self.rivals:
            raise BrokenPlugin(f"{self.target}: its name is taken by {' and '.join(self.rivals)}")
        with contained(f"{self.target} ({self.point.value})", "imported"):
            return self.point.load()

    def identity(self) -> CodeIdentity:
        """The identity of its module, with all of the package that this imports."""
        return package_identity(self.point.module, self.source)


def installed_strategies() -> dict[str, Installed]:
    """Installed strategies by name; the project's own names are not to be had."""
    from tasklet_bench.strategies.registry import STRATEGIES as OWN

    return _by_name(STRATEGIES, OWN)


def installed_problems() -> dict[str, Installed]:
    """Installed problem families by the prefix of their names; the project's own prefixes are not to be had."""
    return _by_name(PROBLEMS, own_prefixes())


@cache
def own_prefixes() -> frozenset[str]:
    """What names of the project's own problems begin with."""
    from tasklet_bench.problems import families
    from tasklet_bench.problems.instances import catalogue

    return frozenset({*families.ROOMS, *(name.partition("/")[0] for name in catalogue.names())})


def _by_name(group: str, own: Collection[str]) -> dict[str, Installed]:
    plugins = _find(group, tuple(sys.path))
    rivals: dict[str, list[str]] = {name: ["tasklet-bench"] for name in own}
    for plugin in plugins:
        rivals.setdefault(plugin.point.name, []).append(plugin.source)
    return {p.point.name: replace(p, rivals=tuple(r for r in rivals[p.point.name] if r != p.source)) for p in plugins}


@cache
def _find(group: str, path: tuple[str, ...]) -> tuple[Installed, ...]:  # noqa: ARG001 - another path finds others
    points = sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    return tuple(Installed(point, *_distribution(point)) for point in points)


def _distribution(point: EntryPoint) -> tuple[str, str]:
    return (point.dist.name, point.dist.version) if point.dist else ("unknown", "0")
