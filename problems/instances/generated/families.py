"""The families of generated instances and their parameters, without importing any generator."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tasklet_bench.problems.instances.name import Key, choice, number, whole

MOST_DEVICES = 4096

N = whole("n", "number of devices", least=2, most=MOST_DEVICES)
DP = whole("dp", "replicas D; the stages are K = N/D", least=1)
SEED = whole("seed", "seed of the drawing")


@dataclass(frozen=True)
class Family:
    """A family: its idea in one line, its tags, and its own parameters beside `n`, `dp` and `seed`."""

    summary: str
    tags: tuple[str, ...]
    parameters: tuple[Key, ...] = ()
    knows_shape: bool = False
    """Whether its links depend on the shape and the workload too."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys that make an instance of the family."""
        return (N, DP, SEED, *self.parameters)


FAMILIES: dict[str, Family] = {
    "uniform": Family("every link drawn on its own, all distinct", ("no-sites", "symmetric")),
    "geometric": Family(
        "points on a sphere: delay is distance, bandwidth falls with it",
        ("no-sites", "symmetric", "metric"),
        (
            number("inflation", "length of a route over the great circle", 1.0, 10.0, default=1.5),
            whole("streams", "TCP streams of a link", least=1, default=8),
        ),
    ),
    "clustered": Family(
        "uneven sites, log-normal links inside and between",
        ("sites", "uneven", "symmetric"),
        (
            whole("sites", "number of sites", least=1, default=8),
            number("spread", "deviation of the logarithm of a link around its sites' median", 0.0, 3.0, default=0.2),
        ),
    ),
    "hierarchical": Family(
        "hosts in racks in sites: devices of a host are interchangeable",
        ("sites", "symmetric", "interchangeable"),
        (
            whole("host", "devices of a host", least=1, default=4),
            whole("rack", "hosts of a rack", least=1, default=2),
            whole("sites", "number of sites", least=1, default=4),
        ),
    ),
    "farm": Family(
        "sites of devices of several kinds, fast inside, slower between",
        ("sites", "uneven", "symmetric", "interchangeable"),
        (
            whole("sites", "number of sites", least=1, default=6),
            whole("kinds", "kinds of devices", least=1, most=6, default=4),
        ),
    ),
    "machines": Family(
        "machines of several GPUs in one data centre, on one fabric",
        ("sites", "symmetric", "interchangeable"),
        (
            whole("node", "devices of a machine", least=1, default=8),
            number("node_gbps", "bandwidth inside a machine", 0.001, 1e6, default=545.0),
            number("fabric_gbps", "bandwidth between machines", 0.001, 1e6, default=25.0),
            whole("rack", "machines of a rack; 0: all on one switch", least=0, default=0),
        ),
    ),
    "transit": Family(
        "a backbone of shared lines and an access line for each device",
        ("sites", "uneven", "symmetric"),
        (whole("routers", "routers of the backbone, one a site", least=2, most=64, default=12),),
    ),
    "cities": Family(
        "the paper's ten cities, site sizes drawn at random",
        ("sites", "uneven", "symmetric", "interchangeable"),
    ),
    "planted": Family(
        "built backwards from an allocation that is provably optimal, with decoys",
        ("symmetric", "known-optimum"),
        (
            whole("decoys", "decoy partitions, and as many decoy wirings", least=0, most=8, default=2),
            choice("lure", "heuristic that the declared sites lead astray", ("site-pure", "aligned"), "site-pure"),
        ),
        knows_shape=True,
    ),
}


def module(family: str) -> Any:
    """The generator of a family: `problems.instances.generated.FAMILY`, imported on use."""
    return import_module(f"tasklet_bench.problems.instances.generated.{family}")
