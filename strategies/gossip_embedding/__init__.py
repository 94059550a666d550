"""Orders of gossip schedules: sites embedded by halving, then annealed on the period itself."""
