"""Names of the families: `FAMILY/` before a topology of the catalogue, and a family's own keys among its keys.

`gossip/measured/aws10-uneven-64?mixing=ring` is the topology of `measured/aws10-uneven-64`. A shape D×K and the bytes
of an allocation mean nothing here: their keys are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.devices import EFFICIENCY, MEMORY_GB, TFLOPS, devices_of
from tasklet_bench.problems.collective.model import DEFAULT_MODEL, MODELS
from tasklet_bench.problems.collective.network import Network, first_devices
from tasklet_bench.problems.collective.overlap import OVERLAPS
from tasklet_bench.problems.instances.bases import Base, base
from tasklet_bench.problems.instances.generated.families import FAMILIES
from tasklet_bench.problems.instances.name import Key, Values, canonical, choice, number, read, split, whole
from tasklet_bench.problems.instances.spec import MODIFIERS, Spec
from tasklet_bench.problems.topology import Topology
from tasklet_bench.problems.workload import Shape

REFUSED: tuple[str, ...] = ("dp", "pp", "pp_scale", "workload", "schedule", "micro_batches", "collective", "sharing")
"""Keys of the families that place a grid of pipelines."""

FIRST = whole("first", "only the first so many devices; 0: all", least=0, default=0)
MODEL = choice("model", "preset of the model that every device holds", MODELS, default=DEFAULT_MODEL)
TFLOPS_KEY = number("tflops", "speed of devices whose site declares none; 0: none", 0.0, 1e6, default=TFLOPS)
EFFICIENCY_KEY = number("efficiency", "share of the speed that training reaches", 1e-6, 1.0, default=EFFICIENCY)
MEMORY_KEY = number("memory_gb", "memory of devices whose site declares none", 1e-3, 1e6, default=MEMORY_GB)
OVERLAP = choice("overlap", "what the exchange of models runs beside", OVERLAPS, default="delayed")
LOCAL_STEPS = whole("local_steps", "steps of computing between two exchanges", least=1, default=1)

NETWORK_KEYS: tuple[Key, ...] = (FIRST, MODEL, TFLOPS_KEY, EFFICIENCY_KEY)
"""Keys of devices and model that every family of this kind has; `MEMORY_KEY` is for those that look at memory."""

_LINK_KEYS = tuple(key for key in MODIFIERS if key.name not in REFUSED)
_LINK_DRAWS = {"noise", "asymmetry", "failed_links", "relabel"}


@dataclass(frozen=True, eq=False)
class NamedNetwork:
    """What a name says: its canonical spelling, the network, and the values of all keys by name."""

    name: str
    network: Network
    values: Values = field(repr=False)


def read_name(name: str, family: str, keys: Sequence[Key], drawn: Sequence[str] = ()) -> NamedNetwork:
    """Read `FAMILY/source/base?key=value&…`, where `keys` are the family's own, those of the network included.

    `draw` is the seed of what is drawn of the links and of the family's `drawn` keys (given where those are not at
    their defaults; `draw` itself may be among `keys`, with a default of its own). Raises `BadInput` for what cannot be
    read, with the nearest thing that can.
    """
    base_name, query = split(name)
    result = _base(base_name.removeprefix(f"{family}/"), name)
    for key in REFUSED:
        if key in query:
            raise BadInput.at(name, key, "a key of placements on a grid", f"none: {family} has no grid or pipeline")
    own = {key.name for key in keys}
    links = [key for key in (*result.keys, *_LINK_KEYS) if key.name not in own | {"dp"}]
    known = (*links, *keys)
    values = read(name, query, known)
    if "draw" in query and "draw" not in own and not _is_drawn(values, (*_LINK_DRAWS, *drawn), known):
        expected = "one of " + ", ".join([*sorted(_LINK_DRAWS), *drawn]) + " beside it"
        raise BadInput.at(name, "draw", query["draw"], expected)
    spelling = f"{family}/{canonical(result.name, values, known)}"
    topology = _topology(result, values, spelling)
    if values["first"]:
        topology = first_devices(topology, int(values["first"]), spelling)
    devices = devices_of(
        topology,
        float(values["tflops"]),
        float(values.get("memory_gb", MEMORY_GB)),
        float(values["efficiency"]),
        spelling,
    )
    return NamedNetwork(spelling, Network(spelling, topology, devices, MODELS[str(values["model"])]), values)


def _base(base_name: str, name: str) -> Base:
    result = base(base_name)
    source, _, short = base_name.partition("/")
    if source == "generated" and FAMILIES[short].knows_shape:
        others = ", ".join(f"generated/{other}" for other, family in FAMILIES.items() if not family.knows_shape)
        raise BadInput.at(name, "base", f"{base_name}, which is built for a grid", f"links without one: {others}")
    return result


def _is_drawn(values: Values, names: Sequence[str], keys: Sequence[Key]) -> bool:
    defaults = {key.name: key.default for key in keys}
    return any(name in defaults and values[name] != defaults[name] for name in names)


def _topology(result: Base, values: Values, spelling: str) -> Topology:
    """The base's links with what the keys do to them; no grid is built."""
    full = {key.name: values.get(key.name, key.default or 1) for key in (*result.keys, *MODIFIERS)}
    full |= {"dp": 1, "workload": "gpt3-xl-reference", "pp_scale": 1.0}
    spec = Spec(result, full, Shape(1, result.n_devices or int(full["n"])))
    try:
        return spec.topology()
    except BadInput as error:
        raise BadInput(str(error).replace(spec.name, spelling)) from None
