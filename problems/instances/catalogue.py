"""Every instance by its name, and the suites made of them. Listing imports neither numpy nor any generator.

>>> load("generated/uniform?n=64&dp=8&seed=1").shape
Shape(data_parallel=8, pipeline_parallel=8)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.data import toml
from tasklet_bench.problems.instances.digests import digest
from tasklet_bench.problems.instances.spec import understand
from tasklet_bench.problems.workload import Shape

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation import Allocation, AllocationProblem

_LINE_BREAK = re.compile(r"(?<!\n)\n(?![\n-]) *")
"""Within a paragraph or a list item."""


@dataclass(frozen=True)
class Suite:
    """Instances to run together, and the champion that a leaderboard compares with."""

    name: str
    summary: str
    champion: str
    problems: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the instances' digests, in any order, and of the champion; not of names."""
        return suite_digest((digest(name) for name in self.problems), self.champion)


def suite_digest(digests: Iterable[str], champion: str) -> str:
    """Hex SHA-256 of a set of instances and a champion; results of suites that differ in it are never mixed."""
    return hashlib.sha256("\n".join([champion, *sorted(digests)]).encode()).hexdigest()


def names() -> tuple[str, ...]:
    """The listed instances of the family `allocation`; any other name that the grammar allows loads as well."""
    return tuple(name for name in listed() if name.partition("/")[0] not in families.ROOMS)


def listed() -> tuple[str, ...]:
    """The listed instances of all families, each in its canonical spelling."""
    return tuple(name for group in toml("listed").values() for name in group)


def load(name: str) -> AllocationProblem:
    """Build an instance; its `name` is the canonical spelling.

    Raises `BadInput` for an unknown base, key or value, with the nearest known one.
    """
    from tasklet_bench.problems.allocation.site_level import make_problem
    from tasklet_bench.problems.files.size import check_devices

    spec = understand(name)
    check_devices(spec.shape.n_devices, spec.name, n_sites=spec.n_kept)
    return make_problem(spec.name, spec.topology(), spec.workload, spec.shape)


def canonical_name(name: str) -> str:
    """The one spelling of an instance: fixed order of keys, defaults left out."""
    return understand(name).name


def shape(name: str) -> Shape:
    """Shape D×K of an instance, without building it."""
    return understand(name).shape


def links_of(name: str) -> int:
    """How many rows the matrices have that an instance's links are kept in: devices, or sites where those are many."""
    return understand(name).n_kept


def summary(name: str) -> str:
    """An instance in one line."""
    return understand(name).summary


def tags(name: str) -> tuple[str, ...]:
    """What kind of instance it is."""
    return understand(name).tags


def describe(name: str) -> str:
    """At length: what was measured or drawn, how, when, which delay is meant, and what was assumed inside a site.

    A paragraph or a list item is one line.
    """
    spec = understand(name)
    changed = f"\n\nHere: {'; '.join(spec.changed.values())}." if spec.changed else ""
    return _LINE_BREAK.sub(" ", spec.base.describe().strip()) + changed


def tables(name: str) -> tuple[str, ...]:
    """The site tables whose figures an instance uses; none for drawn and constructed links."""
    return understand(name).base.tables


def planted_optimum(name: str) -> Allocation | None:
    """The allocation that an instance was built from and that is proven optimal for it; None for all others."""
    from tasklet_bench.problems.allocation import Allocation

    spec = understand(name)
    if "known-optimum" not in spec.tags or "relabel" in spec.changed:
        return None
    from tasklet_bench.problems.instances.generated import planted

    return Allocation(planted.plant(spec.shape, int(spec.values["seed"]), str(spec.values["lure"])))


def suites() -> tuple[str, ...]:
    """Names of the suites."""
    return tuple(toml("suites"))


def suite(name: str) -> Suite:
    """A suite by its name; raises `BadInput` with the nearest one for an unknown name."""
    known = toml("suites")
    if name not in known:
        raise BadInput.unknown("suite", name, known)
    entry = known[name]
    if "problems" in entry:
        members = tuple(entry["problems"])
    else:
        members = tuple(name for name in names() if shape(name).n_devices <= entry["largest"])
    return Suite(name, entry["summary"], entry["champion"], members)
