"""The best wiring of two neighbouring stages whose devices are counted: a flow between classes."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def boundary(left, right, level_of, lowest, highest):  # type: ignore[no-untyped-def]
    """The least level, from `lowest` to `highest`, whose links join all devices of two stages in pairs.

    `left` and `right`, `(C,)`: the devices of each class; `level_of`, `(C, C)`. Links up to `highest` must do.
    """
    low, high = lowest, highest
    if _joined(left, right, level_of, low):
        return low
    low += 1
    while low < high:
        middle = (low + high) // 2
        if _joined(left, right, level_of, middle):
            high = middle
        else:
            low = middle + 1
    return low


@jit
def _joined(left, right, level_of, level):  # type: ignore[no-untyped-def]
    """Whether links up to a level carry all devices: whole flows along shortest augmenting paths."""
    n = len(left)
    flow, room = np.zeros((n, n), np.int64), right.copy()
    queue, before, through = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    for a in range(n):
        need = left[a]
        for b in range(n):
            if need > 0 and room[b] > 0 and level_of[a, b] <= level:
                now = min(need, room[b])
                flow[a, b] += now
                room[b] -= now
                need -= now
        while need > 0:
            through[:] = -1
            head, tail, end = 0, 0, -1
            for b in range(n):
                if right[b] > 0 and level_of[a, b] <= level:
                    through[b], before[b] = a, -1
                    queue[tail] = b
                    tail += 1
            while head < tail and end < 0:
                b = queue[head]
                head += 1
                if room[b] > 0:
                    end = b
                    break
                for other in range(n):
                    if flow[other, b] > 0:
                        for next_b in range(n):
                            if through[next_b] < 0 and right[next_b] > 0 and level_of[other, next_b] <= level:
                                through[next_b], before[next_b] = other, b
                                queue[tail] = next_b
                                tail += 1
            if end < 0:
                return False
            now, b = min(need, room[end]), end
            while before[b] >= 0:
                now = min(now, flow[through[b], before[b]])
                b = before[b]
            room[end] -= now
            b = end
            while before[b] >= 0:
                flow[through[b], b] += now
                flow[through[b], before[b]] -= now
                b = before[b]
            flow[a, b] += now
            need -= now
    return True
