"""Studies of the suite itself: how well formal costs rank simulated seconds, and the comparison with the paper."""
