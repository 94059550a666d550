"""Commands that place devices: measure a network, solve, score, simulate, launch."""
