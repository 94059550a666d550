"""Choose the shape D×K of a problem that leaves it open: solve each within a share, and take the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench import plugins
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.plugins import OpenShape, Resolved
    from tasklet_bench.bench.runs.record import RunRecord

SolveShape = Callable[["Resolved", float], "RunRecord"]
"""Solves the problem of a shape within a share of a budget."""


@dataclass(frozen=True)
class Considered:
    """A shape with its formal cost and, where devices' speeds are known, its simulated seconds; or why it has none."""

    shape: str
    cost_s: float | None
    simulated_s: float | None
    bound_s: float | None
    why: str


@dataclass(frozen=True)
class Choice:
    """The chosen shape's problem with the candidate that was found for it, and all shapes in order of their stages."""

    resolved: Resolved
    candidate: dict[str, Any]
    considered: tuple[Considered, ...]
    by: str


def choose_shape(shapes: Sequence[OpenShape], source: str, solve: SolveShape) -> Choice:
    """Solve the shapes from the least bound up; one whose bound is above the best that was found cannot be better.

    Raises `BadInput` where no shape is feasible, or nothing was found for any.
    """
    require_feasible(shapes, source)
    feasible = [(shape.resolved, shape) for shape in shapes if shape.resolved is not None]
    in_seconds = plugins.compares_in_seconds(feasible[0][0].problem)
    bounded = sorted(
        ((_bound_s(resolved, in_seconds), resolved, shape) for resolved, shape in feasible), key=lambda one: one[0]
    )
    best: tuple[float, Resolved, dict[str, Any], str] | None = None
    reported = {shape.shape: Considered(shape.shape, None, None, None, shape.refused or "") for shape in shapes}
    for number, (bound_s, resolved, shape) in enumerate(bounded):
        if best is not None and bound_s >= best[0]:
            reported[shape.shape] = Considered(shape.shape, None, None, bound_s, "its bound is above the best")
            continue
        record = solve(resolved, 1 / (len(bounded) - number))
        if record.candidate is None:
            reported[shape.shape] = Considered(shape.shape, None, None, bound_s, f"nothing found: {record.status}")
            continue
        candidate = resolved.problem.candidate_from_json(record.candidate)
        cost_s = resolved.problem.cost(candidate).total_s
        simulated_s = plugins.simulated_s(resolved.problem, candidate) if in_seconds else None
        reported[shape.shape] = Considered(shape.shape, cost_s, simulated_s, bound_s, "")
        value_s = cost_s if simulated_s is None else simulated_s
        if best is None or value_s < best[0]:
            best = value_s, resolved, record.candidate, shape.shape
    if best is None:
        raise BadInput.at(source, "grid", "no placement of any shape", "a larger budget, or a grid")
    by = "simulated seconds" if in_seconds else "formal cost: without tflops of all sites computing is not compared"
    _, resolved, result, chosen = best
    rows = tuple(reported[shape.shape] for shape in shapes)
    return Choice(resolved, result, tuple(_with_reason(row, chosen) for row in rows), by)


def require_feasible(shapes: Sequence[OpenShape], source: str) -> None:
    """Raise `BadInput` where no shape is feasible."""
    if all(shape.resolved is None for shape in shapes):
        raise BadInput.at(source, "grid", "no shape whose stages fit into memory", "more memory_gb, or a smaller model")


def _bound_s(resolved: Resolved, in_seconds: bool) -> float:
    problem = resolved.problem
    return plugins.in_seconds(problem, resolved.ref.content)[0].bound() if in_seconds else problem.bound()


def _with_reason(row: Considered, chosen: str) -> Considered:
    if row.why:
        return row
    why = "chosen" if row.shape == chosen else "dearer"
    return Considered(row.shape, row.cost_s, row.simulated_s, row.bound_s, why)
