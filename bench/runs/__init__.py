"""What a run is, before and after: plain data."""
