"""Annealing of one grid over all drawn networks at once."""
