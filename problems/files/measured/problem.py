"""Write a measured network as the content of a problem file."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.combining import Network, SiteDraft
from tasklet_bench.problems.files.measured.filling import Rules, fill
from tasklet_bench.problems.files.problem_file import problem_from_json

DEFAULT_WORKLOAD = {"preset": "gpt3-xl"}


@dataclass(frozen=True)
class Wishes:
    """What a user says beside the measurements; None is chosen here, and said."""

    name: str | None = None
    fallback_name: str = "measured"
    grid: tuple[int, int] | None = None
    workload: dict[str, Any] | None = None
    rules: Rules = field(default_factory=Rules)


def problem_of(network: Network, wishes: Wishes) -> tuple[dict[str, Any], list[str]]:
    """The content of a problem file that can be read, and notes on what was chosen.

    Raises `BadInput` where gaps cannot be filled, or what was wished does not fit.
    """
    delays, rates, filled = fill(network, wishes.rules)
    notes = list(network.notes)
    settings = {key: value for key, value in network.settings.items() if key not in ("name", "grid", "workload")}
    content: dict[str, Any] = {
        "name": wishes.name or network.settings.get("name") or wishes.fallback_name,
        "sites": [_site(site) for site in network.sites],
        "delay_ms": _written(delays, network.sites),
        "bandwidth_gbps": _written(rates, network.sites),
        **(
            {"filled": [{"figure": e.figure, "by": e.by, "links": [list(link) for link in e.links]} for e in filled]}
            if filled
            else {}
        ),
        **settings,
    }
    workload = wishes.workload or network.settings.get("workload")
    if workload is None:
        workload = DEFAULT_WORKLOAD
        notes.append(f"workload: {workload['preset']}, as none was given: --workload")
    n_devices = sum(site.devices for site in network.sites)
    content["grid"], note = _grid(content, network, wishes, workload, n_devices)
    content["workload"] = workload
    problem_from_json(content, "measure")
    return content, notes + note


def _grid(
    content: dict[str, Any], network: Network, wishes: Wishes, workload: Any, n_devices: int
) -> tuple[dict[str, int], list[str]]:
    """The grid that was wished, else that of the file if it fits, else the squarest one."""
    if wishes.grid is not None:
        return {"data_parallel": wishes.grid[0], "pipeline_parallel": wishes.grid[1]}, []
    given = network.settings.get("grid")
    if isinstance(given, dict):
        try:
            problem_from_json({**content, "grid": given, "workload": workload}, "measure")
        except BadInput as fault:
            if ": grid" not in str(fault):
                raise
        else:
            return given, []
    d = max(d for d in range(1, math.isqrt(n_devices) + 1) if n_devices % d == 0)
    k = n_devices // d
    before = "" if given is None else f", as that of the file does not fit {n_devices} devices"
    return {"data_parallel": d, "pipeline_parallel": k}, [f"grid: {d}×{k}{before or ', as none was given'}: --grid"]


def _site(site: SiteDraft) -> dict[str, Any]:
    written = {"name": site.name, "devices": site.devices, **site.attributes}
    if site.hosts:
        written["hosts"] = [{"name": name, "slots": slots} for name, slots in site.hosts]
    return written


def _written(matrix: NDArray[np.float64], sites: tuple[SiteDraft, ...]) -> list[list[float | None]]:
    """Six digits of each figure; null inside a site of one device, where no link is."""
    return [
        [None if i == j and sites[i].devices == 1 else float(f"{value:.6g}") for j, value in enumerate(row)]
        for i, row in enumerate(matrix.tolist())
    ]


def dumps(content: dict[str, Any]) -> str:
    """The content as text: a site, a row and a group of filled links on a line each."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value:
            inner = ",\n    ".join(json.dumps(entry, ensure_ascii=False) for entry in value)
            lines.append(f"  {json.dumps(key)}: [\n    {inner}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
