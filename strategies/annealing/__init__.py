"""Simulated annealing on the ordered state of the kernels, with lower bounds that refuse moves unscored."""
