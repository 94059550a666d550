"""All clauses, in the order in which they are checked and shown."""

from __future__ import annotations

from tasklet_bench.bench.contract import budgets, randomness, remarks, results, shapes
from tasklet_bench.bench.contract import side_effects as manners
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
            manners.problem_unmodified,
            manners.survives_pickling,
            manners.best_known_unread,
            manners.nothing_kept,
            manners.well_described,
        ),
    ),
    *shapes.CLAUSES,
    *map(clause, (remarks.beats_random, remarks.time_split)),
)
