"""The rank map launches exactly the allocation."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.launch import ranks, write_rank_map


@pytest.mark.parametrize("order", ["dp-pp", "pp-dp"])
def test_the_rank_map_is_the_allocation(tmp_path: Path, order: Literal["dp-pp", "pp-dp"]) -> None:
    """Read back with Megatron's formula of either order, the map gives the grid."""
    problem = catalogue.load("measured/aws10-uneven-64")
    allocation = Allocation(np.random.default_rng(0).permutation(64).reshape(8, 8))
    write_rank_map(ranks(problem, allocation, order), tmp_path / "map.csv")
    rows = list(csv.DictReader((tmp_path / "map.csv").open(encoding="utf-8")))
    grid = np.empty((8, 8), dtype=int)
    start = {site.name: sum(s.devices for s in problem.sites[:i]) for i, site in enumerate(problem.sites)}
    for number, row in enumerate(rows):
        replica, stage = int(row["replica"]), int(row["stage"])
        assert int(row["rank"]) == number == (replica + 8 * stage if order == "dp-pp" else stage + 8 * replica)
        grid[replica, stage] = int(row["device"])
        assert int(row["device"]) == start[row["site"]] + int(row["device_in_site"])
        assert row["host"] == row["gpu"] == ""
    assert Allocation(grid) == allocation
