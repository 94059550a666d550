"""Problem files without a grid: the shapes that their devices can form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins.files import file_of
from tasklet_bench.bench.plugins.problems import problem_ref
from tasklet_bench.bench.plugins.resolve import Resolved
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasklet_bench.problems.problem import Problem


@dataclass(frozen=True)
class OpenShape:
    """A shape that a file leaves open: the problem at it, and why it is none to solve (None: it is one)."""

    shape: str
    resolved: Resolved | None
    refused: str | None


def without_grid(text: str) -> dict[str, Any] | None:
    """The content of a problem file that says no grid; None for anything else that can be typed."""
    from pathlib import Path

    from tasklet_bench.problems.files import is_file, read_problem_json

    if file_of(text) is not None or not (text.endswith(".json") and is_file(Path(text))):
        return None
    data = read_problem_json(text)
    open_ = isinstance(data, dict) and data.get("family", "allocation") == "allocation" and "grid" not in data
    return data if open_ and "sites" in data else None


def shapes_of(data: dict[str, Any], source: str) -> list[OpenShape]:
    """All numbers of stages with as many replicas as the devices give, each feasible or refused with a reason.

    Devices that a shape leaves over are spares. Raises `BadInput` for a workload whose bytes are those of one grid.
    """
    from tasklet_bench.problems import families
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.iteration_time.fitting import fits
    from tasklet_bench.problems.iteration_time.options import SimulationOptions

    one = problem_at_one(data, source)
    assert isinstance(one, AllocationProblem)  # noqa: S101 - `without_grid` looked at the family
    model = one.workload.transformer
    if model is None:
        expected = "a model (layers, hidden, …, or its preset) without a grid: bytes are those of one shape"
        raise BadInput.at(source, "workload", ", ".join(data["workload"]), expected)
    result = []
    n = len(one.available)
    for stages in range(1, min(n, model.layers) + 1):
        replicas = min(n // stages, model.sequences_per_iteration)
        content = _at(data, replicas, stages)
        problem = families.from_json(content, source)
        assert isinstance(problem, AllocationProblem)  # noqa: S101 - as above
        fitting = fits(problem, SimulationOptions())
        refused = None if fitting else "its stages do not fit into memory"
        resolved = Resolved(problem_ref(problem, json.dumps(content)), problem.family) if fitting else None
        result.append(OpenShape(str(problem.shape), resolved, refused))
    return result


def excluding(data: dict[str, Any], source: str, references: Sequence[str]) -> dict[str, Any]:
    """The file's content without the devices of these references; raises `BadInput` for what none is called."""
    from tasklet_bench.bench.plugins.losses import devices_named

    given = devices_named(problem_at_one(data, source), references, "options --without and --lose")
    return {**data, "exclude": [*data.get("exclude", []), *given]}


def problem_at_one(data: dict[str, Any], source: str) -> Problem:
    """The problem with the smallest grid, a single device, which all that do not look at grids can ask."""
    from tasklet_bench.problems import families

    return families.from_json(_at(data, 1, 1), source)


def compares_in_seconds(problem: Problem) -> bool:
    """Whether the speed of every device is known, so that shapes compare by simulated seconds."""
    return all(site.tflops is not None for site in problem.sites)


def _at(data: dict[str, Any], replicas: int, stages: int) -> dict[str, Any]:
    return {**data, "grid": {"data_parallel": replicas, "pipeline_parallel": stages}}
