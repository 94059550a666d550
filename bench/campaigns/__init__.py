"""Which runs, and carrying them out: campaigns, their files, estimates, progress, and making runs again."""
