"""Every shape and order of a few devices."""
