"""The linear program of the embedding bound, and a proven bound on its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.instance import Instance, Matrix

SHORT_COST = 10.0
"""By how many of the slowest edges λ rises for an edge that cannot be had: so the program always has a solution."""


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program of C classes and E kinds of edges.

    `first`, `second` `(E,)` are the classes of an edge's ends, `seconds` `(E,)` the quickest such exchange and `most`
    `(E,)` how many there can be; `sizes` `(C,)`; `before_s` `(C,)` the mean computing that nothing hides; `degree` R.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    seconds: NDArray[np.float64]
    most: NDArray[np.float64]
    sizes: NDArray[np.int64]
    before_s: NDArray[np.float64]
    degree: int


def build_program(instance: Instance, class_of: NDArray[np.intp], inside: NDArray[np.int64]) -> Program:
    """The program of devices in classes `(N,)`; `inside` is the most edges among 0 … N ranks."""
    members = [np.flatnonzero(class_of == c) for c in range(int(class_of.max()) + 1)]
    sizes = np.array(list(map(len, members)))
    pairs = [(a, b) for a in range(len(sizes)) for b in range(a, len(sizes)) if a != b or sizes[a] > 1]
    first, second = np.array(pairs).T
    seconds = np.array([instance.pair_s[np.ix_(members[a], members[b])].min() for a, b in pairs])
    most = np.array([_most_edges(int(sizes[a]), inside) if a == b else sizes[a] * sizes[b] for a, b in pairs])
    before_s = np.array([instance.before_s[devices].mean() for devices in members])
    return Program(first, second, seconds, most.astype(np.float64), sizes, before_s, instance.n_rounds)


def _most_edges(size: int, inside: NDArray[np.int64]) -> float:
    """Edges inside a class, by the sharpest of the cuts on so and so many of its devices."""
    counts = np.arange(2, size + 1)
    return float((inside[counts] * (size * (size - 1)) / (counts * (counts - 1))).min())


def density_of(program: Program, edges: NDArray[np.float64]) -> Matrix:
    """Edges for each pair of devices by their classes, shape `(C, C)`."""
    sizes = program.sizes.astype(np.float64)
    pairs = np.where(
        program.first == program.second,
        sizes[program.first] * (sizes[program.first] - 1) / 2,
        sizes[program.first] * sizes[program.second],
    )
    density = np.zeros((len(sizes), len(sizes)))
    density[program.first, program.second] = density[program.second, program.first] = edges / pairs
    return density


def solve(
    program: Program, most: NDArray[np.float64], cuts: NDArray[np.int64], inside: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """A proven lower bound on the program's value with at most `most` edges `(E,)`, and a solution `(E,)`."""
    from scipy.optimize import linprog

    n_classes, n_edges = len(program.sizes), len(most)
    ends = np.zeros((n_classes, n_edges))
    np.add.at(ends, (program.first, np.arange(n_edges)), 1.0)
    np.add.at(ends, (program.second, np.arange(n_edges)), 1.0)
    # columns: edges, edges that cannot be had (by class), λ
    degrees = np.hstack([ends, np.eye(n_classes), np.zeros((n_classes, 1))])
    wanted = program.degree * program.sizes.astype(np.float64)
    loads = np.hstack(
        [ends * program.seconds / wanted[:, None], np.zeros((n_classes, n_classes)), -np.ones((n_classes, 1))]
    )
    rows = np.hstack([_cut_rows(program, cuts), np.zeros((len(cuts), n_classes + 1))])
    matrix, limits = np.vstack([loads, rows]), np.concatenate([-program.before_s, inside[cuts.sum(axis=1)]])
    costs = np.concatenate([np.zeros(n_edges), np.full(n_classes, SHORT_COST * program.seconds.max()), [1.0]])
    upper = np.concatenate([most, wanted, [program.before_s.max() + program.seconds.max()]])
    solved = linprog(
        costs,
        A_ub=matrix,
        b_ub=limits,
        A_eq=degrees,
        b_eq=wanted,
        bounds=[(0.0, float(limit)) for limit in upper],
        method="highs",
    )
    if solved.status != 0 or solved.x is None:
        return 0.0, np.zeros(n_edges)
    prices, slopes = np.minimum(solved.ineqlin.marginals, 0.0), solved.eqlin.marginals
    reduced = costs - prices @ matrix - slopes @ degrees
    value = prices @ limits + slopes @ wanted + np.minimum(reduced, 0.0) @ upper
    return float(value), np.asarray(solved.x[:n_edges])


def _cut_rows(program: Program, cuts: NDArray[np.int64]) -> Matrix:
    """How many edges of each kind lie inside each cut's devices in the mean, shape `(cuts, E)`."""
    sizes = program.sizes.astype(np.float64)
    first, second = cuts[:, program.first], cuts[:, program.second]
    same = program.first == program.second
    own = sizes[program.first] * np.where(same, sizes[program.first] - 1.0, sizes[program.second])
    return np.asarray(first * np.where(same, first - 1, second) / own)
