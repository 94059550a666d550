"""Instance files of the family: what `problems.pipeline_model.instance_file` reads, with the options of swarm."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.instance_file import read_instance
from tasklet_bench.problems.pipeline_model.model import split
from tasklet_bench.problems.swarm.options import SwarmOptions
from tasklet_bench.problems.swarm.problem import SwarmProblem
from tasklet_bench.problems.validation import StrictModel


class _Options(StrictModel):
    stages: int = Field(ge=1)
    micro_batch: int = Field(1, ge=1)
    in_flight: int = Field(4, ge=1)
    bytes_per_activation: float = Field(2.0, gt=0)
    wiring: Literal["best", "proportional"] = "best"
    stage_layers: list[int] | None = None
    absences: list[list[int | bool]] | None = None
    restart_s: float = Field(600.0, ge=0)


def from_json(data: Any, source: str) -> SwarmProblem:
    """The instance of a file's content; raises `BadInput` that names file and field."""
    file = read_instance(data, source, _Options)
    given = file.options
    if given.stages > file.model.layers:
        raise BadInput.at(
            source, "options.stages", f"{given.stages} for {file.model.layers} layers", f"at most {file.model.layers}"
        )
    layers = split(file.model.layers, given.stages) if given.stage_layers is None else tuple(given.stage_layers)
    if len(layers) != given.stages:
        raise BadInput.at(source, "options.stage_layers", f"{len(layers)} numbers", f"{given.stages}, one a stage")
    absences = tuple(tuple(bool(away) for away in row) for row in given.absences or ())
    options = SwarmOptions(
        layers,
        given.micro_batch,
        given.in_flight,
        given.bytes_per_activation,
        given.wiring,
        absences,
        given.restart_s,
    )
    try:
        return SwarmProblem(file.name, file.devices, file.model, options)
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None
