"""The paper's hybrid genetic algorithm and its local search."""
