"""SkipPipe's search for the stages of the devices: a genetic algorithm whose children move in cycles.

Source: Blagoev, Chen and Ersoy, "SkipPipe: partial and reordered pipelining framework for training LLMs in
heterogeneous networks", 2025 (arXiv 2502.19913; the code at gensyn-ai/skippipe shows no licence file, and nothing of it
is here). As published: 200 random partitions; two parents with replacement; the child is the second one with the genes
of the first at five random places, whoever is too many moved to the first groups with room; then one pass of cyclic
moves. The child takes the place of the worse parent (of two equal ones, the second) unless it is worse than both.

A pass of cyclic moves: one device leaves the group that gains most, for the group that it fits best; from there the
next one leaves, until the first group is reached again. A device moves once a pass. Of each cycle the best beginning
counts, closed by a move into its first group; of all cycles, those up to the best sum of gains. What a device gains in
a group is what its links there cost under activations, less what they cost under gradients.

Adapted: both costs are the problem's own, where the published search scales one matrix by a factor; the score is the
cost of the problem, where it takes the costliest pair and twice the path. Its paths of single micro-batches skip stages
and swap them, and decide what no allocation can say: they are left out. One evaluation costs one score and one pass of
O(K²) moves, O(N·K) each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class SkipPipe(Strategy):
    """Breed partitions as SkipPipe does."""

    name = "skippipe"
    population: int = parameter(200, "size of the population", low=10, high=400, log=True, at_least=1)
    genes: int = parameter(5, "labels that a child takes from the first parent", low=1, high=40, log=True, at_least=1)

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Breed until the budget is spent; the first population counts too."""
        n = problem.shape.n_devices
        gain_s = problem.pp_pair_s - problem.dp_pair_s
        population = [problem.random(rng) for _ in range(self.population)]
        costs_s = [run.evaluate(labels) for labels in population]
        while not run.exhausted:
            first, second = rng.integers(self.population, size=2).tolist()
            child = population[second].copy()
            genes = rng.permutation(n)[: self.genes]
            child[genes] = population[first][genes]
            child = cyclic_moves(problem.decision.balance(child), gain_s, problem.shape.pipeline_parallel)
            cost_s = run.evaluate(child)
            worse = first if costs_s[first] > costs_s[second] else second
            if cost_s <= costs_s[worse]:
                population[worse], costs_s[worse] = child, cost_s


def cyclic_moves(labels: Labels, gain_s: Matrix, n_groups: int) -> Labels:
    """Labels `(N,)` after one pass of cyclic moves; groups keep their sizes.

    `gain_s`, `(N, N)` with zeros on its diagonal, is what it is worth that two devices share a group.
    """
    if n_groups == 1:
        return labels
    free = np.ones(len(labels), dtype=bool)
    reached = np.zeros(n_groups, dtype=bool)
    best, best_sum, total = labels, 0.0, 0.0
    while free.any() and not reached.all():
        labels, gained, visited = _cycle(labels, gain_s, n_groups, free)
        if not visited:
            break
        reached[visited] = True
        total += gained
        if total > best_sum:
            best, best_sum = labels, total
    return best


def _cycle(labels: Labels, gain_s: Matrix, n_groups: int, free: NDArray[np.bool_]) -> tuple[Labels, float, list[int]]:
    """One cycle at its best length: the labels, what they gain, and the groups that were entered. Locks who moved."""
    moving = labels.copy()
    worth_s = gain_s @ (labels[:, None] == np.arange(n_groups))
    home, moves, gains, closing = -1, [], [], []
    group = -1
    while True:
        leaving = _gains(worth_s, moving, free, group)
        if leaving is None:
            break
        device, target = leaving
        source = int(moving[device])
        home = source if home < 0 else home
        moves.append((device, source, target))
        gains.append(worth_s[device, target] - worth_s[device, source])
        closing.append(worth_s[device, home] - worth_s[device, source])
        free[device] = False
        moving[device] = target
        worth_s[:, source] -= gain_s[:, device]
        worth_s[:, target] += gain_s[:, device]
        group = target
        if target == home:
            break
    if len(moves) < 2:
        return labels, 0.0, [target for _, _, target in moves]
    sums = np.concatenate(([0.0], np.cumsum(gains)))[1:-1] + np.array(closing[1:])
    length = int(np.argmax(sums)) + 2
    kept = labels.copy()
    for device, _, target in moves[: length - 1]:
        kept[device] = target
    kept[moves[length - 1][0]] = home
    return kept, float(sums[length - 2]), [target for _, _, target in moves]


def _gains(worth_s: Matrix, labels: Labels, free: NDArray[np.bool_], group: int) -> tuple[int, int] | None:
    """The free device of `group` (-1: of any) that gains most by a move, and where to; None if there is none."""
    movers = np.flatnonzero(free & (labels == group) if group >= 0 else free)
    if not movers.size:
        return None
    rows = np.arange(len(movers))
    own = labels[movers]
    gains = worth_s[movers] - worth_s[movers, own][:, None]
    gains[rows, own] = -np.inf
    best, target = np.unravel_index(int(np.argmax(gains)), gains.shape)
    return int(movers[best]), int(target)
