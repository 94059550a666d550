"""Instances of gossip as files: sites, links, model, and the options of the schedule."""

from __future__ import annotations

from typing import Any

import numpy as np

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.instance_file import read_instance
from tasklet_bench.problems.gossip.options import GossipOptions
from tasklet_bench.problems.gossip.problem import GossipProblem

DERIVED = ("message_bytes", "compute_s", "rounds", "mixing_factor")


def from_json(data: dict[str, Any], source: str) -> GossipProblem:
    """Make an instance from a file's content; its `multipliers` stand in for those that `jitter` would draw.

    What follows from other keys is ignored. Raises `BadInput` that names file and field.
    """
    read = read_instance(data, source, GossipOptions, given=("multipliers",), derived=DERIVED)
    multipliers = _read_multipliers(read.given["multipliers"], source) if read.given else None
    return GossipProblem.make(read.network, read.options, multipliers)


def _read_multipliers(rows: Any, source: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    expected = "W rows of a factor above 0 for each device"
    try:
        factors = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput.at(source, "multipliers", f"{rows!r:.60}", expected) from None
    if factors.ndim != 2 or not (np.isfinite(factors) & (factors > 0)).all():
        raise BadInput.at(source, "multipliers", f"an array of shape {factors.shape}", expected)
    return factors
