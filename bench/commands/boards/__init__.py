"""Commands that make a leaderboard and read it."""
