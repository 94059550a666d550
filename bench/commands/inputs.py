"""Turn what was typed into what is meant: problems by name or file, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.problem import Placement, Problem


def placement(problem: Problem, wish: str = "") -> Placement:
    """The problem, if it places devices on a grid; raises `BadInput` if not, naming the `wish` that needs it."""
    from tasklet_bench.bench.plugins import placement_of

    result = placement_of(problem)
    if result is None:
        where = f"{wish} for {problem.name}" if wish else problem.name
        raise BadInput.at(where, "family", problem.family, "one that places devices on a grid, such as allocation")
    return result


def formal(problem: Problem, wish: str = "") -> AllocationProblem:
    """The formal problem itself; raises `BadInput` if there is none, naming the `wish` that needs it."""
    from tasklet_bench.bench.plugins import formal_of

    result = formal_of(problem)
    if result is None or result is not problem:
        where = f"{wish} for {problem.name}" if wish else problem.name
        raise BadInput.at(where, "family", problem.family, "allocation: name the formal instance itself")
    return result


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
