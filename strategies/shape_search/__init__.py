"""A search over shapes of tensor parallelism, each placed by a dynamic programme and then annealed."""
