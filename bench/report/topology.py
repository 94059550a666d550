"""One instance as the page draws it: its sites on the map, its pair costs as a heat map, and its best allocation."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.report.world import projected
from problems.allocation import AllocationProblem
from problems.allocation.cost_model import group_data_parallel_s

LARGEST_HEAT_MAP = 96
"""Rows of a heat map; larger matrices are averaged in blocks."""
FASTEST_LINKS = 3
"""How many links to draw from each site, its fastest ones."""


def topology_data(problem: AllocationProblem, grid: NDArray[np.int64] | None) -> dict[str, Any]:
    """Shape, workload, sites, links and heat map; `grid` orders the devices of a problem without sites."""
    sites = problem.sites
    data: dict[str, Any] = {
        "shape": [problem.shape.data_parallel, problem.shape.pipeline_parallel],
        "gradient_bytes": problem.workload.gradient_bytes,
        "activation_bytes": problem.workload.activation_bytes,
        "delay_is": problem.topology.delay_is,
        "bound_s": problem.bound(),
    }
    if all(site.devices == 1 for site in sites):
        order = np.arange(problem.shape.n_devices) if grid is None else grid.T.ravel()
        return data | {"heat": _heat(problem.pp_pair_s[np.ix_(order, order)], "device")}
    between_s = _between_sites(problem)
    places = [_place(site.latitude, site.longitude) for site in sites]
    data["sites"] = [[site.name, site.devices, *place] for site, place in zip(sites, places, strict=True)]
    data["heat"] = _heat(between_s, "site")
    if None not in [coordinate for place in places for coordinate in place]:
        data["links"] = _links(between_s)
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


def _between_sites(problem: AllocationProblem) -> NDArray[np.float64]:
    """Mean seconds of an activation transfer between the devices of two sites, NaN inside a site of one device."""
    site_of = problem.topology.site_of
    member = (site_of[:, None] == np.arange(len(problem.sites))).astype(float)
    different = 1.0 - np.eye(len(site_of))
    pairs = member.T @ different @ member
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(member.T @ problem.pp_pair_s @ member / pairs)


def _place(latitude: float | None, longitude: float | None) -> list[int | None]:
    if latitude is None or longitude is None:
        return [None, None]
    return [int(unit) for unit in projected([longitude], [latitude])[0]]


def _links(between_s: NDArray[np.float64]) -> list[list[int]]:
    """Pairs of sites to join on the map: each with its fastest others."""
    apart = between_s + np.diag(np.full(len(between_s), np.inf))
    nearest = np.argsort(np.where(np.isnan(apart), np.inf, apart), axis=1, kind="stable")[:, :FASTEST_LINKS]
    pairs = {(min(a, int(b)), max(a, int(b))) for a, row in enumerate(nearest) for b in row if a != b}
    return [list(pair) for pair in sorted(pairs)]


def _heat(matrix_s: NDArray[np.float64], unit: str) -> dict[str, Any]:
    """A matrix as bytes on a logarithmic scale from `low_s` to `high_s` (1 to 255; 0 is no link)."""
    n = len(matrix_s)
    blocks = -(-n // LARGEST_HEAT_MAP)
    off_diagonal = matrix_s.copy()
    if unit == "device":
        np.fill_diagonal(off_diagonal, np.nan)
    small = _block_means(off_diagonal, blocks)
    used = small[np.isfinite(small) & (small > 0)]
    low, high = (float(used.min()), float(used.max())) if used.size else (1.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log(small / low) / max(np.log(high / low), 1e-12)
    shades = np.where(np.isfinite(share), 1 + np.rint(254 * np.clip(share, 0, 1)), 0).astype(np.uint8)
    return {
        "unit": unit,
        "n": len(small),
        "devices_per_cell": blocks,
        "low_s": low,
        "high_s": high,
        "shades": base64.b64encode(shades.tobytes()).decode(),
    }


def _block_means(matrix: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    if size == 1:
        return matrix
    edges = np.arange(0, len(matrix), size)
    present = np.isfinite(matrix)
    totals = np.add.reduceat(np.add.reduceat(np.where(present, matrix, 0.0), edges, axis=0), edges, axis=1)
    counts = np.add.reduceat(np.add.reduceat(present.astype(float), edges, axis=0), edges, axis=1)
    return np.asarray(totals / np.maximum(counts, 1))
