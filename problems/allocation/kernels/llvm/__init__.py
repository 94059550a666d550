"""Inner loops in portable LLVM vectors, for which numba has no words."""
