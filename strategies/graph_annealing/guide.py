"""The guided cost of a graph: a sum that falls with its largest waits, and tells more than the largest alone.

The period is at least the weight of every loop and the mean weight of the two arcs of every edge, and mostly equal to
the largest of them. The guide adds up the 16th powers of all these, over a reference that moves with the best period.
"""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.period import arc_weight_s, loop_weight_s


@jit(inline=True, allocates=False)
def sharpen(ratio):  # type: ignore[no-untyped-def]
    """The 16th power."""
    square = ratio * ratio
    fourth = square * square
    eighth = fourth * fourth
    return eighth * eighth


@jit(allocates=False)
def sum_up(arrays, state, i):  # type: ignore[no-untyped-def]
    """Seconds that a device sends and gets, added up anew."""
    sent_s = got_s = 0.0
    for spot in range(state.degrees[i]):
        j = state.neighbours[i, spot]
        sent_s += arrays.airtime_s[i, j]
        got_s += arrays.airtime_s[j, i]
    state.out_s[i], state.in_s[i] = sent_s, got_s


@jit(allocates=False)
def measure_all(arrays, state, unit_s):  # type: ignore[no-untyped-def]
    """Compute all sums and terms anew, measured in `unit_s`."""
    n = len(state.degrees)
    for i in range(n):
        sum_up(arrays, state, i)
    total, large = 0.0, 0
    for i in range(n):
        term = sharpen(loop_weight_s(arrays, i, state.out_s[i], state.in_s[i]) / unit_s)
        state.loop_term[i] = term
        total += term
        large += term >= 1.0
        for spot in range(state.degrees[i]):
            j = state.neighbours[i, spot]
            if i < j:
                forth_s = arc_weight_s(arrays, i, j, state.out_s[i], state.in_s[j])
                back_s = arc_weight_s(arrays, j, i, state.out_s[j], state.in_s[i])
                term = sharpen(0.5 * (forth_s + back_s) / unit_s)
                state.pair_term[i, j] = state.pair_term[j, i] = term
                total += term
                large += term >= 1.0
    state.totals[0], state.totals[1], state.counts[1] = total, unit_s, large


@jit(allocates=False)
def touch(state, n_taken, n_put):  # type: ignore[no-untyped-def]
    """List the devices at the ends of a move's edges; returns how many. `untouch` must follow."""
    touched = 0
    for spot in range(n_taken + n_put):
        for end in range(2):
            i = state.taken[spot, end] if spot < n_taken else state.put[spot - n_taken, end]
            if state.slot[i] < 0:
                state.slot[i], state.touched[touched] = touched, i
                state.new_out_s[touched], state.new_in_s[touched] = state.out_s[i], state.in_s[i]
                touched += 1
    return touched


@jit(allocates=False)
def untouch(state, n_touched):  # type: ignore[no-untyped-def]
    """Forget the list."""
    for spot in range(n_touched):
        state.slot[state.touched[spot]] = -1


@jit(allocates=False)
def shift_sums(arrays, state, n_taken, n_put):  # type: ignore[no-untyped-def]
    """Work out what the touched devices would send and get."""
    for spot in range(n_taken + n_put):
        if spot < n_taken:
            i, j, sign = state.taken[spot, 0], state.taken[spot, 1], -1.0
        else:
            i, j, sign = state.put[spot - n_taken, 0], state.put[spot - n_taken, 1], 1.0
        forth_s, back_s = sign * arrays.airtime_s[i, j], sign * arrays.airtime_s[j, i]
        state.new_out_s[state.slot[i]] += forth_s
        state.new_in_s[state.slot[j]] += forth_s
        state.new_out_s[state.slot[j]] += back_s
        state.new_in_s[state.slot[i]] += back_s


@jit(allocates=False)
def old_terms(state, n_touched):  # type: ignore[no-untyped-def]
    """Sum of all terms that a move changes, and how many of them are at least 1."""
    total, large = 0.0, 0
    for spot in range(n_touched):
        i = state.touched[spot]
        term = state.loop_term[i]
        total += term
        large += term >= 1.0
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            if state.slot[j] < 0 or state.slot[j] > spot:
                term = state.pair_term[i, j]
                total += term
                large += term >= 1.0
    return total, large


@jit(allocates=False)
def new_loops(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Sum of the loops' terms of the touched devices after the move: a floor under all terms that it changes."""
    total = 0.0
    for spot in range(n_touched):
        weight_s = loop_weight_s(arrays, state.touched[spot], state.new_out_s[spot], state.new_in_s[spot])
        state.new_term[spot] = sharpen(weight_s / state.totals[1])
        total += state.new_term[spot]
    return total


@jit(allocates=False)
def new_pairs(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Sum of the terms of all edges at touched devices, in the graph as it stands with the sums after the move."""
    total, written = 0.0, n_touched
    for spot in range(n_touched):
        i = state.touched[spot]
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            there = state.slot[j]
            if there < 0 or there > spot:
                out_s = state.out_s[j] if there < 0 else state.new_out_s[there]
                in_s = state.in_s[j] if there < 0 else state.new_in_s[there]
                forth_s = arc_weight_s(arrays, i, j, state.new_out_s[spot], in_s)
                back_s = arc_weight_s(arrays, j, i, out_s, state.new_in_s[spot])
                state.new_term[written] = sharpen(0.5 * (forth_s + back_s) / state.totals[1])
                total += state.new_term[written]
                written += 1
    return total


@jit(allocates=False)
def keep_terms(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Make the terms worked out last those of the graph; returns how many of them are at least 1."""
    large, written = 0, n_touched
    for spot in range(n_touched):
        i = state.touched[spot]
        sum_up(arrays, state, i)
        state.loop_term[i] = state.new_term[spot]
        large += state.new_term[spot] >= 1.0
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            if state.slot[j] < 0 or state.slot[j] > spot:
                state.pair_term[i, j] = state.pair_term[j, i] = state.new_term[written]
                large += state.new_term[written] >= 1.0
                written += 1
    return large
