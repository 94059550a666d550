"""Measure iterations on the wire and write them down: `sudo .venv/bin/python tests/netlab/record.py`.

One file a network, with all that the simulator needs to be compared with it. Rates are some ten thousand times below
the paper's, so that the wire, a loop in Python, is never what is measured; its mean lateness is recorded beside.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lab import Lab, made_lab

N_DEVICES = 8
RECORDS = Path(__file__).parent / "records"


@dataclass(frozen=True)
class Network:
    """Devices of equal sites, and links between them; every directed link differs by up to `spread` from its kind's."""

    sites: int
    inside: tuple[float, float]
    """Delay in ms and rate in Mbit/s within a site."""
    between: tuple[tuple[float, float], tuple[float, float]]
    """Range of delays in ms and of rates in Mbit/s between two sites."""
    seed: int
    mtu: int = 9000
    byte_scale: float = 1.0
    """Factor on rates and bytes alike: smaller where packets are smaller, to spare the wire."""
    spread: float = 0.1
    nic_mbps: float | None = None
    """Rate of each device in each direction, shared by all its messages; None for links that share nothing."""

    def links(self) -> tuple[np.ndarray, np.ndarray]:
        """Delay in ms and rate in Mbit/s of each directed link, shapes `(8, 8)`, rows are sources."""
        rng = np.random.default_rng(self.seed)
        site = np.arange(N_DEVICES) * self.sites // N_DEVICES
        result = []
        for inside, (low, high) in zip(self.inside, self.between, strict=True):
            kind = np.triu(rng.uniform(low, high, (self.sites, self.sites)), 1)
            kind = kind + kind.T + np.diag([inside] * self.sites)
            result.append(kind[np.ix_(site, site)] * rng.uniform(1 - self.spread, 1 + self.spread, (N_DEVICES,) * 2))
        delay_ms, rate_mbps = result
        return delay_ms.round(3), (rate_mbps * self.byte_scale).round(3)


NETWORKS = {
    "unstructured": Network(8, (0, 0), ((2, 30), (8, 40)), seed=1, spread=0.2),
    "four-sites": Network(4, (1, 50), ((5, 35), (10, 25)), seed=2),
    "two-sites": Network(2, (1, 40), ((12, 12), (10, 10)), seed=3),
    "shared-nic": Network(8, (0, 0), ((2, 150), (60, 90)), seed=4, nic_mbps=24),
    "unstructured-mtu-1500": Network(8, (0, 0), ((2, 30), (8, 40)), seed=1, spread=0.2, mtu=1500, byte_scale=0.25),
}


@dataclass(frozen=True)
class Setting:
    """How iterations are run: shape, sizes and exchange."""

    data_parallel: int
    pipeline_parallel: int
    micro_batches: int = 4
    activation_bytes: int = 960_000
    gradient_bytes: int = 960_000
    schedule: str = "gpipe"
    collective: str = "direct"
    forward_ms: float = 0.0
    """What a forward pass of a micro-batch takes; a backward pass takes twice that."""


SETTINGS = {
    "paper": [Setting(2, 4), Setting(4, 2)],
    "computing": [
        Setting(2, 4, micro_batches=8, forward_ms=25.0),
        Setting(2, 4, micro_batches=8, forward_ms=25.0, schedule="1f1b"),
    ],
    "rest": [Setting(4, 2, collective="ring"), Setting(2, 4, schedule="1f1b", micro_batches=8)],
}


def main() -> None:
    """Record the networks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--settings", choices=SETTINGS, default="paper")
    parser.add_argument("--allocations", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RECORDS)
    options = parser.parse_args()
    for name in options.networks:
        record = recorded(name, SETTINGS[options.settings], options.allocations, options.repeats)
        suffix = "" if options.settings == "paper" else f"-{options.settings}"
        options.out.mkdir(parents=True, exist_ok=True)
        path = options.out / f"{name}{suffix}.json"
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def recorded(name: str, settings: list[Setting], n_allocations: int, repeats: int) -> dict[str, Any]:
    """Measure random allocations of a network under each setting."""
    network = NETWORKS[name]
    delay_ms, rate_mbps = network.links()
    load_before = os.getloadavg()[0]
    limit_s = 60.0 + 20.0 * len(settings) * n_allocations * repeats
    links = (delay_ms / 1e3).tolist(), (rate_mbps * 1e6 / 8).tolist()
    with made_lab(*links, network.mtu, limit_s, network.nic_mbps and network.nic_mbps * 1e6 / 8) as lab:
        measured = [_measured(lab, setting, network.byte_scale, n_allocations, repeats) for setting in settings]
        wire = {**lab.wire_report(), "tcp_segments_sent_again": lab.retransmitted()}
    return {
        "network": name,
        "recorded_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": _machine(),
        "load_average": [load_before, os.getloadavg()[0]],
        "mtu_bytes": network.mtu,
        "nic_mbps": network.nic_mbps,
        "wire": wire,
        "delay_ms": delay_ms.tolist(),
        "bandwidth_mbps": rate_mbps.tolist(),
        "settings": measured,
    }


def _measured(lab: Lab, setting: Setting, byte_scale: float, n_allocations: int, repeats: int) -> dict[str, Any]:
    order = asdict(setting)
    for key in ("activation_bytes", "gradient_bytes"):
        order[key] = int(order[key] * byte_scale) // 96 * 96  # whole floats in whole micro-batches and shards
    shape = (setting.data_parallel, setting.pipeline_parallel)
    rng = np.random.default_rng(0)
    allocations = []
    for _ in range(n_allocations):
        grid = rng.permutation(N_DEVICES).reshape(shape).tolist()
        order["grid"] = grid
        allocations.append({"grid": grid, "measured_s": [round(lab.iteration_s(order), 6) for _ in range(repeats)]})
    return {**{key: value for key, value in order.items() if key != "grid"}, "allocations": allocations}


def _machine() -> dict[str, Any]:
    models = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "system": platform.system(),
        "kernel": platform.release(),
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
