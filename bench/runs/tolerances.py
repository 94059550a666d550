"""When two numbers of seconds are the same: one home for each tolerance of the harness."""

from __future__ import annotations

import math

SAME_COST = 1e-9
"""Relative difference up to which two costs, or two bounds, are the same: summed in another order."""
PROVEN_GAP = 1e-6
"""Relative gap between cost and bound up to which a result counts as proven optimal."""


def same_cost(first_s: float, second_s: float) -> bool:
    """Whether two finite costs are the same; a cost that is not finite is the same as none."""
    if not (math.isfinite(first_s) and math.isfinite(second_s)):
        return False
    return abs(first_s - second_s) <= SAME_COST * max(abs(first_s), abs(second_s))
