"""All clauses, in the order in which they are checked and shown."""

from __future__ import annotations

from tasklet_bench.bench.contract import budgets, randomness, remarks, results, shapes, side_effects
from tasklet_bench.bench.contract.clause import Clause, clause

CLAUSES: tuple[Clause, ...] = (
    *map(
        clause,
        (
            results.valid_allocations,
            results.progress_monotone,
            results.bounds_true,
            randomness.seed_obeyed,
            randomness.global_random_unused,
            budgets.evaluation_budget,
            budgets.evaluations_counted,
            budgets.submit_within_budget,
            budgets.cpu_budget,
            budgets.wall_budget,
            budgets.sigterm_obeyed,
            side_effects.problem_unmodified,
            side_effects.survives_pickling,
            side_effects.best_known_unread,
            side_effects.nothing_kept,
            side_effects.well_described,
        ),
    ),
    *shapes.CLAUSES,
    *map(clause, (remarks.beats_random, remarks.time_split)),
)
