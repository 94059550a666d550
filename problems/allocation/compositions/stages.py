"""All compositions of a stage, and what each pays for its gradients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def compositions(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """All counts up to `sizes`, `(C,)`, with the sum `total`: shape `(M, C)`, in lexicographic order."""
    rest = np.append(np.cumsum(sizes[::-1])[::-1][1:], 0)
    rows, left = np.zeros((1, 0), dtype=np.int64), np.array([total])
    for size, others in zip(sizes.tolist(), rest.tolist(), strict=True):
        least, most = np.maximum(0, left - others), np.minimum(size, left)
        ways = np.maximum(0, most - least + 1)
        begins = np.repeat(np.cumsum(ways) - ways, ways)
        takes = np.repeat(least, ways) + np.arange(ways.sum()) - begins
        rows = np.column_stack([np.repeat(rows, ways, axis=0), takes])
        left = np.repeat(left, ways) - takes
    return np.ascontiguousarray(rows)


def slowest_devices(stages: NDArray[np.int64], dp: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the slowest device of each stage `(M, C)` pays, `(M,)`, for pairs that cost `dp`, `(C, C)`."""
    slowest = np.zeros(len(stages), dtype=np.int64)
    for c in range(stages.shape[1]):
        paid = stages @ dp[c] - dp[c, c]
        slowest = np.where(stages[:, c] > 0, np.maximum(slowest, paid), slowest)
    return slowest
