"""Measure a network of five hosts that is made for it, and compare the problem file with what was set.

`python measure_five_hosts.py` (as root) prints the largest deviations; on an idle machine they are below 5 %.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from lab import made_network

LIMIT_S = 600.0
MTU = 9000
ONE_WAY_MS = np.array([
    [0, 4, 12, 20, 35],
    [4, 0, 9, 17, 30],
    [12, 9, 0, 8, 25],
    [20, 17, 8, 0, 15],
    [35, 30, 25, 15, 0],
], dtype=np.float64)  # fmt: skip
GBPS = np.array([
    [1, 0.12, 0.06, 0.04, 0.02],
    [0.1, 1, 0.08, 0.05, 0.025],
    [0.06, 0.07, 1, 0.09, 0.03],
    [0.04, 0.05, 0.1, 1, 0.045],
    [0.02, 0.03, 0.03, 0.04, 1],
], dtype=np.float64)  # fmt: skip


def measured(folder: Path, seconds: int = 2) -> dict[str, Any]:
    """The problem file of `measure --run` for the network of the tables above."""
    with made_network((ONE_WAY_MS / 1e3).tolist(), (GBPS * 1e9 / 8).tolist(), MTU, LIMIT_S) as (spaces, _, _):
        hosts = ",".join(f"host-{d}=netns:{space}" for d, space in enumerate(spaces))
        call = "from tasklet_bench.bench.cli import main; main()"
        options = ["--run", hosts, "--seconds", str(seconds), "--keep", str(folder / "raw")]
        options += ["--out", str(folder / "five.json")]
        subprocess.run([sys.executable, "-c", call, "measure", *options], check=True, timeout=LIMIT_S)
    content: dict[str, Any] = json.loads((folder / "five.json").read_text(encoding="utf-8"))
    return content


def deviations(content: dict[str, Any]) -> tuple[float, float]:
    """Largest relative deviation of a delay, and of a bandwidth, from what was set."""
    links = ~np.eye(5, dtype=bool)
    delay_ms = np.array(content["delay_ms"], dtype=np.float64)[links]
    gbps = np.array(content["bandwidth_gbps"], dtype=np.float64)[links]
    set_ms = (ONE_WAY_MS + ONE_WAY_MS.T)[links]
    return float(np.abs(delay_ms / set_ms - 1).max()), float(np.abs(gbps / GBPS[links] - 1).max())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        of_delays, of_bandwidths = deviations(measured(Path(scratch), seconds=3))
    print(f"delays within {of_delays:.1%}, bandwidths within {of_bandwidths:.1%} of what was set")  # noqa: T201
