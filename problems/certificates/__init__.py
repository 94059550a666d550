"""Certificates of lower bounds, and the independent checker that accepts or refuses them."""
