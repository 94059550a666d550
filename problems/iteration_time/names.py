"""Names of the family: `iteration-time/` before a name of the catalogue, and the options among its keys.

`iteration-time/paper/worldwide?workload=gpt3-xl&schedule=1f1b&tflops=50` is `paper/worldwide?workload=gpt3-xl`, scored
in simulated seconds of that schedule at that speed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

from tasklet_bench.problems.instances.name import Key, canonical, choice, number, read, split, whole
from tasklet_bench.problems.iteration_time.options import Collective, Schedule, Sharing, SimulationOptions

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem

PREFIX = "iteration-time/"

KEYS: tuple[Key, ...] = (
    choice("schedule", "order of the passes of a stage", get_args(Schedule), default="gpipe"),
    whole("micro_batches", "micro-batches of a pipeline", least=1, default=8),
    choice("collective", "how gradients are summed", get_args(Collective), default="direct"),
    choice("sharing", "where messages share a rate", get_args(Sharing), default="independent"),
    number("tflops", "speed of devices whose site declares none; 0: none", 0.0, 1e6, default=0.0),
    number("efficiency", "share of the speed that training reaches", 1e-6, 1.0, default=1.0),
    number("nic_gbps", "rate of a NIC under nic sharing; 0: that of its fastest link", 0.0, 1e6, default=0.0),
)

_OWN = {key.name for key in KEYS}


def load(name: str) -> IterationTimeProblem:
    """Build an instance of the family by its name; raises `BadInput` for what catalogue and options do not know."""
    from tasklet_bench.problems.instances import catalogue
    from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem

    _, query = split(name)
    given = read(name, {key: text for key, text in query.items() if key in _OWN}, KEYS)
    options: dict[str, Any] = {key: None if value == 0 else value for key, value in given.items()}
    return IterationTimeProblem.wrap(catalogue.load(formal_name(name)), SimulationOptions(**options))


def formal_name(name: str) -> str:
    """The catalogue's name of the formal instance behind a name of the family."""
    base, query = split(name.removeprefix(PREFIX))
    rest = "&".join(f"{key}={text}" for key, text in query.items() if key not in _OWN)
    return f"{base}?{rest}" if rest else base


def problem_name(formal_name: str, options: SimulationOptions) -> str:
    """The canonical spelling: the formal problem's own keys first, then the options that differ from their defaults."""
    values = {key: 0.0 if value is None else value for key, value in asdict(options).items()}
    query = canonical("", values, KEYS)
    return PREFIX + (formal_name + query.replace("?", "&", 1) if "?" in formal_name else formal_name + query)
