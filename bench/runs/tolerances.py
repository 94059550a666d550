"""Relative tolerances of results."""

from tasklet_bench.problems.tolerances import SAME_COST

PROVEN_GAP = 1e-6
"""Largest gap with which an incumbent counts as proven optimal."""

__all__ = ["PROVEN_GAP", "SAME_COST"]
