"""How `solve` minimises simulated seconds: the formal optimum first, then seconds from there, then both compared."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.portfolio import Solved
    from tasklet_bench.bench.campaigns.solver import Solver
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import RunSpec
    from tasklet_bench.problems.problem import Problem

FORMAL_SHARE = 0.2
"""Share of the budget for the formal optimum, from which the search in seconds begins."""


def solve_in_seconds(
    formal: Problem,
    formal_spec: RunSpec,
    seconds: Problem,
    spec: RunSpec,
    solver: Solver,
) -> tuple[Solved, dict[str, Any] | None]:
    """Search the formal cost for a part of the budget, then seconds for the rest; the result and the formal optimum."""
    start = spec.start if spec.start is not None else formal_spec.start
    first = replace(formal_spec, budget=formal_spec.budget.part(FORMAL_SHARE), start=start)
    optimum = solver.solve(formal, first, by_portfolio=True).record.candidate
    rest = replace(spec, budget=spec.budget.part(1 - FORMAL_SHARE), start=spec.start or optimum)
    return solver.solve(seconds, rest, by_portfolio=False), optimum


def compare_objectives(
    seconds: Problem, record: RunRecord, formal_optimum: dict[str, Any] | None
) -> dict[str, dict[str, float]]:
    """Both objectives of what was found, of the default order and of the formal optimum, by name."""
    from tasklet_bench.bench import plugins

    candidates = {
        "found": record.candidate,
        "default order": plugins.default_order(seconds),
        "formal optimum": formal_optimum,
    }
    return {
        name: asdict(plugins.score_both(seconds, candidate))
        for name, candidate in candidates.items()
        if candidate is not None
    }


def describe_comparison(compared: dict[str, dict[str, float]]) -> list[str]:
    """The comparison as lines of a table."""
    lines = ["                  simulated (s)     formal cost (s)"]
    lines += [f"{name:<16}{both['simulated_s']:>15.6g}{both['formal_s']:>20.6g}" for name, both in compared.items()]
    return lines
