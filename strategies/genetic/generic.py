"""A genetic algorithm for any decision, on DEAP's toolbox: its crossover, and its neighbours as mutation.

Steady state, as the paper's: two random parents, one child, which takes the place of the worst if it is strictly
better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from deap import base, tools

from tasklet_bench.problems.candidate import Candidate
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.genetic.individual import Individual, replace_worst, select_two
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score

if TYPE_CHECKING:
    from deap.base import Toolbox

LEAST_POPULATION = 4
CHANGES_AGAIN = 0.3
"""How often a child that has been changed is changed once more: some children leave the parents' surroundings."""


def breed(problem: Problem, run: Run, rng: np.random.Generator, size: int) -> None:
    """Breed a population of at most `size` until the budget is spent; the first one has a tenth of the evaluations."""
    toolbox = _make_toolbox(problem, run, rng)
    left = run.remaining.evaluations
    population = toolbox.population(n=size if left is None else min(size, max(LEAST_POPULATION, left // 10)))
    while not run.exhausted:
        first, second = toolbox.select(population)
        child = toolbox.mate(first, second)
        toolbox.mutate(child)
        toolbox.score(child)
        toolbox.replace(population, child)


def _make_toolbox(problem: Problem, run: Run, rng: np.random.Generator) -> Toolbox:
    toolbox = base.Toolbox()
    toolbox.register("score", _score, problem=problem, run=run)
    toolbox.register("individual", lambda: toolbox.score(Individual(problem.random(rng))))
    toolbox.register("population", tools.initRepeat, list, toolbox.individual)
    toolbox.register("select", select_two, rng=rng)
    toolbox.register("mate", _cross, problem=problem, rng=rng)
    toolbox.register("mutate", _change, problem=problem, rng=rng)
    toolbox.register("replace", replace_worst)
    return toolbox


def _score(individual: Individual[Candidate], problem: Problem, run: Run) -> Individual[Candidate]:
    individual.candidate, cost_s = score(problem, run, individual.candidate)
    individual.fitness.values = (cost_s,)
    return individual


def _cross(
    first: Individual[Candidate], second: Individual[Candidate], problem: Problem, rng: np.random.Generator
) -> Individual[Candidate]:
    return Individual(problem.decision.cross(first.candidate, second.candidate, rng))


def _change(child: Individual[Candidate], problem: Problem, rng: np.random.Generator) -> tuple[Individual[Candidate]]:
    child.candidate = problem.neighbour(child.candidate, rng)
    while rng.random() < CHANGES_AGAIN:
        child.candidate = problem.neighbour(child.candidate, rng)
    return (child,)
