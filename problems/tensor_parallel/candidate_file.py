"""Read candidates from files: a shape by its numbers, and the device of each rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.tensor_parallel.shapes import TensorShape

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import Chosen, TensorParallelProblem

FIELDS = tuple(TensorShape.__dataclass_fields__)


def read_candidate(problem: TensorParallelProblem, data: Mapping[str, Any]) -> Chosen:
    """The candidate of `{"shape": {…}, "order": […]}`; raises `InvalidCandidate` that says what was expected."""
    missing = [key for key in ("shape", "order") if key not in data]
    if missing:
        raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected shape and order")
    shape = _read_shape(data["shape"])
    if shape not in problem.shapes:
        raise InvalidCandidate(f"shape {shape} is none of the {len(problem.shapes)} that fit{_nearest(problem, shape)}")
    _, order = problem.decision.parts
    return np.array([problem.shapes.index(shape)]), order.from_json(data["order"])


def _read_shape(data: Any) -> TensorShape:
    if not isinstance(data, Mapping) or set(data) != set(FIELDS):
        result = ", ".join(map(str, data)) if isinstance(data, Mapping) else type(data).__name__
        raise InvalidCandidate(f"shape: found {result}, expected an object with {', '.join(FIELDS)}")
    if not isinstance(data["mode"], str):
        raise InvalidCandidate(f"shape.mode: found {data['mode']!r:.60}, expected the name of a mode")
    for key in FIELDS[1:]:
        if type(data[key]) is not int or data[key] < 1:
            raise InvalidCandidate(f"shape.{key}: found {data[key]!r:.60}, expected a whole number of at least 1")
    return TensorShape(**data)


def _nearest(problem: TensorParallelProblem, shape: TensorShape) -> str:
    """The shape that differs in fewest fields; a wrong mode comes with its nearest name."""
    if shape.mode not in problem.options.modes:
        return f": {BadInput.unknown('mode', str(shape.mode), problem.options.modes)}"
    nearest = max(problem.shapes, key=lambda fit: sum(getattr(fit, key) == getattr(shape, key) for key in FIELDS))
    return f"; the nearest is {nearest}"
