"""The paper's search: a hybrid genetic algorithm on partitions, on DEAP's toolbox.

Source: Yuan et al., NeurIPS 2022, section 3.3. Two random parents; the child is a copy of the second that takes the
labels of a few random devices from the first, is balanced again, and goes through a local search in compiled code
(`strategies.genetic.local_search`). One evaluation costs one score and one local search, O(N² + N·D²).

The *gain* says what the local search is after. The paper's takes fast links out of the groups, to be pipeline links.
Kernighan–Lin's, the paper's "hybrid" baseline, compares what a link costs under activations with what it costs under
gradients, and drives the groups to lie inside sites; it is the better one where there are no sites.

The released implementation departs from the paper in two rules, each with a parameter, and `rule=released` sets both:
a child is dropped iff it is worse than its *first* parent, and otherwise replaces the worse parent (of two equal ones,
the second), so ties are taken and plateaus crossed; and the last cycle of the local search is never kept. Parents are
drawn as DEAP's `selRandom` does, with replacement; of several worst individuals the first goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from deap import base
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.decisions import Grouping
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    LocalSearch = Callable[[NDArray[np.int64]], NDArray[np.int64]]


@dataclass(frozen=True)
class Genetic(Strategy):
    """Parameters: `gain`, the two released rules and `rule` for both; size of the population; genes of the first."""

    name = "genetic"
    gain: Literal["paper", "kernighan-lin"] = "paper"
    replacement: Literal["worst", "released"] = "worst"
    cycles: Literal["all", "released"] = "all"
    rule: Literal["paper", "released"] = "paper"
    population: int = field(default=100, metadata={"low": 10, "high": 400, "log": True})
    genes: int = field(default=5, metadata={"low": 1, "high": 40, "log": True})

    def __post_init__(self) -> None:
        for key in ("population", "genes"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} is {getattr(self, key)}, expected at least 1")

    def prepare(self) -> None:
        """Load the compiled local search."""
        _compiled(np.zeros((2, 2)), (1, 1), self.gain, drop_last_cycle=False)(np.arange(2))

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Breed until the budget is spent; the first population counts too."""
        toolbox = self._toolbox(problem, run, rng)
        population = toolbox.population(n=self.population)
        while not run.exhausted:
            first, second = toolbox.select(population)
            child = toolbox.mate(first, second)
            toolbox.mutate(child)
            toolbox.score(child)
            toolbox.replace(population, child, first, second)

    def _toolbox(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> base.Toolbox:
        from deap import tools

        released = "released" in (self.rule, self.cycles)
        improve = _compiled(self._link_s(problem), problem.group_sizes, self.gain, drop_last_cycle=released)
        toolbox = base.Toolbox()
        toolbox.register("score", _score, evaluate=run.evaluate)
        toolbox.register("individual", lambda: toolbox.score(_Individual(problem.random(rng))))
        toolbox.register("population", tools.initRepeat, list, toolbox.individual)
        toolbox.register("select", _select_two, rng=rng)
        toolbox.register("mate", _take_genes, genes=self.genes, rng=rng)
        toolbox.register("mutate", _repair_and_improve, decision=problem.decision, improve=improve)
        toolbox.register("replace", _replace_as_released if "released" in (self.rule, self.replacement) else _replace)
        return toolbox

    def _link_s(self, problem: AllocationProblem) -> NDArray[np.float64]:
        """Links as the gain weighs them, `(N, N)`: `2(α + c_pp/β)`, or how much dearer than `2(α + c_dp/β)` that is."""
        if self.gain == "paper":
            return problem.pp_pair_s
        from tasklet_bench.problems.allocation.cost_model import pair_seconds

        links = problem.topology
        return problem.pp_pair_s - pair_seconds(links.delay_s, links.bandwidth_bytes_s, problem.workload.gradient_bytes)


class _Fitness(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    """Seconds, to be minimised."""

    weights = (-1.0,)


class _Individual:
    """Labels, int64 `(N,)`, and DEAP's fitness."""

    def __init__(self, labels: NDArray[np.int64]) -> None:
        self.labels = labels
        self.fitness = _Fitness()

    def worse_than(self, other: _Individual) -> bool:
        """Whether it costs strictly more."""
        return bool(self.fitness < other.fitness)


def _score(individual: _Individual, evaluate: Callable[[NDArray[np.int64]], float]) -> _Individual:
    individual.fitness.values = (evaluate(individual.labels),)
    return individual


def _select_two(population: list[_Individual], rng: np.random.Generator) -> list[_Individual]:
    return [population[place] for place in rng.integers(len(population), size=2)]


def _take_genes(first: _Individual, second: _Individual, genes: int, rng: np.random.Generator) -> _Individual:
    """The crossover: a copy of the second parent in which random devices have the labels of the first."""
    labels = second.labels.copy()
    taken = rng.choice(len(labels), size=min(genes, len(labels)), replace=False)
    labels[taken] = first.labels[taken]
    return _Individual(labels)


def _repair_and_improve(child: _Individual, decision: Grouping, improve: LocalSearch) -> tuple[_Individual]:
    child.labels = improve(decision.balance(child.labels))
    return (child,)


def _replace(population: list[_Individual], child: _Individual, *_: _Individual) -> None:
    """The paper's rule: a child takes the place of the worst individual if it is strictly better."""
    worst = min(range(len(population)), key=lambda place: population[place].fitness.wvalues)
    if population[worst].worse_than(child):
        population[worst] = child


def _replace_as_released(
    population: list[_Individual], child: _Individual, first: _Individual, second: _Individual
) -> None:
    """The released rule: a child no worse than its first parent takes the place of the worse parent."""
    if not child.worse_than(first):
        loser = first if first.worse_than(second) else second
        population[population.index(loser)] = child


def _compiled(
    link_s: NDArray[np.float64], group_sizes: tuple[int, ...], gain: str, *, drop_last_cycle: bool
) -> LocalSearch:
    """The local search with everything but the labels filled in."""
    from tasklet_bench.strategies.genetic.local_search import cyclic_local_search, exact_links

    exact_s = exact_links(link_s, max(group_sizes))
    kernighan_lin = gain == "kernighan-lin"

    def improve(labels: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = cyclic_local_search(
            labels, exact_s, len(group_sizes), kernighan_lin, drop_last_cycle
        )
        return found

    return improve
