"""How `solve` minimises simulated seconds: the formal optimum first, then seconds from there, then both compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import RunSpec
    from tasklet_bench.problems.problem import Problem

FORMAL_SHARE = 0.2
"""Share of the budget for the formal optimum, from which the search in seconds begins."""


def run_in_seconds(
    formal_spec: RunSpec, seconds_spec: RunSpec, run: Callable[[RunSpec], RunRecord]
) -> tuple[RunRecord, dict[str, Any] | None]:
    """Search the formal cost for a part of the budget, then seconds for the rest; the record and the formal optimum."""
    if seconds_spec.start is not None:
        formal_spec = replace(formal_spec, start=seconds_spec.start)
    formal = run(replace(formal_spec, budget=share_of(formal_spec.budget, FORMAL_SHARE)))
    start = seconds_spec.start or formal.candidate
    record = run(replace(seconds_spec, budget=share_of(seconds_spec.budget, 1 - FORMAL_SHARE), start=start))
    return record, formal.candidate


def share_of(budget: Budget, share: float) -> Budget:
    """A part of every limit of a budget."""
    return replace(
        budget,
        evaluations=None if budget.evaluations is None else max(1, round(budget.evaluations * share)),
        cpu_s=None if budget.cpu_s is None else budget.cpu_s * share,
        wall_s=None if budget.wall_s is None else budget.wall_s * share,
    )


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
