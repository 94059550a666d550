"""Generated instances: each a pure function of its family, N, the family's parameters and a seed."""
