"""Instances as JSON: sites and links as in a problem file, the model, and the family's own `problem`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.devices import EFFICIENCY, MEMORY_GB, TFLOPS, devices_of
from tasklet_bench.problems.collective.model import DEFAULT_MODEL, MODELS
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.files.problem_file import topology_from_json
from tasklet_bench.problems.validation import StrictModel, validated
from tasklet_bench.problems.workload import Transformer

RESULTS: frozenset[str] = frozenset({"family", "tolerance", "bound_s", "optimum_s", "candidates", "invalid"})
"""Keys that may stand in a file and are ignored: what was computed from the instance."""

_LINKS = ("name", "sites", "delay_ms", "bandwidth_gbps", "delay_is")

Options = TypeVar("Options", bound=StrictModel)


class _Model(StrictModel):
    name: str | None = None
    preset: str | None = None
    layers: int | None = Field(None, ge=1)
    hidden: int | None = Field(None, ge=1)
    sequence_length: int | None = Field(None, ge=1)
    sequences_per_iteration: int | None = Field(None, ge=1)


class _InstanceFile(StrictModel):
    name: str
    sites: list[Any]
    delay_ms: list[Any]
    bandwidth_gbps: list[Any]
    delay_is: Literal["rtt", "one-way"] = "rtt"
    model: _Model | None = None
    tflops: float = Field(TFLOPS, ge=0)
    memory_gb: float = Field(MEMORY_GB, gt=0)
    efficiency: float = Field(EFFICIENCY, gt=0, le=1)
    problem: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ReadInstance(Generic[Options]):
    """A network, the family's options, and what the file gives beside them, by key."""

    network: Network
    options: Options
    given: dict[str, Any]


def read_instance(
    data: dict[str, Any],
    source: str,
    options: type[Options],
    given: Collection[str] = (),
    derived: Collection[str] = (),
) -> ReadInstance[Options]:
    """Read an instance; its `problem` is checked by the family's model of `options`.

    `given` are keys that the family reads itself, `derived` those that follow from others and are ignored. Raises
    `BadInput` that names `source` and the first wrong field.
    """
    ignored = RESULTS | set(derived) | set(given)
    file = validated(_InstanceFile, {key: value for key, value in data.items() if key not in ignored}, source)
    topology = topology_from_json({key: data[key] for key in _LINKS if key in data}, source)
    devices = devices_of(topology, file.tflops, file.memory_gb, file.efficiency, source)
    network = Network(file.name, topology, devices, _transformer(file.model, f"{source}: model"))
    taken = {key: data[key] for key in given if data.get(key) is not None}
    return ReadInstance(network, validated(options, file.problem, f"{source}: problem"), taken)


def _transformer(model: _Model | None, where: str) -> Transformer:
    """A model spelt out, or by its preset; a `name` beside what is spelt out is only a name."""
    if model is None:
        return MODELS[DEFAULT_MODEL]
    shape = model.model_dump(exclude_none=True, exclude={"name", "preset"})
    if len(shape) == len(Transformer.__dataclass_fields__) and model.preset is None:
        return Transformer(**shape)
    preset = model.preset or model.name
    if shape or preset is None:
        expected = "{preset} or {" + ", ".join(Transformer.__dataclass_fields__) + "}"
        raise BadInput(f"{where}: found {{{', '.join(model.model_dump(exclude_none=True))}}}, expected {expected}")
    if preset not in MODELS:
        raise BadInput(f"{where}: {BadInput.unknown('preset', preset, MODELS)}")
    return MODELS[preset]
