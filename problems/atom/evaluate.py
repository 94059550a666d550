"""Compiled: the cost of who takes part, each in a way of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.pipeline_model.exchange_kernel import Network, exchange_seconds, network

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.problem import AtomProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW = 2
"""Finishes of passes, over the peers, that are gone through one by one."""


class Pack(NamedTuple):
    """An instance as compiled code takes it, and scratch memory for one evaluation.

    `cycle_s` and `accumulation` `(N, W)` by way, of which a peer has `n_ways` `(N,)`; `micro_batches` m;
    `gradient_bytes` of the whole model. Scratch: `members` by falling cards; of each of them passes that are
    finished, `passes`, and when the next one is, `next_s`.
    """

    cycle_s: Floats
    accumulation: Ints
    n_ways: Ints
    micro_batches: int
    gradient_bytes: float
    network: Network
    members: Ints
    own_s: Floats
    own: Ints
    passes: Ints
    next_s: Floats


def pack_problem(problem: AtomProblem) -> Pack:
    """Make an instance ready for compiled code."""
    menus, n = problem.menus, problem.devices.n_devices
    most = max(len(menu.ways) for menu in menus)
    cycle_s, accumulation = np.full((n, most), np.inf), np.zeros((n, most), dtype=np.int64)
    for i, menu in enumerate(menus):
        cycle_s[i, : len(menu.ways)] = menu.cycle_s
        accumulation[i, : len(menu.ways)] = [a for _, a in menu.ways]
    return Pack(
        cycle_s,
        accumulation,
        np.array([len(menu.ways) for menu in menus]),
        problem.micro_batches,
        problem.gradient_bytes,
        network(problem.devices),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n),
    )


@jit(allocates=False)
def whole_passes(time_s, cycle_s):  # type: ignore[no-untyped-def]
    """How many passes are finished by then: the largest k such that k·t, as a product, is no later."""
    k = int(time_s / cycle_s)
    while (k + 1) * cycle_s <= time_s:
        k += 1
    while k * cycle_s > time_s:
        k -= 1
    return k


@jit(allocates=False)
def finish_seconds(pack, n):  # type: ignore[no-untyped-def]
    """The earliest time at which n peers, of `own_s` a pass of `own` micro-batches, have finished all of them.

    Time is narrowed down by halves while many passes end in between, and then goes from one finish to the next.
    """
    own_s, own, passes, next_s = pack.own_s, pack.own, pack.passes, pack.next_s
    rate = longest_s = 0.0
    for a in range(n):
        rate += own[a] / own_s[a]
        longest_s = max(longest_s, own_s[a])
    early_s = pack.micro_batches / rate * (1 - 1e-9)
    late_s = early_s + longest_s * (1 + 1e-9) + early_s * 1e-8
    between = 0.0
    for a in range(n):
        between += longest_s / own_s[a]
    while between > FEW * n and late_s - early_s > 1e-13 * late_s:
        middle_s = 0.5 * (early_s + late_s)
        done = 0
        for a in range(n):
            done += own[a] * whole_passes(middle_s, own_s[a])
        if done >= pack.micro_batches:
            late_s = middle_s
        else:
            early_s = middle_s
        between *= 0.5
    done = 0
    for a in range(n):
        passes[a] = whole_passes(early_s, own_s[a])
        next_s[a] = (passes[a] + 1) * own_s[a]
        done += own[a] * passes[a]
    time_s = 0.0
    while done < pack.micro_batches:
        first = 0
        for a in range(1, n):
            if next_s[a] < next_s[first]:
                first = a
        time_s = next_s[first]
        done += own[first]
        passes[first] += 1
        next_s[first] = (passes[first] + 1) * own_s[first]
    return time_s


@jit(allocates=False)
def evaluate(pack, takes_part, ways):  # type: ignore[no-untyped-def]
    """Seconds of computing and of the exchange, for labels and ways `(N,)`; nan for no member of the decision."""
    n = 0
    for i in range(len(ways)):
        if not (0 <= takes_part[i] <= 1 and 0 <= ways[i] < pack.n_ways[i]):
            return np.nan, np.nan
    for i in pack.network.falling:
        if takes_part[i]:
            pack.members[n] = i
            pack.own_s[n] = pack.cycle_s[i, ways[i]]
            pack.own[n] = pack.accumulation[i, ways[i]]
            n += 1
    if n == 0:
        return np.nan, np.nan
    return finish_seconds(pack, n), exchange_seconds(pack.network, pack.members, 0, n, pack.gradient_bytes)
