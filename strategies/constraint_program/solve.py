"""One attempt at one window by CP-SAT: one worker, a fixed seed, deterministic time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from tasklet_bench.strategies.constraint_program.window_model import WindowModel
from tasklet_bench.strategies.run import BudgetExhausted

OnSolution = Callable[[NDArray[np.int64], float], None]
"""Receives the counts, `(K, C)`, of each better solution and the deterministic seconds since the attempt began."""

_SAFE_SUM = 2**30
"""Above, one family of rules of the presolve stays off, as OR-Tools 9.15 adds up Boolean terms in 32 bits there: sums
above 2³¹ wrap, conditions are dropped from rows, feasible models called infeasible (google/or-tools, issue 5293)."""


@dataclass(frozen=True)
class Limits:
    """What one attempt may take: deterministic seconds, and seconds on the clock (None is unlimited)."""

    deterministic_s: float
    wall_s: float | None


@dataclass(frozen=True)
class Manner:
    """How to go about it: the seed, and whether to use a linear relaxation."""

    seed: int
    linear: bool


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to: whether nothing better is left in the window, and else what nothing costs less than."""

    closed: bool
    bound: int
    deterministic_s: float


def load() -> None:
    """Solve an empty model, so that the solver's code is in memory."""
    cp_model.CpSolver().solve(cp_model.CpModel())


def solve(window_model: WindowModel, manner: Manner, limits: Limits, on_solution: OnSolution) -> Outcome:
    """Minimise within the limits. A `BudgetExhausted` from `on_solution` ends the attempt and is raised again."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = manner.seed
    solver.parameters.linearization_level = int(manner.linear)
    solver.parameters.cp_model_probing_level = 0
    if window_model.largest_sum > _SAFE_SUM:
        solver.parameters.presolve_inclusion_work_limit = 0
    solver.parameters.max_deterministic_time = limits.deterministic_s
    if limits.wall_s is not None:
        solver.parameters.max_time_in_seconds = limits.wall_s
    teller = _Teller(window_model.counts, on_solution)
    status = solver.solve(window_model.model, teller)
    if teller.exhausted is not None:
        raise teller.exhausted
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT refused the model: {window_model.model.validate()}")
    closed = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    bound = 0 if closed else math.ceil(solver.best_objective_bound - 0.5)
    return Outcome(closed, bound, solver.response_proto.deterministic_time)


class _Teller(cp_model.CpSolverSolutionCallback):
    """Hands solutions on; keeps an exception for later, as none may pass through the solver."""

    def __init__(self, counts: list[list[cp_model.IntVar]], on_solution: OnSolution) -> None:
        super().__init__()
        self._counts = counts
        self._on_solution = on_solution
        self.exhausted: BudgetExhausted | None = None

    def on_solution_callback(self) -> None:
        """Read the counts and tell them."""
        counts = np.array([[self.value(count) for count in stage] for stage in self._counts], dtype=np.int64)
        try:
            self._on_solution(counts, self.deterministic_time)
        except BudgetExhausted as exhausted:
            self.exhausted = exhausted
            self.stop_search()
