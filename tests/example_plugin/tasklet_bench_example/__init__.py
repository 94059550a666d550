"""Two strategies and some problems for Tasklet Bench, from outside of it."""
