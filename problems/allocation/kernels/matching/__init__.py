"""Bottleneck perfect matchings between two groups, by the method that suits their size."""
