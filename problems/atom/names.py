"""Names of the family: `atom/` before a name of the catalogue, and the options among its keys.

`atom/measured/residential-20?rates=10&sequences=2048` asks which of the 20 homes take part, and how each swaps the
model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.problems.atom.options import ACCUMULATIONS, AtomOptions
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.name import Key, number, whole
from tasklet_bench.problems.pipeline_model.names import Instance, understand

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.problem import AtomProblem

FAMILY = "atom"

_DEFAULT = ",".join(map(str, ACCUMULATIONS))

KEYS: tuple[Key, ...] = (
    whole("micro_batch", "sequences of a micro-batch", least=1, default=1),
    Key("accumulations", str, "ascending whole numbers, joined by commas", "micro-batches of a pass", _DEFAULT),
    number("gradient_bytes", "bytes of a gradient that travels", 0.01, 16.0, default=4.0),
)

NO_KEYS = {
    "dp": "no such key: who takes part is what is decided",
    "pp": "no such key: every peer runs the whole model",
    "pp_scale": "no such key: activations stay with their peer",
    "stages": "no such key: every peer runs the whole model",
}


def load(name: str) -> AtomProblem:
    """Build an instance of the family by its name; raises `BadInput` for what catalogue and options do not know."""
    from tasklet_bench.problems.atom.problem import AtomProblem

    instance = read(name)
    values = instance.values
    options = AtomOptions(int(values["micro_batch"]), _accumulations(instance), float(values["gradient_bytes"]))
    return AtomProblem(instance.name, instance.devices(), instance.model, options, assumptions=instance.assumptions)


def read(name: str) -> Instance:
    """A name that was understood: its canonical spelling and the values of its keys."""
    return understand(name, FAMILY, KEYS, NO_KEYS)


def _accumulations(instance: Instance) -> tuple[int, ...]:
    text = str(instance.values["accumulations"])
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise BadInput.at(instance.name, "accumulations", repr(text), "whole numbers, joined by commas") from None
