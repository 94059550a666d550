"""Relative tolerances of costs and bounds, which absorb the rounding of sums of floating-point numbers."""

SAME_COST = 1e-9
"""Costs that differ relatively by no more are the same cost, and a bound may exceed a cost by as much."""
ROUNDED_DOWN = 1 - 1e-12
"""Factor that keeps a lower bound below the cost that it bounds, and below which a cost counts as lower."""
PROVEN_GAP = 1e-6
"""Largest relative gap between cost and bound with which a result counts as proven optimal."""
