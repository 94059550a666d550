"""Names of the family: `swarm/` before a name of the catalogue, and the options among its keys.

`swarm/measured/gcp4-hivemind-32?stages=4&noise=0.5` asks which of four stages each of the 32 devices serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.name import Key, Values, choice, number, whole
from tasklet_bench.problems.pipeline_model.model import split
from tasklet_bench.problems.pipeline_model.names import Instance, understand
from tasklet_bench.problems.swarm.options import SwarmOptions, Wiring

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.problem import SwarmProblem

FAMILY = "swarm"

KEYS: tuple[Key, ...] = (
    whole("stages", "stages K of the pipelines", least=1, default=4),
    Key(
        "stage_layers", str, "whole numbers, joined by commas", "layers of each stage; nearly equally many if none", ""
    ),
    whole("micro_batch", "sequences of a micro-batch", least=1, default=1),
    whole("in_flight", "micro-batches that a device holds at once", least=1, default=4),
    number("activation_bytes", "bytes of an activation that travels; 1 is 8-bit compression", 0.01, 16.0, default=2.0),
    choice("wiring", "how a stage hands its outputs on", get_args(Wiring), default="best"),
    whole("scenarios", "drawn scenarios of who is absent; 0: nobody ever is", default=0, most=1000),
    number("absence", "probability that a device is absent in a scenario", 0.0, 1.0, default=0.1),
    number("restart_s", "seconds that an empty stage costs", 0.0, 1e9, default=600.0),
)

NO_KEYS = {
    "dp": "stages=K: how many devices serve a stage is what is decided",
    "pp": "stages=K",
    "pp_scale": "activation_bytes, the bytes of an activation",
}


def load(name: str) -> SwarmProblem:
    """Build an instance of the family by its name; raises `BadInput` for what catalogue and options do not know."""
    from tasklet_bench.problems.swarm.problem import SwarmProblem

    instance = read(name)
    devices = instance.devices()
    options = _options(instance, devices.n_devices)
    return SwarmProblem(instance.name, devices, instance.model, options, assumptions=instance.assumptions)


def read(name: str) -> Instance:
    """A name that was understood: its canonical spelling and the values of its keys."""
    return understand(name, FAMILY, KEYS, NO_KEYS, drawn=("scenarios",))


def _options(instance: Instance, n_devices: int) -> SwarmOptions:
    values, layers = instance.values, instance.model.layers
    stages = int(values["stages"])
    if stages > layers:
        raise BadInput.at(instance.name, "stages", f"{stages} for {layers} layers", f"at most {layers}")
    wiring: Wiring = "best" if values["wiring"] == "best" else "proportional"
    return SwarmOptions(
        _stage_layers(instance) or split(layers, stages),
        int(values["micro_batch"]),
        int(values["in_flight"]),
        float(values["activation_bytes"]),
        wiring,
        draw_absences(values, n_devices),
        float(values["restart_s"]),
    )


def _stage_layers(instance: Instance) -> tuple[int, ...]:
    text, stages = str(instance.values["stage_layers"]), int(instance.values["stages"])
    if not text:
        return ()
    try:
        layers = tuple(int(number) for number in text.split(","))
    except ValueError:
        layers = ()
    if len(layers) != stages or sum(layers) != instance.model.layers or min(layers) < 1:
        expected = f"{stages} whole numbers above 0 with the sum {instance.model.layers}, joined by commas"
        raise BadInput.at(instance.name, "stage_layers", repr(text), expected)
    return layers


def draw_absences(values: Values, n_devices: int) -> tuple[tuple[bool, ...], ...]:
    """Who is absent in each scenario, every device by itself; drawn from the key `draw`."""
    from tasklet_bench.problems.instances.generated.draw import generator

    count = int(values["scenarios"])
    if not count:
        return ()
    rng = generator("swarm-absences", n_devices, int(values["draw"]))
    away = rng.random((count, n_devices)) < float(values["absence"])
    return tuple(tuple(row) for row in away.tolist())
