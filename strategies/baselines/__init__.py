"""What a search is compared with: random draws, orders of a launcher, and structural heuristics."""
