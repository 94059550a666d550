"""The commands of `tasklet-bench`, one a file."""
