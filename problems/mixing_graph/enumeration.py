"""All graphs on a few devices, compiled: proven optima of tiny instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.evaluate import ON_THE_BORDER, SCORED, evaluate

if TYPE_CHECKING:
    from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

MOST_DEVICES = 6
"""2^15 graphs; each further device doubles them as often as there are devices already."""


def n_graphs(n_devices: int) -> int:
    """How many graphs there are, of any degree."""
    return 1 << (n_devices * (n_devices - 1) // 2)


def optimum(problem: MixingGraphProblem) -> tuple[NDArray[np.int64], float]:
    """The best valid graph, `(E, 2)`, and its period (in seconds).

    Raises `ValueError` above `MOST_DEVICES` devices, and where some graph is so near to the border of what is demanded
    that only an eigensolver could tell whether it is better.
    """
    if problem.n_devices > MOST_DEVICES:
        raise ValueError(f"{problem.n_devices} devices, expected at most {MOST_DEVICES}")
    code, best_s, undecided = scan(problem.arrays, 0, n_graphs(problem.n_devices), np.inf)
    if undecided:
        raise ValueError("a graph on the border of the connectivity that is demanded may be better")
    return edges_of(code, problem.n_devices), float(best_s)


def edges_of(code: int, n_devices: int) -> NDArray[np.int64]:
    """The edges of a graph by its number: bit b says whether the b-th pair, in ascending order, is an edge."""
    pairs = np.column_stack(np.triu_indices(n_devices, k=1)).astype(np.int64)
    return pairs[[bool(code >> bit & 1) for bit in range(len(pairs))]]


@jit
def scan(arrays, first, last, best_s):  # type: ignore[no-untyped-def]
    """The best of the graphs numbered `first` to `last` − 1 that are below `best_s`, else −1, and its period.

    Returns as well whether a better graph could not be decided upon.
    """
    n = len(arrays.compute_s)
    edges = np.empty((n * (n - 1) // 2, 2), dtype=np.int64)
    best, undecided = -1, False
    for code in range(first, last):
        count, bit = 0, 0
        for i in range(n):
            for j in range(i + 1, n):
                if code >> bit & 1:
                    edges[count, 0], edges[count, 1] = i, j
                    count += 1
                bit += 1
        said, _, period_s = evaluate(arrays, edges[:count])
        if period_s < best_s:
            if said == SCORED:
                best, best_s = code, period_s
            undecided = undecided or said == ON_THE_BORDER
    return best, best_s, undecided
