"""Instance files of the family: what `problems.pipeline_model.instance_file` reads, with the options of atom."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tasklet_bench.problems.atom.options import ACCUMULATIONS, AtomOptions
from tasklet_bench.problems.atom.problem import AtomProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.instance_file import read_instance
from tasklet_bench.problems.validation import StrictModel


class _Options(StrictModel):
    micro_batch: int = Field(1, ge=1)
    accumulations: list[int] = Field(list(ACCUMULATIONS), min_length=1)
    bytes_per_gradient: float = Field(4.0, gt=0)


def from_json(data: Any, source: str) -> AtomProblem:
    """The instance of a file's content; raises `BadInput` that names file and field."""
    file = read_instance(data, source, _Options)
    given = file.options
    try:
        options = AtomOptions(given.micro_batch, tuple(given.accumulations), given.bytes_per_gradient)
        return AtomProblem(file.name, file.devices, file.model, options)
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None
