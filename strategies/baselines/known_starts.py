"""The best of the problem's own starts: what the field does without any search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class KnownStarts(Strategy):
    """Score each start that the problem names; where it names none, one random candidate."""

    name = "known-starts"
    families = ("*",)

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate the starts in the problem's order, as far as the budget goes."""
        for candidate in problem.starts().values() or [problem.random(rng)]:
            if run.exhausted:
                return
            score(problem, run, candidate)
