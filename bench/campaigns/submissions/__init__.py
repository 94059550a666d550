"""Other people's results: code, campaign, runs and statement in one folder, which anybody can check."""
