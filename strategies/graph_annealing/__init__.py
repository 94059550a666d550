"""Simulated annealing on mixing graphs, with an inverse that tells in constant time which edges can be spared."""
