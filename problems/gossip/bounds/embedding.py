"""A lower bound for schedules in pairs: a linear program over the ways in which a ring or a cube can lie on the sites.

A period asks each device for an exchange with R different partners: the schedule's graph, laid on the devices. The mean
of a device's exchanges is a lower bound on the period, so the period is at least the least λ at which edges x between
classes of devices with the same links exist with

- R edges at each device, and the mean of their seconds at most λ less its computing, both in the mean of a class;
- no more edges inside any set of devices than a ring or a cube has among so many ranks (`cuts`): what lies on few
  devices of a fast site must leave it often;
- in a ring, no edge that one of its ends cannot afford within λ, even with its quickest other edge (`affordable`); so λ
  is raised until the program no longer says that it is out of reach. In cubes this rules out next to nothing.

All of these hold for the numbers of edges between classes in any order, so classes suffice. The value is taken from
the dual solution by weak duality: it holds whatever the solver's tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.structure import interchangeable
from tasklet_bench.problems.gossip.bounds.cuts import most_edges_inside, violated_cuts
from tasklet_bench.problems.gossip.bounds.instance import Instance, Matrix

MOST_CLASSES = 12
"""Classes beyond which the program would take too long."""
CUT_ROUNDS = 10
"""How often cuts that the solution breaks are added."""
RAISES = 7
"""Halvings of the interval in which λ is raised."""
SHORT_COST = 1.0
"""Seconds that λ rises for an edge that cannot be had: keeps the program feasible, and its dual finite."""


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program of C classes and E kinds of edges.

    `first`, `second` `(E,)` are the classes of an edge's ends, `seconds` `(E,)` its exchange, `most` `(E,)` how many
    there can be; `sizes` `(C,)`; `before_s`, `least_before_s` `(C,)` computing that nothing hides, in the mean and the
    least of a class; `degree` is R.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    seconds: NDArray[np.float64]
    most: NDArray[np.float64]
    sizes: NDArray[np.int64]
    before_s: NDArray[np.float64]
    least_before_s: NDArray[np.float64]
    degree: int


def embedding_bound_s(instance: Instance) -> float:
    """The bound; 0 where there are no pairs, or too many classes."""
    if not instance.in_pairs:
        return 0.0
    class_of = interchangeable(instance.pair_s)
    if class_of.max() >= MOST_CLASSES:
        return 0.0
    inside = most_edges_inside(instance.mixing, instance.n_devices)
    program = _program(instance, class_of, inside)
    cuts = np.zeros((0, len(program.sizes)), dtype=np.int64)
    value_s, edges = _solve(program, program.most, cuts, inside)
    for _ in range(CUT_ROUNDS):
        new = violated_cuts(_density(program, edges), program.sizes, inside, cuts)
        if not len(new):
            break
        cuts = np.concatenate([cuts, new])
        value_s, edges = _solve(program, program.most, cuts, inside)
    return _raise(instance, program, class_of, cuts, inside, value_s) if instance.mixing == "ring" else value_s


def _raise(
    instance: Instance,
    program: Program,
    class_of: NDArray[np.intp],
    cuts: NDArray[np.int64],
    inside: NDArray[np.int64],
    value_s: float,
) -> float:
    """The largest period that was found out of reach for edges that it could afford; at least `value_s`."""
    low_s, high_s = value_s, 2.0 * value_s
    for _ in range(RAISES):
        middle_s = (low_s + high_s) / 2
        most = np.where(affordable(instance, program, class_of, middle_s), program.most, 0.0)
        value_s, _ = _solve(program, most, cuts, inside)
        low_s = max(low_s, min(middle_s, value_s))
        if value_s < middle_s:
            high_s = middle_s
    return low_s


def affordable(instance: Instance, program: Program, class_of: NDArray[np.intp], period_s: float) -> NDArray[np.bool_]:
    """Which kinds of edges both ends could have within a period, shape `(E,)`: with their quickest other edges."""
    _, devices = np.unique(class_of, return_index=True)
    quickest_s = np.sort(instance.pair_s[devices], axis=1)[:, : program.degree]
    spare_s = program.degree * (period_s - program.least_before_s) - quickest_s.sum(axis=1)
    # an edge takes the place of the slowest of the quickest ones, unless it is among them
    limit_s = quickest_s[:, -1] + np.where(spare_s >= 0, spare_s, -np.inf)
    return np.asarray((program.seconds <= limit_s[program.first]) & (program.seconds <= limit_s[program.second]))


def _program(instance: Instance, class_of: NDArray[np.intp], inside: NDArray[np.int64]) -> Program:
    members = [np.flatnonzero(class_of == c) for c in range(int(class_of.max()) + 1)]
    sizes = np.array(list(map(len, members)))
    pairs = [(a, b) for a in range(len(sizes)) for b in range(a, len(sizes)) if a != b or sizes[a] > 1]
    first, second = np.array(pairs).T
    seconds = np.array([instance.pair_s[members[a][0], members[b][-1]] for a, b in pairs])
    most = np.array([_most_edges(int(sizes[a]), inside) if a == b else sizes[a] * sizes[b] for a, b in pairs])
    before_s = [instance.before_s[devices] for devices in members]
    return Program(
        first,
        second,
        seconds,
        most.astype(np.float64),
        sizes,
        np.array([one_s.mean() for one_s in before_s]),
        np.array([one_s.min() for one_s in before_s]),
        instance.n_rounds,
    )


def _most_edges(size: int, inside: NDArray[np.int64]) -> float:
    """Edges inside a class, by the sharpest of the cuts on so and so many of its devices."""
    counts = np.arange(2, size + 1)
    return float((inside[counts] * (size * (size - 1)) / (counts * (counts - 1))).min())


def _density(program: Program, edges: NDArray[np.float64]) -> Matrix:
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


def _solve(
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
    costs = np.concatenate([np.zeros(n_edges), np.full(n_classes, SHORT_COST), [1.0]])
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
