"""Text from elsewhere, made fit to be stored and printed: what `problems.text` has, for records."""

from tasklet_bench.problems.text import clean as clean
