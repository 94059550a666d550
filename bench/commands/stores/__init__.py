"""Commands that keep stores and tables of results."""
