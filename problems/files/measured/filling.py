"""Fill what nobody measured, and keep which figures those are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.combining import Network
from tasklet_bench.problems.files.measured.reading import FigureName
from tasklet_bench.problems.files.measured.tools.graph import BY_DISTANCE, KM_PER_MS, kilometres
from tasklet_bench.problems.instances.window_law import MBIT_PER_ROUND_TRIP, streams_gbps
from tasklet_bench.problems.topology import Filled

Matrix = NDArray[np.float64]
OPPOSITE = "the opposite direction"
SHORTEST_PATH = "shortest path over the other links"
NARROWEST = "narrowest link of the shortest path"


@dataclass(frozen=True)
class Rules:
    """What is taken where nothing was measured: streams and the card's rate for long links, figures inside sites."""

    streams: int = 1
    nic_gbps: float = 10.0
    inside_ms: float = 0.5
    inside_gbps: float = 10.0

    @property
    def window_law(self) -> str:
        """The law in words."""
        streams = "1 stream" if self.streams == 1 else f"{self.streams} streams"
        return f"window law ({streams} of {MBIT_PER_ROUND_TRIP:g} Mbit a round trip, at most {self.nic_gbps:g} Gbps)"


class _Filling:
    """Matrices that are being filled, and the reason for each figure that nobody measured."""

    def __init__(self, network: Network) -> None:
        self.matrices: dict[FigureName, Matrix] = {
            "delay_ms": network.delay_ms.copy(),
            "bandwidth_gbps": network.bandwidth_gbps.copy(),
        }
        self.reasons = dict(network.assumed)

    def fill(self, figure: FigureName, values: Matrix | float, by: str, inside: bool = False) -> None:
        """Put values where there is a gap, between sites or inside them."""
        matrix = self.matrices[figure]
        values = np.broadcast_to(values, matrix.shape)
        gaps = np.isnan(matrix) & ~np.isnan(values) & (np.eye(len(matrix), dtype=bool) == inside)
        matrix[gaps] = values[gaps]
        self.reasons |= {(figure, int(i), int(j)): by for i, j in np.argwhere(gaps)}


def fill(network: Network, rules: Rules = Rules()) -> tuple[Matrix, Matrix, tuple[Filled, ...]]:
    """Delays and bandwidths without gaps, and which of them were filled by what.

    Delays come from the opposite direction, else the shortest path, else the distance; bandwidths from the opposite
    direction, on a map from the narrowest link of the shortest path, else from the window law. Raises `BadInput` for
    sites that nothing joins.
    """
    filling = _Filling(network)
    delays, rates = filling.matrices["delay_ms"], filling.matrices["bandwidth_gbps"]
    filling.fill("delay_ms", delays.T.copy(), OPPOSITE)
    filling.fill("bandwidth_gbps", rates.T.copy(), OPPOSITE)
    paths, narrowest = _shortest_paths(delays, rates)
    if network.routed:
        filling.fill("bandwidth_gbps", narrowest, NARROWEST)
    filling.fill("delay_ms", paths, SHORTEST_PATH)
    filling.fill("delay_ms", _distances(network), BY_DISTANCE)
    paths, _ = _shortest_paths(delays, rates)
    filling.fill("delay_ms", paths, SHORTEST_PATH)
    gaps = np.argwhere(np.isnan(delays) & ~np.eye(len(delays), dtype=bool))
    if len(gaps):
        a, b = (network.sites[int(i)].name for i in gaps[0])
        raise BadInput.at(
            f"{a} to {b}",
            "delay",
            f"neither a measurement nor a path ({len(gaps) // 2} such pairs)",
            "a ping between the two, or their latitude and longitude in a table of hosts",
        )
    filling.fill("bandwidth_gbps", streams_gbps(delays, rules.streams, rules.nic_gbps), rules.window_law)
    filling.fill("delay_ms", rules.inside_ms, f"{rules.inside_ms:g} ms inside a site", inside=True)
    filling.fill("bandwidth_gbps", rules.inside_gbps, f"{rules.inside_gbps:g} Gbps inside a site", inside=True)
    return delays, rates, _grouped(network, filling)


def _shortest_paths(delays: Matrix, rates: Matrix) -> tuple[Matrix, Matrix]:
    """Sum of delays along the shortest path of each pair, and its narrowest known rate; NaN where there is none."""
    n = len(delays)
    paths = np.where(np.isnan(delays), np.inf, delays)
    narrowest = np.where(np.isnan(rates), np.inf, rates)
    np.fill_diagonal(paths, 0.0)
    np.fill_diagonal(narrowest, np.inf)
    for via in range(n):
        through = paths[:, via, None] + paths[None, via, :]
        better = through < paths
        paths[better] = through[better]
        narrowest = np.where(better, np.minimum(narrowest[:, via, None], narrowest[None, via, :]), narrowest)
    return np.where(np.isinf(paths), np.nan, paths), np.where(np.isinf(narrowest), np.nan, narrowest)


def _distances(network: Network) -> Matrix:
    """Round-trip times of light in fibre between sites with coordinates, NaN for others."""
    places = [(site.attributes.get("latitude"), site.attributes.get("longitude")) for site in network.sites]
    result = np.full((len(places), len(places)), np.nan)
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            if i != j and None not in a and None not in b:
                result[i, j] = 2 * kilometres((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))) / KM_PER_MS  # type: ignore[arg-type]
    return result


def _grouped(network: Network, filling: _Filling) -> tuple[Filled, ...]:
    """Filled links by figure and reason; what is inside a site of one device does not count."""
    groups: dict[tuple[FigureName, str], list[tuple[int, int]]] = {}
    for (figure, i, j), by in sorted(filling.reasons.items()):
        if i != j or network.sites[i].devices > 1:
            groups.setdefault((figure, by), []).append((i, j))
    return tuple(Filled(figure, by, tuple(links)) for (figure, by), links in groups.items())
