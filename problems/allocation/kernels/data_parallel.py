"""The data-parallel groups of a partition and what each pays for its gradients."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.llvm import group_sum
from tasklet_bench.problems.compiled import jit


@jit(allocates=False)
def collect(labels, members, filled):  # type: ignore[no-untyped-def]
    """Write the devices of each group, in ascending order, to `members`, uint32 `(K, D)`; `filled` is scratch.

    Devices of group K are spares, and written nowhere.
    """
    for i in range(len(filled)):
        filled[i] = 0
    if len(labels) > members.size:
        _collect_used(labels, members, filled)
        return
    for device in range(len(labels)):
        group = np.uint64(labels[device])
        members[group, np.uint64(filled[group])] = device
        filled[group] += 1


@jit(allocates=False)
def _collect_used(labels, members, filled):  # type: ignore[no-untyped-def]
    """`collect` where some devices are spares: apart, so that no other problem pays for the question."""
    for device in range(len(labels)):
        group = labels[device]
        if group < len(members):
            members[group, filled[group]] = device
            filled[group] += 1


@jit(allocates=False)
def group_s(dp_s, members, group):  # type: ignore[no-untyped-def]
    """`DATAP(C_j)` of a row of `members`, in ascending order of devices: the sum of the slowest device (in seconds).

    Each device adds its mates up in ascending order, however it is done, so that equal groups cost equal to the last
    bit.
    """
    if members.shape[1] == group_sum.SIDE:
        return group_sum.group_of_8_s(dp_s, members, group)
    n, slowest = members.shape[1], 0.0
    for i in range(0, n - 3, 4):
        sums_s = _four_sums_s(dp_s, members[group], i)
        slowest = max(slowest, max(max(sums_s[0], sums_s[1]), max(sums_s[2], sums_s[3])))
    for i in range(n - n % 4, n):
        total = 0.0
        for j in range(n):
            total += dp_s[members[group, i], members[group, j]]
        slowest = max(slowest, total)
    return slowest


@jit(inline=True, allocates=False)
def _four_sums_s(dp_s, group, i):  # type: ignore[no-untyped-def]
    """What four neighbours in a group pay: side by side, for one addition after the other would wait for the last."""
    d0, d1, d2, d3 = group[i], group[i + 1], group[i + 2], group[i + 3]
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for mate in group:
        s0 += dp_s[d0, mate]
        s1 += dp_s[d1, mate]
        s2 += dp_s[d2, mate]
        s3 += dp_s[d3, mate]
    return s0, s1, s2, s3


@jit(allocates=False)
def slowest_group_s(dp_s, members):  # type: ignore[no-untyped-def]
    """`DATAP`: the slowest group counts."""
    slowest = 0.0
    for group in range(len(members)):
        slowest = max(slowest, group_s(dp_s, members, group))
    return slowest
