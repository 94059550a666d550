"""The paper's search: a hybrid genetic algorithm on partitions, on DEAP's toolbox.

Source: Yuan et al., NeurIPS 2022, section 3.3. Two random parents; the child is a copy of the second that takes the
labels of a few random devices from the first, is balanced again, and goes through a local search in compiled code
(`genetic.local_search`). One evaluation costs one score and one local search, O(N² + N·D²).

The *gain* says what the local search is after. The paper's takes fast links out of the groups, to be pipeline links.
Kernighan–Lin's, the paper's "hybrid" baseline, compares what a link costs under activations with what it costs under
gradients, and drives the groups to lie inside sites; it is the better one where there are no sites.

The released implementation departs from the paper in two rules, each with a parameter, and `rule=released` sets both:
a child is dropped iff it is worse than its *first* parent, and otherwise replaces the worse parent (of two equal ones,
the second), so ties are taken and plateaus crossed; and the last cycle of the local search is never kept. Parents are
drawn as DEAP's `selRandom` does, with replacement; of several worst individuals the first goes.

The local search is the paper's family's own. Problems of other families, and those with rules, are bred by the
operations of their decisions (`genetic.generic`), where of these parameters only the size of the population counts.
Spares are one more group of labels: a child takes some from its first parent, and the repair fills them up; the local
search leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from deap import base
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.decisions import Grouping
from tasklet_bench.strategies.genetic.individual import Individual, replace_worst, select_two
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    Labels = NDArray[np.int64]
    LocalSearch = Callable[[Labels], Labels]


@dataclass(frozen=True)
class Genetic(Strategy):
    """`rule=released` sets both of the released rules."""

    name = "genetic"
    families = ("*",)

    gain: Literal["paper", "kernighan-lin"] = parameter("paper", "what the local search is after")
    replacement: Literal["worst", "released"] = parameter("worst", "whose place a child takes")
    cycles: Literal["all", "released"] = parameter("all", "which cycles of the local search are kept")
    rule: Literal["paper", "released"] = parameter("paper", "both of these rules")
    population: int = parameter(100, "size of the population", low=10, high=400, log=True, at_least=1)
    genes: int = parameter(5, "labels that a child takes from the first parent", low=1, high=40, log=True, at_least=1)

    def prepare(self) -> None:
        """Load the compiled local search."""
        _compiled(np.zeros((2, 2)), (1, 1), self.gain, drop_last_cycle=False)(np.arange(2))

    def search(self, problem: Any, run: Run, rng: np.random.Generator) -> None:
        """Breed until the budget is spent; the first population counts too."""
        if not isinstance(problem, AllocationProblem) or problem.rules:
            from tasklet_bench.strategies.genetic.generic import breed

            breed(problem, run, rng, self.population)
            return
        toolbox = self._make_toolbox(problem, run, rng)
        population = toolbox.population(n=self.population)
        while not run.exhausted:
            first, second = toolbox.select(population)
            child = toolbox.mate(first, second)
            toolbox.mutate(child)
            toolbox.score(child)
            toolbox.replace(population, child, first, second)

    def _make_toolbox(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> base.Toolbox:
        from deap import tools

        released = "released" in (self.rule, self.cycles)
        improve = _compiled(self._link_s(problem), problem.group_sizes, self.gain, drop_last_cycle=released)
        own_rule = "released" in (self.rule, self.replacement)
        toolbox = base.Toolbox()
        toolbox.register("score", _score, evaluate=run.evaluate)
        toolbox.register("individual", lambda: toolbox.score(Individual(problem.random(rng))))
        toolbox.register("population", tools.initRepeat, list, toolbox.individual)
        toolbox.register("select", select_two, rng=rng)
        toolbox.register("mate", _take_genes, genes=self.genes, rng=rng)
        toolbox.register("mutate", _repair_and_improve, decision=problem.decision, improve=improve)
        toolbox.register("replace", _replace_as_released if own_rule else replace_worst)
        return toolbox

    def _link_s(self, problem: AllocationProblem) -> NDArray[np.float64]:
        """Links as the gain weighs them, `(N, N)`: `2(α + c_pp/β)`, or how much dearer than `2(α + c_dp/β)` that is."""
        if self.gain == "paper":
            return problem.pp_pair_s
        from tasklet_bench.problems.allocation.cost_model import pair_seconds

        links = problem.topology
        return problem.pp_pair_s - pair_seconds(links.delay_s, links.bandwidth_bytes_s, problem.workload.gradient_bytes)


def _score(individual: Individual[Labels], evaluate: Callable[[Labels], float]) -> Individual[Labels]:
    individual.fitness.values = (evaluate(individual.candidate),)
    return individual


def _take_genes(
    first: Individual[Labels], second: Individual[Labels], genes: int, rng: np.random.Generator
) -> Individual[Labels]:
    """The crossover: a copy of the second parent in which random devices have the labels of the first."""
    labels = second.candidate.copy()
    taken = rng.choice(len(labels), size=min(genes, len(labels)), replace=False)
    labels[taken] = first.candidate[taken]
    return Individual(labels)


def _repair_and_improve(
    child: Individual[Labels], decision: Grouping, improve: LocalSearch
) -> tuple[Individual[Labels]]:
    child.candidate = improve(decision.balance(child.candidate))
    return (child,)


def _replace_as_released(
    population: list[Individual[Labels]],
    child: Individual[Labels],
    first: Individual[Labels],
    second: Individual[Labels],
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

    def improve(labels: Labels) -> Labels:
        used = np.flatnonzero(labels < len(group_sizes))
        if len(used) == len(labels):
            improved: Labels = cyclic_local_search(labels, exact_s, len(group_sizes), kernighan_lin, drop_last_cycle)
            return improved
        links_s, improved = np.ascontiguousarray(exact_s[np.ix_(used, used)]), labels.copy()
        improved[used] = cyclic_local_search(labels[used], links_s, len(group_sizes), kernighan_lin, drop_last_cycle)
        return improved

    return improve
