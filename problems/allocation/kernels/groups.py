"""The data-parallel groups of a partition and what each pays for its gradients."""

from __future__ import annotations

import numpy as np

from problems.allocation.kernels import lanes
from problems.compiled import jit


@jit(allocates=False)
def collect(labels, members, filled):  # type: ignore[no-untyped-def]
    """Write the devices of each group, in ascending order, to `members`, uint32 `(K, D)`; `filled` `(K,)` is scratch."""
    for group in range(len(filled)):
        filled[group] = 0
    for device in range(len(labels)):
        group = np.uint64(labels[device])
        members[group, np.uint64(filled[group])] = device
        filled[group] += 1


@jit(allocates=False)
def group_s(dp_s, members, group):  # type: ignore[no-untyped-def]
    """`DATAP(C_j)` of a row of `members`, in ascending order of devices: the sum of the slowest device (in seconds).

    Each device adds its mates up in ascending order, however it is done, so that equal groups cost equal to the last
    bit.
    """
    if members.shape[1] == lanes.SIDE:
        return lanes.group_of_8_s(dp_s, members, group)
    slowest = 0.0
    for i in range(members.shape[1]):
        total = 0.0
        for j in range(members.shape[1]):
            total += dp_s[members[group, i], members[group, j]]
        slowest = max(slowest, total)
    return slowest


@jit(allocates=False)
def slowest_group_s(dp_s, members):  # type: ignore[no-untyped-def]
    """`DATAP`: the slowest group counts."""
    slowest = 0.0
    for group in range(len(members)):
        slowest = max(slowest, group_s(dp_s, members, group))
    return slowest
