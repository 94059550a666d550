"""The repair of large-neighbourhood search: a short cooling on the ordered state that moves some of the devices.

The acceptance sees a cost that is guided off the plateaus of bottlenecks: a boundary at class r earns credit for the
rows that can already be matched one class below, `(matched/D)²·(s_r - s_{r-1})`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tasklet_bench.problems.allocation.kernels import Pack, commit, propose_reversal, propose_swap, rollback, start
from tasklet_bench.problems.allocation.kernels.ordered_state import State
from tasklet_bench.problems.allocation.kernels.packing import Ints
from tasklet_bench.problems.compiled import jit

DRAWS_PER_EVALUATION = 20
"""Drawn swaps that would change nothing are not evaluated; a repair that meets only such gives up after so many."""
DRAWS_PER_TEMPERATURE = 64


BEGIN, PROBE, COOL = range(3)


class Ground(NamedTuple):
    """What is repaired: the problem's matrices, the ordered state, and the class of each interchangeable device."""

    pack: Pack
    state: State
    symmetry_class: Ints


class Cooling(NamedTuple):
    """A cooling: first and last temperature, share of moves that turn a segment of stages round, most proposals."""

    hot_s: float
    cold_s: float
    reversals: float
    evaluations: int


NOTHING = Cooling(0.0, 0.0, 0.0, 0)
"""The cooling that makes no move."""


@jit(allocates=False)
def step(ground, rng, what, movers, cooling, best_s, labels):  # type: ignore[no-untyped-def]
    """Stand at `labels` (`BEGIN`), find `mean_rise_s` (`PROBE`) or `cool`, with `labels` as best (`COOL`).

    One way in for Python, so that what the three share is translated once. Returns how many proposals were evaluated,
    and the cost of the labels, the mean rise or the best cost (in seconds).
    """
    if what == BEGIN:
        return 1, start(ground.pack, ground.state, labels)
    if what == PROBE:
        rise_s, done = mean_rise_s(ground, rng, cooling.evaluations)
        return done, rise_s
    return cool(ground, rng, movers, cooling, best_s, labels)


@jit(allocates=False)
def cool(ground, rng, movers, cooling, best_s, best):  # type: ignore[no-untyped-def]
    """Walk from one temperature to another; returns how many proposals were evaluated, and the best cost.

    `movers`: the devices that may change places, int64. Labels that cost less than `best_s` are written to `best`.
    """
    pack, state, symmetry_class = ground.pack, ground.state, ground.symmetry_class
    hot_s, cold_s, evaluations = cooling.hot_s, cooling.cold_s, cooling.evaluations
    k, m = pack.n_groups, len(movers)
    cost_s = state.parts_s[0] + state.parts_s[1]
    temperature_s = hot_s
    done = draws = 0
    while done < evaluations and draws < DRAWS_PER_EVALUATION * evaluations:
        if draws % DRAWS_PER_TEMPERATURE == 0:
            temperature_s = hot_s * (cold_s / hot_s) ** (done / evaluations)
        draws += 1
        if k > 2 and rng.random() < cooling.reversals:
            first, last = int(rng.random() * k), int(rng.random() * k)
            first, last = min(first, last), max(first, last)
            if first == last or (first == 0 and last == k - 1):
                continue
            proposed_s = propose_reversal(pack, state, first, last)
        else:
            a, b = movers[int(rng.random() * m)], movers[int(rng.random() * m)]
            if state.stage_of[a] == state.stage_of[b] or symmetry_class[a] == symmetry_class[b]:
                continue
            proposed_s = _propose(pack, state, a, b)
        done += 1
        rise_s = proposed_s - cost_s + _credit_lost_s(pack, state)
        if rise_s > 0 and rng.random() >= math.exp(-rise_s / temperature_s):
            rollback(pack, state)
            continue
        commit(pack, state)
        cost_s = proposed_s
        if cost_s < best_s:
            best_s = cost_s
            for device in range(len(best)):
                best[device] = state.stage_of[device]
    return done, best_s


@jit(allocates=False)
def mean_rise_s(ground, rng, evaluations):  # type: ignore[no-untyped-def]
    """By how much a random swap changes the guided cost, on average (in seconds): what temperatures are measured in.

    Returns the mean over the swaps evaluated, and how many there were.
    """
    pack, state, symmetry_class = ground.pack, ground.state, ground.symmetry_class
    total_s, done, draws = 0.0, 0, 0
    cost_s = state.parts_s[0] + state.parts_s[1]
    while done < evaluations and draws < DRAWS_PER_EVALUATION * evaluations:
        draws += 1
        a, b = int(rng.random() * pack.n_devices), int(rng.random() * pack.n_devices)
        if state.stage_of[a] == state.stage_of[b] or symmetry_class[a] == symmetry_class[b]:
            continue
        total_s += abs(_propose(pack, state, a, b) - cost_s + _credit_lost_s(pack, state))
        rollback(pack, state)
        done += 1
    return total_s / max(done, 1), done


@jit(allocates=False)
def _propose(pack, state, a, b):  # type: ignore[no-untyped-def]
    """`propose_swap`, compiled once for both callers: it is long."""
    return propose_swap(pack, state, a, b)


@jit(allocates=False)
def _credit_lost_s(pack, state):  # type: ignore[no-untyped-def]
    """Credit of the touched boundaries before the proposal less that after it."""
    lost_s = 0.0
    for i in range(state.n_touched[0]):
        b = state.touched[i]
        lost_s += _credit_s(pack, state.boundary_class[b], state.boundary_below[b])
        lost_s -= _credit_s(pack, state.touched_class[i], state.touched_below[i])
    return lost_s


@jit(allocates=False)
def _credit_s(pack, level, below):  # type: ignore[no-untyped-def]
    """What a boundary of class `level` earns for the rows that can be matched one class below."""
    if level == 0:
        return 0.0
    share = below / pack.group_size
    return share * share * (pack.class_s[level] - pack.class_s[level - 1])
