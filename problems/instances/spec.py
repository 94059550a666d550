"""A name that was understood: its base, the values of its keys, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.size import DENSE_DEVICES
from tasklet_bench.problems.instances.bases import Base, base
from tasklet_bench.problems.instances.name import Key, Values, as_text, canonical, choice, number, read, split, whole
from tasklet_bench.problems.workload import PRESETS, Shape, Workload, workload_of_preset

if TYPE_CHECKING:
    from tasklet_bench.problems.topology import Topology

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

_WRAPPERS = ("noise", "asymmetry", "failed_links", "relabel")

_SHOWN = ("dp", "draw")

_WORDS = {
    "workload": "workload {value}",
    "pp_scale": "activations × {value}",
    "delay": "{value} delays",
    "failed_links": "{value} failed links",
    "relabel": "devices relabelled",
    "sites": "{value} sites",
    "streams": "{value} streams",
}

SMALL, MEDIUM = 32, 128
"""Largest N of the instances tagged `small` and `medium`; above they are `large`."""


@dataclass(frozen=True)
class Spec:
    """A base, the values of all its keys, and the shape D×K."""

    base: Base
    values: Values
    shape: Shape

    @property
    def name(self) -> str:
        """The canonical spelling."""
        return canonical(self.base.name, self.values, (*self.base.keys, *MODIFIERS))

    @property
    def changed(self) -> dict[str, str]:
        """Keys with another value than their default, in words; those that a shape or a seed show are left out."""
        keys = [key for key in (*self.base.keys, *MODIFIERS) if key.default is not None and key.name not in _SHOWN]
        return {
            key.name: _WORDS.get(key.name, "{key} {value}").format(key=key.name, value=as_text(self.values[key.name]))
            for key in keys
            if self.values[key.name] != key.default
        }

    @property
    def summary(self) -> str:
        """One line: the base's, and what is different here."""
        return "; ".join([self.base.summary, *self.changed.values()])

    @property
    def tags(self) -> tuple[str, ...]:
        """What kind of instance it is: the base's tags, corrected for what is different, and those of its shape."""
        result = dict.fromkeys(self.base.tags)
        for key in self.changed:
            for gone in _ENDED_BY.get(key, ()):
                result.pop(gone, None)
        result |= dict.fromkeys(_TAGGED[key] for key in self.changed if key in _TAGGED)
        if self.values["pp_scale"] != 1.0:
            result["pp-light" if float(self.values["pp_scale"]) < 1 else "pp-heavy"] = None
        return (*result, *_shape_tags(self.shape))

    @property
    def workload(self) -> Workload:
        """The preset at this shape, its activations scaled."""
        full, factor = workload_of_preset(str(self.values["workload"]), self.shape), float(self.values["pp_scale"])
        return full if factor == 1 else Workload(full.gradient_bytes, full.activation_bytes * factor)

    @property
    def by_site(self) -> bool:
        """Whether its links are kept by site: there are many devices, and no wrapper tells those of a site apart."""
        wrapped = any(self.values[key] not in (0, "no") for key in _WRAPPERS)
        return self.shape.n_devices > DENSE_DEVICES and self.base.build_by_site is not None and not wrapped

    @property
    def n_kept(self) -> int:
        """Rows of the matrices that its links are kept in: sites, if they are kept by site, else devices."""
        return int(self.values["sites"]) if self.by_site else self.shape.n_devices

    def topology(self) -> Topology:
        """Build it: the base's links, half of their delays if asked for, then what the wrappers do, in this order.

        Raises `BadInput` for values that do not go together.
        """
        try:
            if self.by_site and self.base.build_by_site:
                links = self.base.build_by_site(self.values)
                return links.one_way() if self.values["delay"] == "one-way" else links
            return modified(self.base.build(self.values, self.shape, self.workload), self.values)
        except ValueError as error:
            raise BadInput(f"{self.name}: {error}") from error


def modified(topology: Topology, values: Values) -> Topology:
    """What the keys that any name may carry do to a base's links, in their fixed order."""
    from tasklet_bench.problems.instances import wrappers

    seed = int(values["draw"])
    if values["delay"] == "one-way":
        topology = topology.one_way()
    if values["noise"]:
        topology = wrappers.noisy(topology, float(values["noise"]), seed)
    if values["asymmetry"]:
        topology = wrappers.asymmetric(topology, float(values["asymmetry"]), seed)
    if values["failed_links"]:
        topology = wrappers.with_failed_links(topology, int(values["failed_links"]), seed)
    if values["relabel"] == "yes":
        topology = wrappers.relabelled(topology, seed)
    return topology


_TAGGED = {
    "workload": "real-model",
    "delay": "one-way",
    "noise": "noisy",
    "asymmetry": "directed",
    "failed_links": "failed-links",
    "relabel": "no-sites",
}
"""The tag that a changed key brings."""

_ENDED_BY = {
    "delay": ("known-optimum",),
    "noise": ("known-optimum", "interchangeable", "metric"),
    "asymmetry": ("known-optimum", "interchangeable", "symmetric"),
    "failed_links": ("known-optimum", "metric"),
    "relabel": ("sites", "even", "uneven"),
}
"""The tags that a changed key takes away."""


def understand(name: str) -> Spec:
    """Read a name; raises `BadInput` for an unknown base, key or value, with the nearest known one."""
    base_name, query = split(name)
    result = base(base_name)
    values = read(name, query, (*result.keys, *MODIFIERS))
    if values["draw"] and not any(values[key] not in (0, "no") for key in _WRAPPERS):
        raise BadInput.at(name, "draw", str(values["draw"]), "one of " + ", ".join(_WRAPPERS) + " beside it")
    n, dp = result.n_devices or int(values["n"]), int(values["dp"])
    if n % dp:
        divisors = ", ".join(str(d) for d in range(1, n + 1) if n % d == 0)
        raise BadInput.at(name, "dp", str(dp), f"a divisor of {n} devices: {divisors}")
    return Spec(result, values, Shape(dp, n // dp))


def _shape_tags(shape: Shape) -> tuple[str, str]:
    d, k, n = shape.data_parallel, shape.pipeline_parallel, shape.n_devices
    size = "small" if n <= SMALL else "medium" if n <= MEDIUM else "large"
    return size, "square" if d == k else "wide" if d > k else "deep"
