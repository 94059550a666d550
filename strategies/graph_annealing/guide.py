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
    state.sums_s[i, 0], state.sums_s[i, 1] = sent_s, got_s


@jit(allocates=False)
def measure_all(arrays, state, unit_s):  # type: ignore[no-untyped-def]
    """Compute all sums and terms anew, measured in `unit_s`."""
    sums_s, large = state.sums_s, 0
    for i in range(len(state.degrees)):
        sum_up(arrays, state, i)
    for i in range(len(state.degrees)):
        state.terms[i, i] = sharpen(loop_weight_s(arrays, i, sums_s[i, 0], sums_s[i, 1]) / unit_s)
        large += state.terms[i, i] >= 1.0
        for spot in range(state.degrees[i]):
            j = state.neighbours[i, spot]
            if i < j:
                forth_s = arc_weight_s(arrays, i, j, sums_s[i, 0], sums_s[j, 1])
                back_s = arc_weight_s(arrays, j, i, sums_s[j, 0], sums_s[i, 1])
                term = sharpen(0.5 * (forth_s + back_s) / unit_s)
                state.terms[i, j] = state.terms[j, i] = term
                large += term >= 1.0
    state.unit_s[0], state.counts[1] = unit_s, large


@jit(allocates=False)
def touch(arrays, state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """List the devices of a move, with what they would send and get; returns how many. `untouch` must follow."""
    touched = 0
    for spot in range(n_moved):
        sign = 1.0 if spot < n_put else -1.0
        i, j = state.move[spot, 0], state.move[spot, 1]
        for _ in range(2):
            if state.slot[i] < 0:
                state.slot[i], state.touched[touched] = touched, i
                state.new_sums_s[touched, 0], state.new_sums_s[touched, 1] = state.sums_s[i, 0], state.sums_s[i, 1]
                touched += 1
            state.new_sums_s[state.slot[i], 0] += sign * arrays.airtime_s[i, j]
            state.new_sums_s[state.slot[i], 1] += sign * arrays.airtime_s[j, i]
            i, j = j, i
    return touched


@jit(allocates=False)
def untouch(state, n_touched):  # type: ignore[no-untyped-def]
    """Forget the list."""
    for spot in range(n_touched):
        state.slot[state.touched[spot]] = -1


@jit(allocates=False)
def compare_loops(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Sum of all terms that a move changes, how many of them are at least 1, and the sum of the loops' after it.

    The latter is a floor under all that the former become.
    """
    before, large, loops = 0.0, 0, 0.0
    for spot in range(n_touched):
        i = state.touched[spot]
        weight_s = loop_weight_s(arrays, i, state.new_sums_s[spot, 0], state.new_sums_s[spot, 1])
        state.new_terms[spot] = sharpen(weight_s / state.unit_s[0])
        loops += state.new_terms[spot]
        before += state.terms[i, i]
        large += state.terms[i, i] >= 1.0
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            if state.slot[j] < 0 or state.slot[j] > spot:
                before += state.terms[i, j]
                large += state.terms[i, j] >= 1.0
    return before, large, loops


@jit(allocates=False)
def sum_pairs(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Sum of the terms of all edges at touched devices, in the graph as it stands with the sums after the move."""
    total, written = 0.0, n_touched
    for spot in range(n_touched):
        i = state.touched[spot]
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            there = state.slot[j]
            if there < 0 or there > spot:
                sent_s = state.sums_s[j, 0] if there < 0 else state.new_sums_s[there, 0]
                got_s = state.sums_s[j, 1] if there < 0 else state.new_sums_s[there, 1]
                forth_s = arc_weight_s(arrays, i, j, state.new_sums_s[spot, 0], got_s)
                back_s = arc_weight_s(arrays, j, i, sent_s, state.new_sums_s[spot, 1])
                state.new_terms[written] = sharpen(0.5 * (forth_s + back_s) / state.unit_s[0])
                total += state.new_terms[written]
                written += 1
    return total


@jit(allocates=False)
def keep_terms(arrays, state, n_touched):  # type: ignore[no-untyped-def]
    """Make the terms worked out last those of the graph; returns how many of them are at least 1."""
    large, written = 0, n_touched
    for spot in range(n_touched):
        i = state.touched[spot]
        sum_up(arrays, state, i)
        state.terms[i, i] = state.new_terms[spot]
        large += state.new_terms[spot] >= 1.0
        for other in range(state.degrees[i]):
            j = state.neighbours[i, other]
            if state.slot[j] < 0 or state.slot[j] > spot:
                state.terms[i, j] = state.terms[j, i] = state.new_terms[written]
                large += state.new_terms[written] >= 1.0
                written += 1
    return large
