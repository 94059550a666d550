"""Lines of devices along which the dynamic programme hands them to stages, neighbours next to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.model import split

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem, TensorShape

Line = NDArray[np.int64]


def pair_seconds(problem: TensorParallelProblem) -> NDArray[np.float64]:
    """What a pair pays for one sequence's activations and their gradients (in seconds), shape `(N, N)`."""
    devices = problem.devices
    one_way_s = devices.delay_s + 2 * problem.model.edge_elements / devices.bandwidth_bytes_s
    both: NDArray[np.float64] = one_way_s + one_way_s.T
    return both


def find_lines(problem: TensorParallelProblem) -> list[Line]:
    """The host list; chains of nearest neighbours; and such chains of large memories first, of fast devices first.

    Each is followed by its reverse; what repeats is left out.
    """
    pair_s = pair_seconds(problem)
    n = len(pair_s)
    everyone = np.zeros(n)
    far = int(pair_s.sum(axis=1).argmax())
    lines = [
        np.arange(n),
        chain(pair_s, everyone, far),
        chain(pair_s, -problem.devices.memory_bytes, 0),
        chain(pair_s, -problem.devices.flops, 0),
    ]
    different: dict[bytes, Line] = {}
    for line in lines:
        for way in (line, line[::-1].copy()):
            different.setdefault(way.tobytes(), way)
    return list(different.values())


def chain(pair_s: NDArray[np.float64], rank: NDArray[np.float64], first: int) -> Line:
    """Go from device to nearest device, those of lower `rank` before those of higher; ties: the lower number."""
    n = len(pair_s)
    left = np.ones(n, dtype=bool)
    line = np.empty(n, dtype=np.int64)
    here = first if rank[first] == rank.min() else int(np.argmin(rank))
    for place in range(n):
        line[place] = here
        left[here] = False
        if place + 1 < n:
            lowest = rank[left].min()
            here = int(np.argmin(np.where(left & (rank == lowest), pair_s[here], np.inf)))
    return line


def group_line(line: Line, size: int, pair_s: NDArray[np.float64]) -> Line:
    """Reorder a line so that its runs of `size` devices are close to each other, as tensor groups should be.

    Runs of the line are taken as they are close, disjoint ones first come first served; what is left over forms the
    last groups. Groups keep the order in which they stand on the line.
    """
    if size == 1:
        return line
    starts = range(len(line) - size + 1)
    widths = [pair_s[np.ix_(line[i : i + size], line[i : i + size])].max() for i in starts]
    free = np.ones(len(line), dtype=bool)
    taken = []
    for start in np.argsort(widths, kind="stable"):
        if free[start : start + size].all():
            free[start : start + size] = False
            taken.append(int(start))
    runs = [line[start : start + size] for start in sorted(taken)]
    return np.concatenate([*runs, line[free]])


def match_line(line: Line, shape: TensorShape, problem: TensorParallelProblem) -> Line:
    """Give the stages of most layers the fastest groups of a line, and leave the slowest idle.

    Groups that are equally fast, and stages of equally many layers, keep their order.
    """
    size, per_stage = shape.tensor_devices, shape.replicas
    whole = len(line) // size
    groups = line[: whole * size].reshape(whole, size)
    speed = problem.devices.flops[groups].min(axis=1)
    fastest = np.argsort(-speed, kind="stable")
    used, idle = fastest[: shape.stages * per_stage], np.sort(fastest[shape.stages * per_stage :])
    by_layers = np.argsort([-layers for layers in split(problem.model.layers, shape.stages)], kind="stable")
    stages = np.empty((shape.stages, per_stage, size), dtype=np.int64)
    stages[by_layers] = groups[used].reshape(shape.stages, per_stage, size)
    return np.concatenate([stages.ravel(), groups[idle].ravel(), line[whole * size :]])
