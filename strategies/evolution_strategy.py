"""CMA-ES on keys: the standard optimiser of continuous spaces, with DEAP's own state and update.

Source: Hansen and Ostermeier, "Completely derandomized self-adaptation in evolution strategies", Evolutionary
Computation 2001; Fortin et al., "DEAP: evolutionary algorithms made easy", 2012 (`deap.cma`). A point is one number per
key of the decision (`decode`), brought into [0, 1) by a curve that rises everywhere, so that decisions which look at
nothing but the order of their keys see the order of the numbers. It starts at the origin with step size 1.

Steps are drawn with the symmetric root of the covariance. Its eigenvectors alone would do for the distribution, but
where eigenvalues are equal, as most are in the first generations, any basis of their space is one, and another
processor's linear algebra returns another: the root is the same for all of them.

One evaluation costs one score; each generation of λ evaluations adds an eigendecomposition, O(d³) in the number of
keys: 1 ms at 64, 0.02 s at 256. Above `MOST_KEYS`, where one of them could outlast a budget, it refuses. It starts anew
when it has stalled or its covariance has degenerated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEYS = 512
_WORST_CONDITION = 1e7
"""Largest ratio of the axes of the search distribution."""
_BELOW_ONE = np.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class EvolutionStrategy(Strategy):
    """Descents of CMA-ES from the origin, one after the other."""

    name = "evolution-strategy"
    families = ("*",)

    offspring: int = parameter(
        0, "offspring λ of a generation, 0 for the usual 4 + 3 ln d", low=4, high=400, log=True, at_least=2, also=0
    )

    def prepare(self) -> None:
        """Import DEAP."""
        import deap.cma  # noqa: F401

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Descend from the origin again and again until the budget is spent."""
        n = problem.decision.dimension
        if n > MOST_KEYS:
            raise BadInput.at(f"strategy {self.name}", "keys", n, f"at most {MOST_KEYS}")

        def score_s(point: NDArray[np.float64]) -> float:
            return score(problem, run, problem.decision.decode(into_unit_interval(point)))[1]

        while not run.exhausted:
            self._descend(score_s, n, rng)

    def _descend(self, score_s: Callable[[NDArray[np.float64]], float], n: int, rng: np.random.Generator) -> None:
        """One run of CMA-ES, until it stalls."""
        from deap import base, cma

        fitness = type("Fitness", (base.Fitness,), {"weights": (-1.0,)})
        offspring = self.offspring or 4 + int(3 * math.log(n))
        state = cma.Strategy(np.zeros(n), 1.0, lambda_=offspring)
        patience = 10 + 30 * n // offspring
        best_s, stalled = math.inf, 0
        while stalled < patience and _is_sound(state):
            root = (state.B * state.diagD) @ state.B.T
            points = state.centroid + state.sigma * rng.standard_normal((offspring, n)) @ root
            population = [_Point.scored(point, score_s, fitness) for point in points]
            generation_s = min(-individual.fitness.wvalues[0] for individual in population)
            best_s, stalled = (generation_s, 0) if generation_s < best_s else (best_s, stalled + 1)
            state.update(population)


def into_unit_interval(point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys in [0, 1) of any numbers, in the same order: the distribution function of Student's t with two degrees."""
    return np.minimum(0.5 + 0.5 * point / np.sqrt(2.0 + point * point), _BELOW_ONE)


class _Point(np.ndarray[Any, Any]):
    """One number per key, `(d,)`, with DEAP's fitness."""

    fitness: Any

    @classmethod
    def scored(cls, point: NDArray[np.float64], score_s: Callable[..., float], fitness: Callable[[], Any]) -> _Point:
        """Score a point (in seconds)."""
        scored = point.view(cls)
        scored.fitness = fitness()
        scored.fitness.values = (score_s(point),)
        return scored


def _is_sound(state: Any) -> bool:
    """Whether the search distribution still has a shape that can be sampled."""
    axes = state.diagD
    return bool(np.isfinite(axes).all() and axes.min() * _WORST_CONDITION > axes.max() and 1e-12 < state.sigma < 1e12)
