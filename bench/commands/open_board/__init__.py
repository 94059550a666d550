"""Commands for results that others are to trust."""
