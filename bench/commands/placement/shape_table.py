"""`solve` of a problem file without a grid: the shape is chosen first, with a half of the budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.campaigns.shape_choice import choose_shape, require_feasible
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.shape_choice import Choice
    from tasklet_bench.bench.commands.placement.asked import Asked
    from tasklet_bench.bench.plugins import OpenShape, Resolved
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
    from tasklet_bench.problems.problem import Problem

CHOICE_SHARE = 0.5
"""Share of the budget for choosing the shape; the rest is spent on the chosen one."""


def open_shapes(asked: Asked) -> list[OpenShape] | None:
    """The shapes that a problem file without a grid leaves open, without devices that leave; None if a grid is given.

    Raises `BadInput` where no shape is feasible, and for `--start`, which stands at a shape that nobody has given.
    """
    from tasklet_bench.bench import plugins

    data = plugins.without_grid(asked.problem)
    if data is None:
        return None
    if asked.start is not None or asked.moves is not None:
        raise BadInput.at(asked.problem, "grid", "nothing", "the shape at which the allocation of --start stands")
    if asked.leaving:
        data = plugins.excluding(data, asked.problem, asked.leaving)
    shapes = plugins.shapes_of(data, asked.problem)
    require_feasible(shapes, asked.problem)
    return shapes


def choose(asked: Asked, shapes: list[OpenShape], run: Callable[[RunSpec], RunRecord]) -> Choice:
    """Choose within a share of the budget, each shape searched by its family's own strategy."""
    left = asked.budget.part(CHOICE_SHARE)

    def solve(resolved: Resolved, share: float) -> RunRecord:
        nonlocal left
        record = run(asked.spec(*objective_of(resolved), left.part(share), by_default=True))
        left = left.part(1 - share) if share < 1 else left
        return record

    return choose_shape(shapes, asked.problem, solve)


def objective_of(resolved: Resolved) -> tuple[Problem, ProblemRef]:
    """The problem by which a shape is compared with others: in simulated seconds where all speeds are known."""
    from tasklet_bench.bench import plugins

    problem, ref = resolved.problem, resolved.ref
    return plugins.in_seconds(problem, ref.content) if plugins.compares_in_seconds(problem) else (problem, ref)


def table_of(choice: Choice) -> list[str]:
    """All shapes considered, as lines."""
    lines = [
        f"no grid is given: shapes compared by {choice.by}",
        "shape    formal cost (s)  simulated (s)      bound (s)",
    ]
    for row in choice.considered:
        figures = "".join(
            f"{'–' if value is None else format(value, '.6g'):>15}"
            for value in (row.cost_s, row.simulated_s, row.bound_s)
        )
        lines.append(f"{row.shape:<9}{figures}  {row.why}")
    return lines


def shapes_json(choice: Choice) -> dict[str, Any]:
    """The keys that `solve --json` has besides."""
    chosen = next(row.shape for row in choice.considered if row.why == "chosen")
    return {"shape": chosen, "compared_by": choice.by, "shapes": [asdict(row) for row in choice.considered]}
