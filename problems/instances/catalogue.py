"""Every instance by its name, and the suites made of them. Listing imports neither numpy nor any generator.

>>> load("generated/uniform?n=64&dp=8&seed=1").shape
Shape(data_parallel=8, pipeline_parallel=8)
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from problems.bad_input import BadInput
from problems.instances.bases import Base, base
from problems.instances.name import Key, Values, canonical, choice, number, read, split, whole
from problems.workload import PRESETS, Shape, Workload, workload_of_preset

if TYPE_CHECKING:
    from problems.allocation import AllocationProblem
    from problems.topology import Topology

MODIFIERS: tuple[Key, ...] = (
    choice("workload", "preset of the workload", PRESETS, default="gpt3-xl-reference"),
    number("pp_scale", "factor on the bytes of activations c_pp", 0.001, 1000.0, default=1.0),
    choice("delay", "whether a delay is the round-trip time or half of it", ("rtt", "one-way"), default="rtt"),
    number("noise", "deviation of the logarithm of every pair's delay and bandwidth", 0.0, 3.0, default=0.0),
    number("asymmetry", "deviation of the logarithm of a direction's bandwidth", 0.0, 3.0, default=0.0),
    whole("failed_links", "pairs of devices made a million times slower", least=0, default=0),
    choice("relabel", "whether devices are numbered anew, each a site of its own", ("no", "yes"), default="no"),
    whole("draw", "seed of noise, asymmetry, failed_links and relabel", least=0, default=0),
)
"""Keys that any name may carry: the workload, the meaning of delays, and what is done to the links afterwards."""


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
        return suite_digest((load(name).digest for name in self.problems), self.champion)


def suite_digest(digests: Iterable[str], champion: str) -> str:
    """Hex SHA-256 of a set of instances and a champion; results of suites that differ in it are never mixed."""
    return hashlib.sha256("\n".join([champion, *sorted(digests)]).encode()).hexdigest()


def names() -> tuple[str, ...]:
    """The listed instances, each in its canonical spelling; any other name that the grammar allows loads as well."""
    return tuple(_toml("listed")["names"])


def load(name: str) -> AllocationProblem:
    """Build an instance; its `name` is the canonical spelling.

    Raises `BadInput` for an unknown base, key or value, with the nearest known one.
    """
    from problems.allocation import AllocationProblem

    spec = _spec(name)
    try:
        topology = _modified(spec.base.build(spec.values, spec.shape, spec.workload), spec.values)
    except ValueError as error:
        raise BadInput(f"{spec.name}: {error}") from error
    return AllocationProblem(spec.name, topology, spec.workload, spec.shape)


def canonical_name(name: str) -> str:
    """The one spelling of an instance: fixed order of keys, defaults left out."""
    return _spec(name).name


def shape(name: str) -> Shape:
    """Shape D×K of an instance, without building it."""
    return _spec(name).shape


def summary(name: str) -> str:
    """An instance in one line."""
    return _spec(name).base.summary


def tags(name: str) -> tuple[str, ...]:
    """What kind of instance it is."""
    return _spec(name).base.tags


def describe(name: str) -> str:
    """At length: what was measured or drawn, how, when, which delay is meant, and what was assumed inside a site."""
    return _spec(name).base.describe().strip()


def suites() -> tuple[str, ...]:
    """Names of the suites."""
    return tuple(_toml("suites"))


def suite(name: str) -> Suite:
    """A suite by its name; raises `BadInput` with the nearest one for an unknown name."""
    known = _toml("suites")
    if name not in known:
        raise BadInput.unknown("suite", name, known)
    entry = known[name]
    return Suite(name, entry["summary"], entry["champion"], tuple(entry["problems"]))


@dataclass(frozen=True)
class _Spec:
    """A name that was understood."""

    base: Base
    values: Values
    shape: Shape

    @property
    def name(self) -> str:
        return canonical(self.base.name, self.values, (*self.base.keys, *MODIFIERS))

    @property
    def workload(self) -> Workload:
        full, factor = workload_of_preset(str(self.values["workload"]), self.shape), float(self.values["pp_scale"])
        return full if factor == 1 else Workload(full.gradient_bytes, full.activation_bytes * factor)


def _modified(topology: Topology, values: Values) -> Topology:
    """Half of the delays if asked for, then what the wrappers do, in this order."""
    from problems.instances import wrappers

    noise, asymmetry, failed, seed = values["noise"], values["asymmetry"], values["failed_links"], values["draw"]
    if values["delay"] == "one-way":
        topology = topology.one_way()
    if noise:
        topology = wrappers.noisy(topology, float(noise), int(seed))
    if asymmetry:
        topology = wrappers.asymmetric(topology, float(asymmetry), int(seed))
    if failed:
        topology = wrappers.with_failed_links(topology, int(failed), int(seed))
    if values["relabel"] == "yes":
        topology = wrappers.relabelled(topology, int(seed))
    return topology


def _spec(name: str) -> _Spec:
    base_name, query = split(name)
    found = base(base_name)
    values = read(name, query, (*found.keys, *MODIFIERS))
    return _Spec(found, values, _shape(name, found.devices(values), int(values["dp"])))


def _shape(name: str, n: int, dp: int) -> Shape:
    if n % dp:
        divisors = ", ".join(str(d) for d in range(1, n + 1) if n % d == 0)
        raise BadInput.at(name, "dp", str(dp), f"a divisor of {n} devices: {divisors}")
    return Shape(dp, n // dp)


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
