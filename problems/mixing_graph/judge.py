"""The cost of a graph by other, readable code than the compiled one: edge by edge, eigenvalues, and Karp's theorem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import Candidate, Infeasible
from tasklet_bench.problems.collective.overlap import OVERLAPS
from tasklet_bench.problems.collective.plain_cycle_mean import karp
from tasklet_bench.problems.mixing_graph.connectivity import TOLERANCE
from tasklet_bench.problems.mixing_graph.reference import circulant, strides
from tasklet_bench.problems.problem import Cost

if TYPE_CHECKING:
    from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem


def judge(problem: MixingGraphProblem, candidate: Candidate) -> Cost:
    """Score edges `(E, 2)`; raises `InvalidCandidate` for what is no graph, `Infeasible` for one that breaks a rule."""
    edges = problem.decision.check(candidate)
    check_connected(problem.n_devices, edges)
    for cluster in range(problem.options.clusters):
        check_mixing(problem, edges, cluster)
    return cost_of(karp(weights_s(problem, edges)), float(problem.compute_s.max()))


def cost_of(total_s: float, compute_s: float) -> Cost:
    """The cost and its parts: computing of the slowest device, and the rest."""
    exchange_s = max(total_s - compute_s, 0.0)
    return Cost(compute_s + exchange_s, {"compute_s": compute_s, "exchange_s": exchange_s})


def check_connected(n_devices: int, edges: NDArray[np.int64]) -> None:
    """Raise `Infeasible` unless every device can be reached from device 0."""
    around: list[list[int]] = [[] for _ in range(n_devices)]
    for i, j in edges.tolist():
        around[i].append(j)
        around[j].append(i)
    reached, frontier = {0}, [0]
    while frontier:
        new = set(around[frontier.pop()]) - reached
        reached |= new
        frontier += new
    if len(reached) < n_devices:
        lost = min(set(range(n_devices)) - reached)
        raise Infeasible(f"the graph is in pieces: no way leads from device 0 to device {lost}")


def check_mixing(problem: MixingGraphProblem, edges: NDArray[np.int64], cluster: int) -> None:
    """Raise `Infeasible` unless the graph inside a cluster has the algebraic connectivity that is demanded."""
    clusters = problem.options.clusters
    members = range(cluster, problem.n_devices, clusters)
    reference = circulant(len(members), strides(len(members), problem.options.degree, clusters))
    least = problem.options.connectivity_factor * algebraic_connectivity(len(members), reference)
    inside = edges[(edges % clusters == cluster).all(axis=1)] // clusters
    result = algebraic_connectivity(len(members), inside)
    if result < least - TOLERANCE:
        where = f"inside cluster {cluster}" if clusters > 1 else "of the graph"
        raise Infeasible(f"the algebraic connectivity {where} is {result:.9g}, expected at least {least:.9g}")


def algebraic_connectivity(size: int, edges: NDArray[np.int64]) -> float:
    """λ₂, the second smallest eigenvalue of the Laplacian of a graph on `size` nodes; 0 for one node."""
    if size < 2:
        return 0.0
    return float(np.linalg.eigvalsh(laplacian(size, edges))[1])


def laplacian(size: int, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Degrees on the diagonal, −1 for each edge; shape `(size, size)`."""
    matrix = np.zeros((size, size))
    for i, j in edges.tolist():
        matrix[[i, j], [i, j]] += 1.0
        matrix[[i, j], [j, i]] -= 1.0
    return matrix


def weights_s(problem: MixingGraphProblem, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """What one iteration adds from device to device, `(N, N)`, −∞ where nothing is exchanged.

    A device's models share its card: all that it sends takes `out_s`, all that it gets `in_s`. Computing, latency and
    the largest of these, and cycles of them, are the throughput of Marfoq et al. (arXiv 2010.12229; repository
    omarfoq/communication-in-cross-silo-fl, commit 01b2aa3, evaluate_throughput.py); sums over unequal links, the loop
    and the overlap are this project's.
    """
    n, compute_s = problem.n_devices, problem.compute_s
    overlap = OVERLAPS[problem.options.overlap]
    airtime_s = problem.message_bytes / problem.network.topology.bandwidth_bytes_s
    delay_s = problem.network.topology.delay_s
    out_s, in_s = np.zeros(n), np.zeros(n)
    both_ways = [(i, j) for edge in edges.tolist() for i, j in (edge, edge[::-1])]
    for i, j in both_ways:
        out_s[i] += airtime_s[i, j]
        in_s[j] += airtime_s[i, j]
    weights = np.full((n, n), -np.inf)
    for i, j in both_ways:
        exchange_s = delay_s[i, j] + max(out_s[i], in_s[j])
        weights[i, j] = max(overlap.a * compute_s[i], overlap.b * compute_s[i] + exchange_s)
    for i in range(n):
        weights[i, i] = max(compute_s[i], overlap.b * compute_s[i] + max(out_s[i], in_s[i]))
    return weights
