"""Instance files of the family: devices, a model, and which shapes take part."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.size import MOST_DEVICES
from tasklet_bench.problems.pipeline_model.instance_file import read_instance
from tasklet_bench.problems.tensor_parallel.options import Mode, TensorParallelOptions
from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem
from tasklet_bench.problems.validation import StrictModel

_DEFAULT = TensorParallelOptions()


class _Options(StrictModel):
    modes: list[Mode] = Field(list(_DEFAULT.modes))
    micro_batch_sizes: list[int] = Field(list(_DEFAULT.micro_batch_sizes))
    most_tensor: int = Field(_DEFAULT.most_tensor, ge=1, le=MOST_DEVICES)
    least_used: float = Field(_DEFAULT.least_used, gt=0, le=1)


def from_json(data: dict[str, Any], source: str) -> TensorParallelProblem:
    """The instance of a file's content; results beside it are ignored. Raises `BadInput` naming source and field."""
    read = read_instance(data, source, _Options)
    given = read.options
    try:
        options = TensorParallelOptions(
            tuple(given.modes), tuple(given.micro_batch_sizes), given.most_tensor, given.least_used
        )
        return TensorParallelProblem(read.name, read.devices, read.model, options)
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None
