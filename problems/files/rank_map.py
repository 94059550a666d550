"""From an allocation to a launch: which device runs which rank, and the host list that makes it so.

Ranks are Megatron-LM's in its default order with TP = 1, `rank = replica + D·stage`, so a launcher that hands out ranks
down the host list starts exactly the allocation.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.topology import Site, Topology


@dataclass(frozen=True)
class Rank:
    """One process of the training job: its rank, its tasklet, and where it runs."""

    rank: int
    stage: int
    replica: int
    site: str
    device_in_site: int
    device: int


class _Placement(Protocol):
    @property
    def sites(self) -> tuple[Site, ...]: ...

    @property
    def topology(self) -> Topology: ...


def ranks(problem: _Placement, allocation: Allocation) -> list[Rank]:
    """All ranks in order."""
    first = np.cumsum([0, *(site.devices for site in problem.sites)])
    site_of = problem.topology.site_of
    result: list[Rank] = []
    for stage, column in enumerate(allocation.grid.T.tolist()):
        for replica, device in enumerate(column):
            site = int(site_of[device])
            number = len(result)
            result.append(
                Rank(number, stage, replica, problem.sites[site].name, int(device - first[site]), int(device))
            )
    return result


def host_list_path(path: Path) -> Path:
    """Where the host list of a rank map goes; raises `BadInput` where that is the rank map itself."""
    hosts = path.with_suffix(".hosts")
    if hosts == path:
        raise BadInput.at("rank map", "file", path, "another ending than .hosts, which is the host list's")
    return hosts


def write(problem: _Placement, allocation: Allocation, path: Path) -> Path:
    """Write the rank map as CSV, and the host list beside it (`.hosts`), one `site/device` a line in rank order.

    Returns the host list's path. For torchrun, start one process per line with `--node-rank` its line number (from 0)
    and `--nproc-per-node 1`; for Megatron-LM hand the list over as it stands.
    """
    hosts = host_list_path(path)
    rows = ranks(problem, allocation)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Rank)])
        table.writeheader()
        table.writerows(asdict(row) for row in rows)
    hosts.write_text("".join(f"{row.site}/{row.device_in_site}\n" for row in rows), encoding="utf-8")
    return hosts
