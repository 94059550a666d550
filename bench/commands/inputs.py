"""Turn what was typed into what is meant: problems by name or file, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.problems.problem import Problem

    Placement = AllocationProblem | IterationTimeProblem


@dataclass(frozen=True)
class TypedProblem:
    """A problem, and the text of its file if it came from one."""

    problem: Problem
    content: str | None


def problem_typed(text: str) -> TypedProblem:
    """The problem of a name, of any family, or of a problem file; raises `BadInput` if it is neither."""
    if text.endswith(".json") or Path(text).is_file():
        from tasklet_bench.problems.files import read_problem

        return TypedProblem(read_problem(text), Path(text).read_text(encoding="utf-8"))
    from tasklet_bench.bench.plugins import problem_named

    return TypedProblem(problem_named(text), None)


def placing(problem: Problem) -> Placement:
    """The problem, if it places devices on a grid, scored formally or in seconds; raises `BadInput` if not."""
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.iteration_time import IterationTimeProblem

    if not isinstance(problem, AllocationProblem | IterationTimeProblem):
        raise BadInput.at(problem.name, "family", problem.family, "allocation or iteration-time")
    return problem


def formal(problem: Problem, wish: str = "") -> AllocationProblem:
    """The problem, if it is of the formal family; raises `BadInput` if not, naming the `wish` that needs it."""
    from tasklet_bench.problems.allocation import AllocationProblem

    if not isinstance(problem, AllocationProblem):
        where = f"{wish} for {problem.name}" if wish else problem.name
        raise BadInput.at(where, "family", problem.family, "allocation: name the formal instance itself")
    return problem


def budget_typed(evaluations: int | None, cpu_seconds: float | None, wall_seconds: float | None) -> Budget | None:
    """The budget of these options; None if none of them was given."""
    from tasklet_bench.bench.runs.budget import Budget

    if evaluations is None and cpu_seconds is None and wall_seconds is None:
        return None
    return Budget(evaluations, cpu_seconds, wall_seconds)


def parameters_typed(pairs: list[str] | None) -> dict[str, str]:
    """Read `-P name=value` pairs."""
    parameters = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput.at("option -P", "its value", repr(pair), "NAME=VALUE")
        parameters[name.strip()] = value.strip()
    return parameters
