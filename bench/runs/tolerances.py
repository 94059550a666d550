"""When two results are the same: relative tolerances of results."""

from __future__ import annotations

import math

from tasklet_bench.problems.tolerances import PROVEN_GAP, SAME_COST

__all__ = ["PROVEN_GAP", "SAME_COST", "same_cost"]


def same_cost(first_s: float, second_s: float) -> bool:
    """Whether two finite costs are the same; a cost that is not finite is the same as none."""
    if not (math.isfinite(first_s) and math.isfinite(second_s)):
        return False
    return abs(first_s - second_s) <= SAME_COST * max(abs(first_s), abs(second_s))
