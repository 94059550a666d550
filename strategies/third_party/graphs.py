"""Graphs for partitioners and mappers: the devices by what their links cost, and the tasklets by what they exchange."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem

Matrix = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Adjacency:
    """An undirected graph with whole weights, in compressed rows.

    `starts` `(n + 1,)`, `neighbours` and `weights` `(2 edges,)`: each edge stands in the rows of both of its ends.
    """

    starts: Whole
    neighbours: Whole
    weights: Whole

    @classmethod
    def of_matrix(cls, weights: Whole) -> Adjacency:
        """The graph of a symmetric matrix `(n, n)`; where it is 0 there is no edge."""
        present = weights > 0
        starts = np.concatenate(([0], np.cumsum(present.sum(axis=1))))
        return cls(starts, np.nonzero(present)[1], weights[present])

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Each edge once, its lower end first, in the order of the rows."""
        ends = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        once = ends < self.neighbours
        return list(zip(ends[once].tolist(), self.neighbours[once].tolist(), strict=True))

    @property
    def edge_weights(self) -> list[int]:
        """Weight of each of `edges`."""
        ends = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        weights: list[int] = self.weights[ends < self.neighbours].tolist()
        return weights


def ranked_links(order: Matrix, largest_sum: int) -> Whole:
    """Weights `(N, N)` of the links between devices: ranks by `order`, `(N, N)`, so that one dead link drowns no other.

    They are at least 1, 0 from a device to itself, and all of them together stay below `largest_sum`.
    """
    n = len(order)
    off_diagonal = ~np.eye(n, dtype=bool)
    values = np.unique(order[off_diagonal])
    rank = np.searchsorted(values, order)
    heaviest = max(1, largest_sum // max(1, n * n))
    weights = 1 + rank * min(1.0, (heaviest - 1) / max(1, len(values) - 1))
    return np.where(off_diagonal, weights, 0.0).astype(np.int64)


def tasklet_links(problem: AllocationProblem, heaviest: int) -> Whole:
    """What each pair of tasklets exchanges, `(N, N)`, 0 for nothing and at most `heaviest`.

    Tasklet `d·K + k` is stage `k` of pipeline `d`. Tasklets of a stage exchange gradients, neighbours of a pipeline
    activations; each weighs what the mean link would need for it.
    """
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    n = d * k
    stage, pipeline = np.arange(n) % k, np.arange(n) // k
    gradients_s, activations_s = (_mean(pair_s) for pair_s in (problem.dp_pair_s, problem.pp_pair_s))
    unit_s = max(gradients_s, activations_s) / heaviest
    links = np.zeros((n, n), dtype=np.int64)
    same_stage = stage[:, None] == stage
    next_stage = (pipeline[:, None] == pipeline) & (abs(stage[:, None] - stage) == 1)
    links[same_stage] = max(1, round(gradients_s / unit_s)) if unit_s else 1
    links[next_stage] = max(1, round(activations_s / unit_s)) if unit_s else 1
    np.fill_diagonal(links, 0)
    return links


def whole_distances(pair_s: Matrix, longest: int) -> Whole:
    """Seconds `(N, N)` as whole distances from 1 to `longest`, 0 from a device to itself."""
    slowest_s = max(float(pair_s.max()), np.finfo(np.float64).tiny)
    distances = np.maximum(1, np.rint(pair_s * (longest / slowest_s)).astype(np.int64))
    np.fill_diagonal(distances, 0)
    return distances


def stages_of_devices(device_of: Whole, n_stages: int, links: Whole, distances: Whole) -> Whole:
    """Labels `(N,)` of a mapping of tasklets to devices, `(N,)`; where it puts several on one, all but the first move.

    They move to the idle devices such that what they exchange with the tasklets that stay, times the distances, is
    least: a linear assignment.
    """
    n = len(device_of)
    _, keeps = np.unique(device_of, return_index=True)
    moved = np.setdiff1d(np.arange(n), keeps)
    placed = np.array(device_of, dtype=np.int64)
    if moved.size:
        from scipy.optimize import linear_sum_assignment

        idle = np.setdiff1d(np.arange(n), device_of)
        cost = links[np.ix_(moved, keeps)] @ distances[np.ix_(placed[keeps], idle)]
        rows, columns = linear_sum_assignment(cost)
        placed[moved[rows]] = idle[columns]
    labels = np.empty(n, dtype=np.int64)
    labels[placed] = np.arange(n) % n_stages
    return labels


def _mean(pair_s: Matrix) -> float:
    n = len(pair_s)
    return float(pair_s.sum()) / max(1, n * (n - 1))
