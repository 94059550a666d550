"""A candidate with DEAP's fitness, and what both genetic algorithms do with a population of them."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from deap import base

Genes = TypeVar("Genes")


class Fitness(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    """Seconds, to be minimised."""

    weights = (-1.0,)


class Individual(Generic[Genes]):
    """A candidate and its fitness."""

    def __init__(self, candidate: Genes) -> None:
        self.candidate = candidate
        self.fitness = Fitness()

    def worse_than(self, other: Individual[Genes]) -> bool:
        """Whether it costs strictly more."""
        return bool(self.fitness < other.fitness)


def select_two(population: list[Individual[Genes]], rng: np.random.Generator) -> list[Individual[Genes]]:
    """Two individuals, drawn with replacement as DEAP's `selRandom` does."""
    return [population[place] for place in rng.integers(len(population), size=2)]


def replace_worst(population: list[Individual[Genes]], child: Individual[Genes], *_: Individual[Genes]) -> None:
    """The paper's rule: a child takes the place of the worst individual if it is strictly better."""
    worst = min(range(len(population)), key=lambda place: population[place].fitness.wvalues)
    if population[worst].worse_than(child):
        population[worst] = child
