"""What readers see: the leaderboard in a terminal, the page, and Markdown for a README."""
