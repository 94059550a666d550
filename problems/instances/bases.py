"""What can stand before the `?` of a name: the paper's scenarios, measured instances, generated families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.data import toml
from tasklet_bench.problems.instances.generated import families
from tasklet_bench.problems.instances.name import Key, Values, whole

if TYPE_CHECKING:
    from tasklet_bench.problems.site_topology import SiteTopology
    from tasklet_bench.problems.topology import Topology
    from tasklet_bench.problems.workload import Shape, Workload

Build = Callable[[Values, "Shape", "Workload"], "Topology"]
BuildBySite = Callable[[Values], "SiteTopology"]


@dataclass(frozen=True)
class Base:
    """An instance before its modifiers, or a family of them.

    `describe` tells at length what it is and where its figures come from; `n_devices` is N, or None where the key `n`
    says it; `build` imports what it needs and makes the topology; `tables` are the site tables that figures come from.
    `build_by_site` makes the same links without expanding them, where they depend on sites alone.
    """

    name: str
    summary: str
    tags: tuple[str, ...]
    keys: tuple[Key, ...]
    describe: Callable[[], str]
    n_devices: int | None
    build: Build
    tables: tuple[str, ...] = ()
    build_by_site: BuildBySite | None = None


def base(name: str) -> Base:
    """The base of that name; raises `BadInput` with the nearest one for an unknown name."""
    source, _, short = name.partition("/")
    if source not in _SOURCES:
        raise BadInput.unknown("problem", name, all_bases())
    known = _SOURCES[source]()
    if short not in known:
        raise BadInput.unknown("problem", name, [f"{source}/{other}" for other in known])
    return known[short]


def all_bases() -> tuple[str, ...]:
    """Names of all bases."""
    return tuple(f"{source}/{short}" for source, bases in _SOURCES.items() for short in bases())


@cache
def _paper() -> dict[str, Base]:
    def make(short: str, entry: dict[str, Any]) -> Base:
        def build(*_: object) -> Topology:
            from tasklet_bench.problems.instances import paper

            return paper.topology(short)

        return _fixed(f"paper/{short}", entry, 64, 8, build)

    return {short: make(short, entry) for short, entry in toml("paper").items()}


@cache
def _measured() -> dict[str, Base]:
    def make(short: str, entry: dict[str, Any]) -> Base:
        def build(values: Values, *_: object) -> Topology:
            from tasklet_bench.problems.instances import measured

            return measured.topology(short, *(int(values[key.name]) for key in own))

        rule = entry.get("bandwidth", {})
        own = [_streams(rule["streams"])] if "streams" in rule else []
        return _fixed(f"measured/{short}", entry, int(short.rpartition("-")[2]), entry["dp"], build, *own)

    return {short: make(short, entry) for short, entry in toml("measured").items()}


@cache
def _generated() -> dict[str, Base]:
    def make(short: str, family: families.Family) -> Base:
        def build(values: Values, shape: Shape, workload: Workload) -> Topology:
            own: dict[str, Any] = {key.name: values[key.name] for key in family.parameters}
            if family.knows_shape:
                own |= {"shape": shape, "workload": workload}
            topology: Topology = families.module(short).topology(values["n"], values["seed"], **own)
            return topology

        def describe() -> str:
            return str(families.module(short).__doc__)

        def build_by_site(values: Values) -> SiteTopology:
            own: dict[str, Any] = {key.name: values[key.name] for key in family.parameters}
            topology: SiteTopology = families.module(short).site_topology(values["n"], values["seed"], **own)
            return topology

        name, tags = f"generated/{short}", ("generated", *family.tags)
        by_site = build_by_site if family.by_site else None
        return Base(name, family.summary, tags, family.keys, describe, None, build, build_by_site=by_site)

    return {short: make(short, family) for short, family in families.FAMILIES.items()}


def _streams(default: int) -> Key:
    return whole("streams", "TCP streams of a link whose bandwidth is modelled", least=1, default=default)


def _fixed(name: str, entry: dict[str, Any], n: int, dp: int, build: Build, *own: Key) -> Base:
    """An instance whose N is given, at any shape; a measured one's name ends in its N."""
    return Base(
        name,
        entry["summary"],
        (name.partition("/")[0], *entry["tags"]),
        (whole("dp", "replicas D; the stages are K = N/D", least=1, default=dp), *own),
        lambda: str(entry["description"]),
        n,
        build,
        tuple(entry["tables"]) if "tables" in entry else (entry["table"],),
    )


_SOURCES: dict[str, Callable[[], dict[str, Base]]] = {
    "paper": _paper,
    "measured": _measured,
    "generated": _generated,
}
