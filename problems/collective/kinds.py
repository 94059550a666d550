"""What kind of topology an instance has, in few words: for tables by kind."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from tasklet_bench.problems.topology import Topology

_DEVICES = ((32, 64, 128), ("up to 32", "33 to 64", "65 to 128", "more than 128"))
_SITES = ((1, 4, 12), ("one site", "2 to 4", "5 to 12", "more than 12"))


def topology_kinds(topology: Topology) -> dict[str, str]:
    """Kind by dimension: `devices`, `sites`, `site sizes`, and `links`."""
    sizes = {site.devices for site in topology.sites}
    without = sizes == {1}
    links = (topology.delay_s, topology.bandwidth_bytes_s)
    return {
        "devices": _class(topology.n_devices, _DEVICES),
        "sites": "no sites" if without else _class(len(topology.sites), _SITES),
        "site sizes": "no sites" if without else "uneven" if len(sizes) > 1 else "even",
        "links": "symmetric" if all(np.array_equal(matrix, matrix.T) for matrix in links) else "directed",
    }


def _class(value: int, classes: tuple[tuple[int, ...], tuple[str, ...]]) -> str:
    edges, names = classes
    return names[bisect_left(edges, value)]
