"""Pipelines below a budget, stage after stage: the dynamic programme, guided by a coarser one.

A state is the last stage's composition and the devices used so far; of equal states the one with the cheapest
boundaries stands for all. What the stages to come cost at least is read from a guide: the same programme with some
classes merged into one, whose links are the cheapest between them. Read backwards, a pipeline costs the same, so that
the cheapest coarse pipeline that *ends* with a composition and has used certain devices is also the cheapest that
begins with it and has those devices to come. A state whose completion the guide does not hold reaches the budget.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.compositions.table import EMPTY, doubled, slot
from tasklet_bench.problems.allocation.compositions.wiring import boundary
from tasklet_bench.problems.compiled import jit

Array = NDArray[np.int64]

NOTHING, FOUND, GAVE_UP = 0, 1, 2


class Stages(NamedTuple):
    """What stages can be made of: compositions `(M, C)`, devices of each class `(C,)`, levels of links, stages K."""

    counts: Array
    sizes: Array
    level: Array
    level_of: Array
    n_stages: int


class Guide(NamedTuple):
    """A coarser programme: the coarse composition of each composition `(M,)`, compositions grouped by it, its table.

    `member` lists the compositions in groups, group x from `first[x]` to `first[x + 1]`, in ascending order each; those
    from the number of `Stages.counts` on do not take part. `weight`, `(C,)`: what a
    device of a class adds to the code of the coarse devices. `counts` and `level_of` are the coarse compositions and
    links. The table's key is the code of the devices times the number of coarse compositions, plus the last one.
    """

    coarse_of: Array
    member: Array
    first: Array
    weight: Array
    counts: Array
    level_of: Array
    keys: Array
    least: Array


class Limits(NamedTuple):
    """Units that all boundaries together stay below, whether the cheaper half comes first, most steps and states."""

    budget: int
    cheaper_half_first: bool
    steps: int
    states: int


class Layers(NamedTuple):
    """What was reached: one row a state, layer p from `begins[p - 1]` to `begins[p]`, by number of stages placed.

    `last`: the last composition; `used`: the code of the devices used; `paid`: units of its boundaries; `parent`: the
    row that it comes from. `result` is `NOTHING` (no pipeline is below the budget) or `GAVE_UP`, with the layers until
    then, or `FOUND`.
    """

    result: int
    steps: int
    begins: Array
    last: Array
    used: Array
    paid: Array
    parent: Array


def codes(sizes: Array) -> Array:
    """What a device of each class adds to the code of a set of devices, `(C,)`: different sets, different codes."""
    return np.concatenate([[1], np.cumprod(sizes + 1)[:-1]]).astype(np.int64)


@jit
def pipelines(stages, guide, code, limits):  # type: ignore[no-untyped-def]
    """All states below the budget, layer after layer; `code` is `codes(stages.sizes)`. Returns `Layers`."""
    m, n_classes = stages.counts.shape
    n_coarse, n_levels, least = len(guide.counts), len(stages.level), stages.level[0]
    own = np.zeros(m, np.int64)
    everything = 0
    for c in range(n_classes):
        everything += stages.sizes[c] * guide.weight[c]
        for j in range(m):
            own[j] += code[c] * stages.counts[j, c]
    begins = np.zeros(stages.n_stages + 1, np.int64)
    last, used = np.empty(m, np.int64), np.empty(m, np.int64)
    paid, parent = np.zeros(m, np.int64), np.full(m, -1, np.int64)
    n = 0
    for j in range(m):
        place = slot(guide.keys, everything * n_coarse + guide.coarse_of[j])
        if guide.keys[place] != EMPTY and guide.least[place] < limits.budget:
            last[n], used[n] = j, own[j]
            n += 1
    begins[1] = n
    half = (stages.n_stages - 1) // 2
    amid = (stages.n_stages - 1) % 2 * least
    known, known_from = np.empty(m, np.int64), np.full(m, -1, np.int64)
    coarse_known, coarse_known_from = np.empty(n_coarse, np.int64), np.full(n_coarse, -1, np.int64)
    left = np.empty(n_classes, np.int64)
    steps, result, reached = 0, FOUND, 1
    while result == FOUND and reached < stages.n_stages:
        placed = reached
        keys, values = np.full(1024, EMPTY, np.int64), np.zeros(1024, np.int64)
        begin, end = begins[placed - 1], begins[placed]
        room = 2 * (end - begin) + 1024
        last, used, paid, parent = _roomy(last, used, paid, parent, end + room)
        n = end
        for row in _by_last(last, begin, end, guide.member):
            a = last[row]
            coarse_a = guide.coarse_of[a]
            most = limits.budget - paid[row] - (stages.n_stages - 1 - placed) * least
            if limits.cheaper_half_first and placed <= half:
                most = min(most, (limits.budget - amid + 1) // 2 - paid[row] - (half - placed) * least)
            highest = n_levels - 1
            while highest >= 0 and stages.level[highest] >= most:
                highest -= 1
            if highest < 0:
                continue
            rest, coarse_rest = used[row], 0
            for c in range(n_classes - 1, -1, -1):
                left[c] = stages.sizes[c] - rest // code[c]
                rest %= code[c]
                coarse_rest += left[c] * guide.weight[c]
            for x in range(n_coarse):
                steps += 1
                place = slot(guide.keys, coarse_rest * n_coarse + x)
                if guide.keys[place] == EMPTY:
                    continue
                spent = paid[row] + guide.least[place]
                if spent + least >= limits.budget:
                    continue
                if coarse_known_from[x] != coarse_a:
                    steps += 10
                    coarse_known_from[x] = coarse_a
                    coarse_known[x] = boundary(guide.counts[coarse_a], guide.counts[x], guide.level_of, 0, n_levels - 1)
                if coarse_known[x] > highest or spent + stages.level[coarse_known[x]] >= limits.budget:
                    continue
                for y in range(guide.first[x], guide.first[x + 1]):
                    j = guide.member[y]
                    if j >= m:
                        break
                    steps += 1
                    if not _fits(stages.counts, j, left):
                        continue
                    level = known[j] if known_from[j] == a else coarse_known[x]
                    if level > highest or spent + stages.level[level] >= limits.budget:
                        continue
                    key = (used[row] + own[j]) * m + j
                    place = slot(keys, key)
                    if keys[place] != EMPTY and paid[values[place]] <= paid[row] + stages.level[level]:
                        continue
                    if known_from[j] != a:
                        steps += 10
                        known_from[j] = a
                        known[j] = level = boundary(
                            stages.counts[a], stages.counts[j], stages.level_of, level, n_levels - 1
                        )
                        if level > highest or spent + stages.level[level] >= limits.budget:
                            continue
                    if keys[place] != EMPTY:
                        if paid[row] + stages.level[level] < paid[values[place]]:
                            paid[values[place]], parent[values[place]] = paid[row] + stages.level[level], row
                        continue
                    if n == len(last):
                        last, used, paid, parent = _roomy(last, used, paid, parent, 2 * n)
                    keys[place], values[place] = key, n
                    last[n], used[n] = j, used[row] + own[j]
                    paid[n], parent[n] = paid[row] + stages.level[level], row
                    n += 1
                    if 2 * (n - end) > len(keys):
                        keys, values = doubled(keys, values)
            if steps > limits.steps or n > limits.states:
                result = GAVE_UP
                break
        if result == FOUND and n == end:
            result = NOTHING
        reached += 1
        begins[reached] = n
    return Layers(result, steps, begins, last[:n], used[:n], paid[:n], parent[:n])


@jit
def _by_last(last, begin, end, member):  # type: ignore[no-untyped-def]
    """The rows of a layer in the order of their last composition among `member`: what is alike comes together."""
    rank = np.empty(len(member), np.int64)
    for y in range(len(member)):
        rank[member[y]] = y
    first = np.zeros(len(member) + 1, np.int64)
    for row in range(begin, end):
        first[rank[last[row]] + 1] += 1
    for y in range(len(member)):
        first[y + 1] += first[y]
    rows = np.empty(end - begin, np.int64)
    for row in range(begin, end):
        rows[first[rank[last[row]]]] = row
        first[rank[last[row]]] += 1
    return rows


@jit
def _fits(counts, j, left):  # type: ignore[no-untyped-def]
    """Whether the devices that are left can make a composition."""
    for c in range(len(left)):  # noqa: SIM110 - compiled
        if counts[j, c] > left[c]:
            return False
    return True


@jit
def _roomy(last, used, paid, parent, room):  # type: ignore[no-untyped-def]
    """The columns with room for so many rows: copies where they have less."""
    old = len(last)
    if room <= old:
        return last, used, paid, parent
    more_last, more_used = np.empty(room, np.int64), np.empty(room, np.int64)
    more_paid, more_parent = np.empty(room, np.int64), np.empty(room, np.int64)
    for row in range(old):  # slices would compile the message about shapes that differ, which takes seconds
        more_last[row], more_used[row] = last[row], used[row]
        more_paid[row], more_parent[row] = paid[row], parent[row]
    return more_last, more_used, more_paid, more_parent
