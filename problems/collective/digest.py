"""The digest of a problem: a hash of all that its cost depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasklet_bench.problems.collective.network import Network


def digest_of(family: str, options: Mapping[str, Any], network: Network, *arrays: ArrayLike) -> str:
    """Hex SHA-256 of the family, its options (plain values), the links, and further arrays; not of names and places."""
    hasher = hashlib.sha256(json.dumps([family, dict(options)], sort_keys=True).encode())
    links = (network.topology.delay_s, network.topology.bandwidth_bytes_s)
    for array in (*links, *arrays):
        figures = np.ascontiguousarray(array, dtype="<f8")
        hasher.update(repr(figures.shape).encode() + figures.tobytes())
    return hasher.hexdigest()
