"""How it is scored: campaigns of isolated runs, their store, and the leaderboard."""
