"""Names of the family: `iteration-time/` before a name of the catalogue, and the options among its keys.

`iteration-time/paper/worldwide?workload=gpt3-xl&schedule=1f1b&tflops=50` is `paper/worldwide?workload=gpt3-xl`, scored
in simulated seconds of that schedule at that speed. `iteration-time/FILE.json?…` is the same for a problem file.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

from tasklet_bench.problems.instances.name import Key, as_text, canonical, choice, number, read, split, whole
from tasklet_bench.problems.iteration_time.options import (
    Collective,
    Exchange,
    Memory,
    Recomputation,
    Schedule,
    Sends,
    Sharing,
    SimulationOptions,
    Update,
)

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem, Layers, Wiring

PREFIX = "iteration-time/"


def efficiencies(text: str) -> tuple[tuple[str, float], ...]:
    """Read `T4:0.3,A10:0.4`; raises `ValueError` for anything else."""
    pairs = [pair.rpartition(":") for pair in text.split(",") if pair]
    if any(not kind or not 0 < float(share) <= 1 for kind, _, share in pairs):
        raise ValueError(text)
    return tuple(sorted((kind, float(share)) for kind, _, share in pairs))


def _efficiencies(text: str) -> str:
    return ",".join(f"{kind}:{as_text(share)}" for kind, share in efficiencies(text))


KEYS: tuple[Key, ...] = (
    choice("schedule", "order of the passes of a stage", get_args(Schedule), default="gpipe"),
    whole("micro_batches", "micro-batches of a pipeline", least=1, default=8),
    choice("collective", "how gradients are summed", get_args(Collective), default="direct"),
    choice("sharing", "where messages share a rate", get_args(Sharing), default="independent"),
    number("tflops", "speed of devices whose site declares none; 0: none", 0.0, 1e6, default=0.0),
    number("efficiency", "share of the speed that training reaches", 1e-6, 1.0, default=1.0),
    number("nic_gbps", "rate of a NIC under nic sharing; 0: that of its fastest link", 0.0, 1e6, default=0.0),
    choice("sends", "the runtime whose way of sending is taken", get_args(Sends), default="overlapped"),
    choice("exchange", "when gradients are summed", get_args(Exchange), default="runtime"),
    choice("recomputation", "whether forward passes are made again", get_args(Recomputation), default="none"),
    whole("chunks", "chunks of a device in the interleaved schedule", least=2, default=2),
    number("receive_gbps", "rate at which a device pays for what it receives; 0: not at all", 0.0, 1e6, default=0.0),
    Key("efficiency_of", _efficiencies, "TYPE:SHARE,…", "efficiency of some types of device", default=""),
    choice("update", "whether updating the weights counts", get_args(Update), default="apart"),
    choice("memory", "what becomes of a stage that does not fit", get_args(Memory), default="reported"),
    choice(
        "wiring",
        "whether the formal cost wires a partition, or the whole grid is searched",
        ("formal", "free"),
        "formal",
    ),
    choice("layers", "whether stages hold as many layers, or how many is searched", ("equal", "free"), "equal"),
)

_OWN = {key.name for key in KEYS}


def load(name: str) -> IterationTimeProblem:
    """Build an instance of the family by its name; raises `BadInput` for what catalogue and options do not know."""
    from tasklet_bench.problems.files import read_problem
    from tasklet_bench.problems.instances import catalogue
    from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem

    options, wiring, layers = read_options(name)
    base = formal_name(name)
    formal = read_problem(base) if base.endswith(".json") else catalogue.load(base)
    return IterationTimeProblem.wrap(formal, options, wiring, layers)


def read_options(name: str) -> tuple[SimulationOptions, Wiring, Layers]:
    """The options among a name's keys, and what is decided."""
    _, query = split(name)
    given: dict[str, Any] = read(name, {key: text for key, text in query.items() if key in _OWN}, KEYS)
    wiring, layers = given.pop("wiring"), given.pop("layers")
    options: dict[str, Any] = {key: None if value == 0 else value for key, value in given.items()}
    options["efficiency_of"] = efficiencies(str(given["efficiency_of"]))
    return SimulationOptions(**options), wiring, layers


def formal_name(name: str) -> str:
    """The catalogue's name of the formal instance behind a name of the family."""
    base, query = split(name.removeprefix(PREFIX))
    rest = "&".join(f"{key}={text}" for key, text in query.items() if key not in _OWN)
    return f"{base}?{rest}" if rest else base


def problem_name(formal_name: str, options: SimulationOptions, wiring: str = "formal", layers: str = "equal") -> str:
    """The canonical spelling: the formal problem's own keys first, then the options that differ from their defaults."""
    values = {key: 0.0 if value is None else value for key, value in asdict(options).items()}
    values |= {"wiring": wiring, "layers": layers}
    values["efficiency_of"] = ",".join(f"{kind}:{as_text(share)}" for kind, share in options.efficiency_of)
    query = canonical("", values, KEYS)
    return PREFIX + (formal_name + query.replace("?", "&", 1) if "?" in formal_name else formal_name + query)
