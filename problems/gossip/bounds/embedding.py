"""A lower bound for schedules in pairs: a linear program over the ways in which a ring or a cube can lie on the sites.

A period asks each device for an exchange with R different partners: the schedule's graph, laid on the devices. The mean
of a device's exchanges is a lower bound on the period, so the period is at least the least λ at which edges x between
classes of devices exist, each as quick as the quickest link of its classes, with

- R edges at each device, and the mean of their seconds at most λ less its computing, both in the mean of a class;
- no more edges inside any set of devices than a ring or a cube has among so many ranks (`cuts`): what lies on few
  devices of a fast site must leave it often;
- in a ring, no edge that one of its ends cannot afford within λ, even with its quickest other edge (`affordable_s`);
  so λ is raised until the program no longer says that it is out of reach. In cubes this rules out next to nothing.

All of these hold for the numbers of edges between classes in any order, so classes suffice. The value is taken from
the dual solution by weak duality: it holds whatever the solver's tolerance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.classes import classes_of
from tasklet_bench.problems.gossip.bounds.cuts import most_edges_inside, violated_cuts
from tasklet_bench.problems.gossip.bounds.instance import Instance
from tasklet_bench.problems.gossip.bounds.program import Program, build_program, density_of, solve

CUT_ROUNDS = 10
"""How often cuts that the solution breaks are added."""


def embedding_bound_s(instance: Instance) -> float:
    """The bound; 0 where there are no pairs."""
    if not instance.in_pairs:
        return 0.0
    class_of = classes_of(instance)
    inside = most_edges_inside(instance.mixing, instance.n_devices)
    program = build_program(instance, class_of, inside)
    cuts = np.zeros((0, len(program.sizes)), dtype=np.int64)
    value_s, edges = solve(program, program.most, cuts, inside)
    for _ in range(CUT_ROUNDS):
        new = violated_cuts(density_of(program, edges), program.sizes, inside, cuts)
        if not len(new):
            break
        cuts = np.concatenate([cuts, new])
        value_s, edges = solve(program, program.most, cuts, inside)
    return _raise(instance, program, class_of, cuts, inside, value_s) if instance.mixing == "ring" else value_s


def _raise(
    instance: Instance,
    program: Program,
    class_of: NDArray[np.intp],
    cuts: NDArray[np.int64],
    inside: NDArray[np.int64],
    value_s: float,
) -> float:
    """The largest period that was found out of reach for edges that it could afford; at least `value_s`.

    What can be afforded changes only where a period reaches what some edge needs: those are searched by bisection.
    """
    needed_s = affordable_s(instance, program, class_of)
    steps = np.unique(needed_s[needed_s > value_s])
    low, high = 0, len(steps)
    best_s = value_s
    while low < high:
        middle = (low + high) // 2
        can = needed_s < steps[middle]
        parts = np.concatenate([cuts, _parts(program, can)])
        least_s, _ = solve(program, np.where(can, program.most, 0.0), parts, inside)
        best_s = max(best_s, min(least_s, float(steps[middle])))
        low, high = (middle + 1, high) if least_s >= steps[middle] else (low, middle)
    return best_s


def affordable_s(instance: Instance, program: Program, class_of: NDArray[np.intp]) -> NDArray[np.float64]:
    """The least period within which both ends can have an edge, with their quickest others beside it, shape `(E,)`."""
    others_s = np.sort(instance.pair_s, axis=1)[:, : program.degree - 1].sum(axis=1)
    least_s = np.full(len(program.sizes), np.inf)
    np.minimum.at(least_s, class_of, instance.before_s + others_s / program.degree)
    return np.asarray(np.maximum(least_s[program.first], least_s[program.second]) + program.seconds / program.degree)


def _parts(program: Program, can: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The sets of devices that no edge which can be had joins with others, as cuts; none where all hang together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_classes = len(program.sizes)
    ends = (program.first[can], program.second[can])
    edges = coo_array((np.ones(len(ends[0])), ends), shape=(n_classes, n_classes))
    count, part_of = connected_components(edges, directed=False)
    parts = np.where(part_of == np.arange(count)[:, None], program.sizes, 0)
    return parts if count > 1 else parts[:0]
