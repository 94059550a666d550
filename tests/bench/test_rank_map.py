"""The rank map launches exactly the allocation."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.files import rank_map
from tasklet_bench.problems.instances import catalogue


def test_the_rank_map_is_the_allocation(tmp_path: Path) -> None:
    """Read back with Megatron's rank formula, the map gives the grid; the host list names the same devices in order."""
    problem = catalogue.load("measured/aws10-uneven-64")
    allocation = Allocation(np.random.default_rng(0).permutation(64).reshape(8, 8))
    hosts = rank_map.write(problem, allocation, tmp_path / "map.csv")
    rows = list(csv.DictReader((tmp_path / "map.csv").open(encoding="utf-8")))
    grid = np.empty((8, 8), dtype=int)
    names = []
    start = {site.name: sum(s.devices for s in problem.sites[:i]) for i, site in enumerate(problem.sites)}
    for row in rows:
        assert int(row["rank"]) == int(row["replica"]) + 8 * int(row["stage"]) == len(names)
        grid[int(row["replica"]), int(row["stage"])] = start[row["site"]] + int(row["device_in_site"])
        names.append(f"{row['site']}/{row['device_in_site']}")
    assert Allocation(grid) == allocation
    assert hosts.read_text().splitlines() == names
    assert len(set(names)) == 64
