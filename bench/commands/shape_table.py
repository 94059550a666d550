"""`solve` of a problem file without a grid: the shape is chosen first, with a half of the budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.shape_choice import Choice
    from tasklet_bench.bench.plugins import Resolved
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
    from tasklet_bench.problems.problem import Problem

CHOICE_SHARE = 0.5
"""Share of the budget for choosing the shape; the rest is spent on the chosen one."""


def choose(
    typed: str,
    budget: Budget,
    spec_of: Callable[[Problem, ProblemRef, Budget], RunSpec],
    run: Callable[[RunSpec], RunRecord],
) -> Choice | None:
    """The chosen shape; None where a grid is given."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.bench.campaigns.shape_choice import choose_shape

    data = plugins.without_grid(typed)
    if data is None:
        return None
    left = budget.part(CHOICE_SHARE)

    def solve(resolved: Resolved, share: float) -> RunRecord:
        nonlocal left
        problem, ref = resolved.problem, resolved.ref
        if plugins.compares_in_seconds(problem):
            problem, ref = plugins.in_seconds(problem, ref.content)
        record = run(spec_of(problem, ref, left.part(share)))
        left = left.part(1 - share) if share < 1 else left
        return record

    return choose_shape(plugins.shapes_of(data, typed), typed, solve)


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
