"""A constraint program for CP-SAT that closes the range of the slowest group's seconds window by window."""
