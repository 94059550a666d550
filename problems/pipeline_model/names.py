"""Names of the three families: `swarm/` or another of them before a name of the catalogue, and keys of their own.

`swarm/measured/residential-20?rates=10&cards=RTX4090,RTX3090&stages=4` is the catalogue's topology at ten times its
bandwidths, with the two types of card by turns. How many devices form a group is what these families decide, so that
the catalogue's `dp` and `pp_scale` are no keys here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.bases import Base, base
from tasklet_bench.problems.instances.name import Key, Values, canonical, choice, number, read, split, whole
from tasklet_bench.problems.instances.spec import MODIFIERS
from tasklet_bench.problems.pipeline_model.model import MODELS, Model

if TYPE_CHECKING:
    from tasklet_bench.problems.pipeline_model.devices import Devices
    from tasklet_bench.problems.topology import Topology

KEYS: tuple[Key, ...] = (
    choice("workload", "model and global batch", MODELS, default="gpt3-xl"),
    whole("sequences", "sequences of an iteration; 0: those of the workload", default=0),
    whole("sequence_length", "elements of a sequence; 0: those of the workload", default=0),
    number("efficiency", "share of a card's speed that training reaches", 1e-6, 1.0, default=0.4),
    Key("cards", str, "types of device, joined by commas", "types of device by turns over the sites", ""),
    Key("each", str, "whole numbers, joined by commas", "devices of each site", ""),
    number("rates", "factor on all bandwidths and declared rates of network cards", 1e-6, 1e6, default=1.0),
    choice("network_card", "whether the devices of a site share its way out", ("own", "shared"), default="own"),
    number("memory_gb", "memory of every device; 0: that of its type", 0.0, 1e6, default=0.0),
    number("host_memory_gb", "host memory of every device; 0: that of its site", 0.0, 1e6, default=0.0),
    number("host_link_gbps", "host link of every device; 0: that of its type", 0.0, 1e6, default=0.0),
)
"""Keys of all three families, beside the links' own (noise, asymmetry, …)."""

_LINKS = tuple(key for key in MODIFIERS if key.name not in ("workload", "pp_scale"))
_WRAPPERS = ("noise", "asymmetry", "failed_links", "relabel")


@dataclass(frozen=True, eq=False)
class Instance:
    """A name that was understood: its canonical spelling, its base, and the values of all its keys."""

    name: str
    base: Base
    values: Values

    @property
    def model(self) -> Model:
        """The workload, with the batch that the name asks for."""
        values = self.values
        return MODELS[str(values["workload"])].with_batch(int(values["sequences"]), int(values["sequence_length"]))

    @property
    def assumptions(self) -> str:
        """What is assumed of the devices, in a sentence; measured topologies say nothing of hosts and cards."""
        said = ["efficiency"]
        said += [] if self.values["host_memory_gb"] else ["host memory"]
        said += [] if self.values["host_link_gbps"] else ["host links (PCIe of the card's generation)"]
        cards = "a site's devices share its way out" if self.values["network_card"] == "shared" else "own network cards"
        return f"assumed: {', '.join(said)}; {cards}, as fast as the fastest link where no rate is declared"

    @property
    def description(self) -> str:
        """The base at length, and what is assumed beside it."""
        return f"{self.base.describe().strip()}\n\n{self.assumptions.capitalize()}."

    def topology(self) -> Topology:
        """Sites with the figures of their devices, and links; raises `BadInput` for values that do not go together."""
        from tasklet_bench.problems.instances.spec import modified
        from tasklet_bench.problems.workload import Shape, Workload

        n = self.base.n_devices or int(self.values["n"])
        try:
            topology = self.base.build(self.values, Shape(1, n), Workload(0.0, 0.0))
            return modified(self._equipped(topology), self.values)
        except ValueError as error:
            raise error if isinstance(error, BadInput) else BadInput(f"{self.name}: {error}") from error

    def devices(self) -> Devices:
        """The devices, with their effective speeds and the rates of their cards."""
        from tasklet_bench.problems.pipeline_model.devices import Devices

        return Devices.of_topology(self.topology(), self.name, float(self.values["efficiency"]))

    def _equipped(self, topology: Topology) -> Topology:
        """The base with the sizes of its sites, its cards and its rates as the name says."""
        from tasklet_bench.problems.instances import wrappers
        from tasklet_bench.problems.instances.measured import with_card

        if self.values["each"]:
            topology = wrappers.resized(topology, self._sizes())
        topology = wrappers.scaled(topology, float(self.values["rates"]))
        sites = list(topology.sites)
        kinds = self._cards()
        if kinds:
            sites = [with_card(site, kinds[i % len(kinds)]) for i, site in enumerate(sites)]
        for key in ("memory_gb", "host_memory_gb", "host_link_gbps"):
            if self.values[key]:
                figure: dict[str, Any] = {key: float(self.values[key])}
                sites = [replace(site, **figure) for site in sites]
        topology = replace(topology, sites=tuple(sites))
        return wrappers.with_shared_cards(topology) if self.values["network_card"] == "shared" else topology

    def _sizes(self) -> list[int]:
        text = str(self.values["each"])
        try:
            sizes = [int(size) for size in text.split(",")]
        except ValueError:
            sizes = [0]
        if min(sizes) < 1:
            raise BadInput.at(self.name, "each", repr(text), "whole numbers of at least 1, joined by commas")
        if self.base.n_devices is None:
            raise BadInput.at(self.name, "each", repr(text), "a measured or the paper's topology: its sites are drawn")
        return sizes

    def _cards(self) -> list[str]:
        from tasklet_bench.problems.instances.measured import card_types

        if not self.values["cards"]:
            return []
        kinds = str(self.values["cards"]).split(",")
        for kind in kinds:
            if kind not in card_types():
                raise BadInput(f"{self.name}: cards: {BadInput.unknown('type of device', kind, card_types())}")
        return kinds


def understand(
    name: str, family: str, own: tuple[Key, ...], no_keys: Mapping[str, str], drawn: tuple[str, ...] = ()
) -> Instance:
    """Read a name of a family; raises `BadInput` for an unknown base, key or value, with the nearest known one.

    `own` are the family's own keys, `drawn` those of them that are drawn by the seed `draw`. `no_keys` says of keys of
    other families what stands in their place here.
    """
    base_name, query = split(name.removeprefix(f"{family}/"))
    here = base(base_name)
    if here.name.startswith("generated/planted"):
        raise BadInput.at(
            name, "topology", here.name, "another one: planted links are built for a grid of the family allocation"
        )
    for key in query.keys() & ({"dp", "pp", "pp_scale"} | no_keys.keys()):
        raise BadInput.at(name, key, f"{key}={query[key]}", no_keys.get(key, "no such key in this family"))
    keys = (*(key for key in here.keys if key.name != "dp"), *own, *KEYS, *_LINKS)
    values = read(name, query, keys)
    seeded = (*_WRAPPERS, *drawn)
    if values["draw"] and not any(values[key] not in (0, "no") for key in seeded):
        raise BadInput.at(name, "draw", str(values["draw"]), "one of " + ", ".join(seeded) + " beside it")
    return Instance(canonical(f"{family}/{here.name}", values, keys), here, values)
