"""The instances on which strategies are checked: small ones of the catalogue, so that anybody can load them again."""

from __future__ import annotations

PLAIN = "generated/clustered?n=16&dp=4&seed=1&sites=5"
"""Uneven sites, no two devices alike."""

EASY = "generated/planted?n=16&dp=4&seed=1&decoys=0"
"""A planted optimum and nothing that leads astray: whoever improves on what it has gets nearer."""

PLANTED = "generated/planted?n=16&dp=4&seed=1"
"""Built from an allocation that is proven optimal."""

PROVABLE = "generated/uniform?n=8&dp=2&seed=3"
"""Small enough that all partitions can be tried."""

ODD = {
    "one-replica": "generated/uniform?n=6&dp=1&seed=1",
    "one-stage": "generated/uniform?n=6&dp=6&seed=1",
    "two-devices": "generated/uniform?n=2&dp=1&seed=1",
    "equal-links": "generated/hierarchical?n=12&dp=3&seed=1&host=12&rack=1&sites=1",
    "one-slow-link": "generated/uniform?n=12&dp=3&seed=1&failed_links=1",
    "uneven-sites": "generated/clustered?n=12&dp=4&seed=1&sites=5",
    "directed-links": "generated/uniform?n=12&dp=3&seed=1&asymmetry=1",
}
"""Shapes and links at the edge of what there is, each the subject of a clause of its name."""
