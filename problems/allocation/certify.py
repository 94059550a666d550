"""Proof that the order of many groups is the best: a 1-tree bound, and CP-SAT's circuit where a gap remains.

Above 12 groups the kernels order by local search, so a cost is an upper bound. For final results this module closes
the question: an open path over K groups is a tour over them and one more node at distance 0 from all; the cheapest
1-tree with Lagrangian node prices (Held and Karp, "The traveling-salesman problem and minimum spanning trees", 1970)
bounds its length from below. Most orders are certified by that alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.problem import Cost
from tasklet_bench.problems.tolerances import ROUNDED_DOWN, SAME_COST

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

Matrix = NDArray[np.float64]
_UNIT = 2**40
"""CP-SAT's whole numbers: the path to beat, beyond which no link matters, counts so many."""


@dataclass(frozen=True)
class CertifiedOrder:
    """An order of K groups, int64 `(K,)`, its length and a proven lower bound on any order's (in seconds)."""

    order: NDArray[np.int64]
    length_s: float
    bound_s: float

    @property
    def exact(self) -> bool:
        """Whether no order is shorter, but for rounding."""
        return self.length_s <= self.bound_s + SAME_COST * self.length_s


def certified_allocation(
    problem: AllocationProblem, labels: ArrayLike, solver_seconds: float = 10.0
) -> tuple[Allocation, Cost]:
    """The best grid of labels `(N,)` and its cost, with `exact` True where its order is proven to be the best.

    Up to 12 groups this is what the problem itself says. `solver_seconds` limits CP-SAT's deterministic time, which is
    spent only where the 1-tree bound leaves a gap.
    """
    allocation = problem.allocation(labels)
    cost = problem.cost(allocation)
    if problem.shape.pipeline_parallel <= EXACT_ORDER_GROUPS:
        return allocation, cost
    length_s = group_lengths(problem, allocation.labels)
    result = certified_order(length_s, np.arange(len(length_s)), solver_seconds)
    if result.length_s < cost.parts_s["pipeline_s"] * (1 - SAME_COST):
        stages = np.append(result.order, len(result.order))  # the last is the label of spares
        stages[result.order] = np.arange(len(result.order))
        allocation = wired(problem, stages[allocation.labels])
        cost = problem.cost(allocation)
    return allocation, replace(cost, exact=result.exact)


def group_lengths(problem: AllocationProblem, labels: ArrayLike) -> Matrix:
    """Seconds of the best wiring between any two groups of labels `(N,)`, shape `(K, K)`."""
    from tasklet_bench.problems.allocation.kernels import evaluate

    evaluate(problem.pack, np.array(labels, dtype=np.int64))
    return problem.pack.path.length_s[:, : problem.shape.pipeline_parallel].copy()


def wired(problem: AllocationProblem, stages: NDArray[np.int64]) -> Allocation:
    """The grid with the best wiring of labels `(N,)` that stand in order: label j is stage j."""
    from tasklet_bench.problems.allocation.cost_model import bottleneck_matching

    columns = [np.flatnonzero(stages == 0)]
    for stage in range(1, problem.shape.pipeline_parallel):
        left, right = columns[-1], np.flatnonzero(stages == stage)
        _, partner = bottleneck_matching(problem.pp_pair_s[np.ix_(left, right)])
        columns.append(right[partner])
    return Allocation(np.column_stack(columns), n_devices=problem.n_devices)


def certified_order(length_s: Matrix, order: NDArray[np.int64], solver_seconds: float = 10.0) -> CertifiedOrder:
    """Certify an order of the groups, lengths `(K, K)` in seconds, or better it; the bound holds whatever happens."""
    length = _path_length(length_s, order)
    result = CertifiedOrder(order, length, one_tree_bound(length_s, length))
    return result if result.exact or solver_seconds <= 0 else _solved(length_s, result, solver_seconds)


def one_tree_bound(length_s: Matrix, upper_s: float, rounds: int = 1000) -> float:
    """A lower bound on the length of any open path over K groups (in seconds), by subgradient steps on node prices.

    `upper_s` is the length of some path; it only sets the size of the steps.
    """
    k = len(length_s)
    if k < 2:
        return 0.0
    prices = np.zeros(k + 1)
    lengths = np.zeros((k + 1, k + 1))
    lengths[:k, :k] = length_s
    best, scale, stale = 0.0, 1.0, 0
    for _ in range(rounds):
        tree_s, degrees = _one_tree(lengths + prices[:, None] + prices)
        bound = tree_s - 2 * prices.sum()
        stale = 0 if bound > best + 1e-12 * upper_s else stale + 1
        best = max(best, bound)
        slack = degrees - 2
        if not slack.any() or best >= upper_s * ROUNDED_DOWN:
            break
        if stale >= 20:
            scale, stale = scale / 2, 0
        prices += scale * max(upper_s - bound, 1e-6 * upper_s) / float((slack**2).sum()) * slack
    return min(best * ROUNDED_DOWN, upper_s)


def _one_tree(lengths: Matrix) -> tuple[float, NDArray[np.int64]]:
    """Length and degrees of the cheapest tree over all nodes but the last, plus the last one's two cheapest links."""
    k = len(lengths) - 1
    degrees = np.zeros(k + 1, dtype=np.int64)
    near, via = lengths[0, :k].copy(), np.zeros(k, dtype=np.int64)
    near[0] = np.inf
    outside = np.ones(k, dtype=bool)
    outside[0] = False
    total = 0.0
    for _ in range(k - 1):
        node = int(near.argmin())
        total += float(near[node])
        degrees[node] += 1
        degrees[via[node]] += 1
        outside[node] = False
        closer = outside & (lengths[node, :k] < near)
        near[closer], via[closer] = lengths[node, :k][closer], node
        near[node] = np.inf
    ends = np.argsort(lengths[k, :k], kind="stable")[:2]
    degrees[ends] += 1
    degrees[k] = 2
    return total + float(lengths[k, ends].sum()), degrees


def _solved(length_s: Matrix, start: CertifiedOrder, seconds: float) -> CertifiedOrder:
    """CP-SAT's circuit over the groups and the node at distance 0, in whole numbers rounded down so the bound holds."""
    from ortools.sat.python import cp_model

    k = len(length_s)
    unit = start.length_s / _UNIT or 1.0
    whole = np.floor(np.minimum(length_s, start.length_s) / unit).astype(np.int64)
    model = cp_model.CpModel()
    follows = {(a, b): model.new_bool_var("") for a in range(k + 1) for b in range(k + 1) if a != b}
    model.add_circuit([(a, b, taken) for (a, b), taken in follows.items()])
    model.minimize(sum(int(whole[a, b]) * taken for (a, b), taken in follows.items() if a < k and b < k))
    tour = [k, *start.order.tolist()]
    successor = dict(zip(tour, [*tour[1:], k], strict=True))
    for (a, b), taken in follows.items():
        model.add_hint(taken, successor[a] == b)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = seconds
    status = solver.solve(model)
    bound = max(start.bound_s, solver.best_objective_bound * unit * ROUNDED_DOWN)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return replace(start, bound_s=min(bound, start.length_s))
    after = {a: b for (a, b), taken in follows.items() if solver.boolean_value(taken)}
    order = [after[k]]
    while after[order[-1]] != k:
        order.append(after[order[-1]])
    result = np.array(order, dtype=np.int64)
    length = _path_length(length_s, result)
    if length >= start.length_s:
        result, length = start.order, start.length_s
    return CertifiedOrder(result, length, min(bound, length))


def _path_length(length_s: Matrix, order: NDArray[np.int64]) -> float:
    return float(length_s[order[:-1], order[1:]].sum())
