"""Stages as counts of devices of each class, and the cheapest pipeline through all of them."""
