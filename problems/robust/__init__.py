"""Allocations that stay good when links are not what was measured: a quantile of the cost over drawn networks."""
