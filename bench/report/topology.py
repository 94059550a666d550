"""One instance as it is drawn: its sites on the map, its pair costs as a heat map, and its best allocation."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.report.shades import Shades
from tasklet_bench.bench.report.world import projected
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.cost_model import group_data_parallel_s

LARGEST_HEAT_MAP = 96
"""Rows of a heat map; larger matrices are averaged in blocks."""
FASTEST_LINKS = 3
"""How many links to draw from each site, its fastest ones."""


@dataclass(frozen=True)
class HeatMap:
    """Mean seconds of an activation transfer between sites, or between devices where all sites have one.

    `seconds` has shape `(n, n)`, NaN where there is no link; of many rows, `per_cell` successive ones are one. `first`
    is the site or device that a row begins with, shape `(n,)`.
    """

    unit: Literal["site", "device"]
    seconds: NDArray[np.float64]
    per_cell: int
    first: NDArray[np.int64]


def heat_map(problem: AllocationProblem, most: int, grid: NDArray[np.int64] | None = None) -> HeatMap:
    """The heat map of a problem in at most `most` rows; `grid` orders devices without sites, stage after stage."""
    if all(site.devices == 1 for site in problem.sites):
        order = np.arange(problem.topology.n_devices) if grid is None else grid.T.ravel()
        matrix_s = problem.pp_pair_s[np.ix_(order, order)]
        np.fill_diagonal(matrix_s, np.nan)
        return _in_blocks("device", matrix_s, most, order)
    return _in_blocks("site", between_sites(problem), most, np.arange(len(problem.sites)))


def topology_data(problem: AllocationProblem, grid: NDArray[np.int64] | None) -> dict[str, Any]:
    """Shape, workload, sites, links and heat map; `grid` orders the devices of a problem without sites."""
    heat = heat_map(problem, LARGEST_HEAT_MAP, grid)
    data: dict[str, Any] = {
        "shape": [problem.shape.data_parallel, problem.shape.pipeline_parallel],
        "gradient_bytes": problem.workload.gradient_bytes,
        "activation_bytes": problem.workload.activation_bytes,
        "delay_is": problem.topology.delay_is,
        "bound_s": problem.bound(),
        "heat": _packed(heat),
    }
    if heat.unit == "device":
        return data
    at = places(problem)
    data["sites"] = [[site.name, site.devices, *(at[i] or (None, None))] for i, site in enumerate(problem.sites)]
    if None not in at:
        data["links"] = fastest_links(between_sites(problem))
    return data


def allocation_data(problem: AllocationProblem, grid: NDArray[np.int64]) -> dict[str, Any]:
    """The grid with its slowest links: per boundary the row whose pair is slowest; the slowest group and its device.

    `boundaries` holds `[row, seconds]` for each of the K-1 boundaries; `group` is `[stage, row, seconds]`.
    """
    wired_s = problem.pp_pair_s[grid[:, :-1], grid[:, 1:]]
    slowest = wired_s.argmax(axis=0)
    groups_s = [group_data_parallel_s(problem.dp_pair_s, stage) for stage in grid.T]
    stage = int(np.argmax(groups_s))
    group = grid[:, stage]
    row = int(problem.dp_pair_s[np.ix_(group, group)].sum(axis=1).argmax())
    return {
        "grid": grid.tolist(),
        "site_of": problem.topology.site_of.tolist(),
        "boundaries": [[int(r), float(wired_s[r, j])] for j, r in enumerate(slowest)],
        "group": [stage, row, groups_s[stage]],
    }


def places(problem: AllocationProblem) -> list[tuple[int, int] | None]:
    """Where each site is on the map (`bench.report.world`); None for one without coordinates."""

    def place(latitude: float | None, longitude: float | None) -> tuple[int, int] | None:
        if latitude is None or longitude is None:
            return None
        x, y = projected([longitude], [latitude])[0]
        return int(x), int(y)

    return [place(site.latitude, site.longitude) for site in problem.sites]


def between_sites(problem: AllocationProblem) -> NDArray[np.float64]:
    """Mean seconds of an activation transfer between the devices of two sites, NaN inside a site of one device."""
    site_of = problem.topology.site_of
    member = (site_of[:, None] == np.arange(len(problem.sites))).astype(float)
    different = 1.0 - np.eye(len(site_of))
    pairs = member.T @ different @ member
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(member.T @ problem.pp_pair_s @ member / pairs)


def fastest_links(between_s: NDArray[np.float64]) -> list[list[int]]:
    """Pairs of sites to join on the map: each with its fastest others."""
    apart = between_s + np.diag(np.full(len(between_s), np.inf))
    nearest = np.argsort(np.where(np.isnan(apart), np.inf, apart), axis=1, kind="stable")[:, :FASTEST_LINKS]
    pairs = {(min(a, int(b)), max(a, int(b))) for a, row in enumerate(nearest) for b in row if a != b}
    return [list(pair) for pair in sorted(pairs)]


def _packed(heat: HeatMap) -> dict[str, Any]:
    """A heat map as bytes on a logarithmic scale from `low_s` to `high_s` (1 to 255; 0 is no link)."""
    shades = Shades.of(heat.seconds)
    levels = shades.levels()
    return {
        "unit": heat.unit,
        "n": len(levels),
        "devices_per_cell": heat.per_cell,
        "low_s": shades.low_s,
        "high_s": shades.high_s,
        "shades": base64.b64encode(levels.tobytes()).decode(),
    }


def _in_blocks(
    unit: Literal["site", "device"], matrix_s: NDArray[np.float64], most: int, order: NDArray[np.int64]
) -> HeatMap:
    size = -(-len(matrix_s) // most)
    return HeatMap(unit, _block_means(matrix_s, size), size, order[::size])


def _block_means(matrix: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Means of the figures that are there, in blocks of `size` rows and columns; NaN where there is none."""
    if size == 1:
        return matrix
    edges = np.arange(0, len(matrix), size)
    present = np.isfinite(matrix)
    totals = np.add.reduceat(np.add.reduceat(np.where(present, matrix, 0.0), edges, axis=0), edges, axis=1)
    counts = np.add.reduceat(np.add.reduceat(present.astype(float), edges, axis=0), edges, axis=1)
    return np.asarray(np.where(counts > 0, totals / np.maximum(counts, 1), np.nan))
