"""Which device runs which rank, and where it is.

Ranks are Megatron-LM's with TP = 1. Order `dp-pp`, its default: `rank = replica + D·stage`, the ranks of a stage are
consecutive. Order `pp-dp`, its `--use-tp-pp-dp-mapping`: `rank = stage + K·replica`, those of a pipeline are.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.topology import Site, Topology

Order = Literal["dp-pp", "pp-dp"]


@dataclass(frozen=True)
class Rank:
    """One process of the training job: its rank, its tasklet, and where it runs.

    `host` and `gpu` (its number on the host) are blank where the problem names no hosts.
    """

    rank: int
    stage: int
    replica: int
    site: str
    device_in_site: int
    device: int
    host: str = ""
    gpu: int | None = None


class Placed(Protocol):
    """A problem that places tasklets on devices of sites."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        ...

    @property
    def topology(self) -> Topology:
        """The devices and their links."""
        ...


def ranks(problem: Placed, allocation: Allocation, order: Order = "dp-pp") -> list[Rank]:
    """All ranks in order."""
    first = np.cumsum([0, *(site.devices for site in problem.sites)])
    site_of = problem.topology.site_of
    slots = host_slots(problem.sites)
    d, k = allocation.grid.shape
    result = []
    for rank in range(d * k):
        replica, stage = (rank % d, rank // d) if order == "dp-pp" else (rank // k, rank % k)
        device = int(allocation.grid[replica, stage])
        site = int(site_of[device])
        host, gpu = slots[device]
        name = problem.sites[site].name
        result.append(Rank(rank, stage, replica, name, int(device - first[site]), device, host, gpu))
    return result


def host_slots(sites: tuple[Site, ...]) -> list[tuple[str, int | None]]:
    """Host and number on it of each device; blank and None where a site names no hosts."""
    slots: list[tuple[str, int | None]] = []
    for site in sites:
        if site.hosts is None:
            slots += [("", None)] * site.devices
        else:
            slots += [(host.name, gpu) for host in site.hosts for gpu in range(host.slots)]
    return slots


def write_rank_map(rows: list[Rank], path: Path) -> None:
    """Write ranks as CSV, a row each in order."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Rank)])
        table.writeheader()
        table.writerows(asdict(row) for row in rows)
