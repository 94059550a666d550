"""CMA-ES on keys: the standard optimiser of continuous spaces, with DEAP's own state and update.

Source: Hansen and Ostermeier, "Completely derandomized self-adaptation in evolution strategies", Evolutionary
Computation 2001; Fortin et al., "DEAP: evolutionary algorithms made easy", 2012 (`deap.cma`). A point is one key per
device; the devices in ascending order of their keys are cut into groups. Only the order of the keys counts, so it
starts at the origin with step size 1, and needs no other scale.

One evaluation costs one score; each generation of λ evaluations adds an eigendecomposition, O(N³): 1 ms at 64 devices,
0.02 s at 256. Above `MOST_DEVICES`, where one of them could outlast a budget, it refuses. It starts anew when it has
stalled or its covariance has degenerated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DEVICES = 512
_WORST_CONDITION = 1e7
"""Largest ratio of the axes of the search distribution."""


@dataclass(frozen=True)
class EvolutionStrategy(Strategy):
    """Parameter: `offspring` λ of a generation, 0 for the usual 4 + 3 ln N."""

    name = "evolution-strategy"
    families = ("*",)
    offspring: int = field(default=0, metadata={"low": 4, "high": 400, "log": True})

    def __post_init__(self) -> None:
        if self.offspring < 0 or self.offspring == 1:
            raise ValueError(f"offspring is {self.offspring}, expected 0 or at least 2")

    def prepare(self) -> None:
        """Import DEAP."""
        import deap.cma  # noqa: F401

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Descend from the origin again and again until the budget is spent."""
        decision, n = problem.decision, problem.decision.dimension
        if n > MOST_DEVICES:
            raise BadInput.at(f"strategy {self.name}", "devices", n, f"at most {MOST_DEVICES}")
        while not run.exhausted:
            self._descend(lambda keys: run.evaluate(decision.decode(keys)), n, rng)

    def _descend(self, score: Callable[[NDArray[np.float64]], float], n: int, rng: np.random.Generator) -> None:
        """One run of CMA-ES, until it stalls."""
        from deap import base, cma

        fitness = type("Fitness", (base.Fitness,), {"weights": (-1.0,)})
        offspring = self.offspring or 4 + int(3 * math.log(n))
        state = cma.Strategy(np.zeros(n), 1.0, lambda_=offspring)
        patience = 10 + 30 * n // offspring
        best_s, stalled = math.inf, 0
        while stalled < patience and _is_sound(state):
            points = state.centroid + state.sigma * rng.standard_normal((offspring, n)) @ state.BD.T
            population = [_Keys.scored(point, score, fitness) for point in points]
            generation_s = min(-individual.fitness.wvalues[0] for individual in population)
            best_s, stalled = (generation_s, 0) if generation_s < best_s else (best_s, stalled + 1)
            state.update(population)


class _Keys(np.ndarray[Any, Any]):
    """One key per device, `(N,)`, with DEAP's fitness."""

    fitness: Any

    @classmethod
    def scored(cls, point: NDArray[np.float64], score: Callable[..., float], fitness: Callable[[], Any]) -> _Keys:
        """Score a point (in seconds)."""
        keys = point.view(cls)
        keys.fitness = fitness()
        keys.fitness.values = (score(point),)
        return keys


def _is_sound(state: Any) -> bool:
    """Whether the search distribution still has a shape that can be sampled."""
    axes = state.diagD
    return bool(np.isfinite(axes).all() and axes.min() * _WORST_CONDITION > axes.max() and 1e-12 < state.sigma < 1e12)
