"""Search loops in compiled code; the state that they evaluate belongs to `problems.allocation.kernels`."""
