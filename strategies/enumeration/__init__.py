"""All partitions of a few devices, group by group."""
