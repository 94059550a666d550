"""Instances over measured figures: a site table, the devices at each site, and what had to be assumed."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from tasklet_bench.problems.instances.data import toml
from tasklet_bench.problems.instances.site_table import TABLES, Matrix, SiteTable
from tasklet_bench.problems.instances.window_law import streams_gbps
from tasklet_bench.problems.topology import Site, Topology


def topology(instance: str, streams: int | None = None) -> Topology:
    """The devices of a measured instance and the links between them; `streams` is for a modelled bandwidth."""
    entry = toml("measured")[instance]
    table = SiteTable.read(entry["table"])
    if "sites" in entry:
        table = table.only(entry["sites"])
    sites = _sites(entry, table)
    rtt_ms = _completed(table, table.rtt_ms, entry, "inside_ms", 2)
    rule = entry.get("bandwidth")
    gbps = _modelled_gbps(rule, rtt_ms, sites, streams) if rule else table.gbps
    return Topology.between_sites(sites, rtt_ms, _completed(table, gbps, entry, "inside_gbps", 3))


def caps_gbps(upload_gbps: Matrix, download_gbps: Matrix) -> Matrix:
    """A link has the smaller of its sender's upload and its receiver's download, shapes `(S,)`."""
    return np.minimum(upload_gbps[:, None], download_gbps[None, :])


def _modelled_gbps(rule: dict[str, Any], rtt_ms: Matrix, sites: tuple[Site, ...], streams: int | None) -> Matrix:
    if rule["rule"] == "caps":
        upload, download = np.array([[s.upload_gbps, s.download_gbps] for s in sites], dtype=np.float64).T
        gbps = caps_gbps(upload, download)
    else:
        gbps = streams_gbps(rtt_ms, streams or rule["streams"], rule["nic_gbps"])
    np.fill_diagonal(gbps, np.nan)
    return gbps


def _completed(table: SiteTable, measured: Matrix, entry: dict[str, Any], inside: str, column: int) -> Matrix:
    """The matrix with what the entry assumes where nothing was measured: inside sites, and on single links."""
    matrix = measured.copy()
    assumed = entry.get(inside)
    for i, name in enumerate(table.names):
        if assumed is not None and np.isnan(matrix[i, i]):
            matrix[i, i] = assumed.get(name, np.nan) if isinstance(assumed, dict) else assumed
    for link in entry.get("assumed", ()):
        i, j = table.names.index(link[0]), table.names.index(link[1])
        matrix[i, j] = matrix[j, i] = link[column]
    return matrix


def _sites(entry: dict[str, Any], table: SiteTable) -> tuple[Site, ...]:
    each = entry["each"]
    counts = each if isinstance(each, list) else [each] * len(table.names)
    return tuple(_site(row, count, entry) for row, count in zip(table.about, counts, strict=True))


def _site(row: dict[str, str], devices: int, entry: dict[str, Any]) -> Site:
    device = entry.get("device")
    kind = row.get("device") or (device[row["provider"]] if isinstance(device, dict) else str(device))
    figures: dict[str, Any] = {
        key: float(row[key]) for key in ("latitude", "longitude", "upload_gbps", "download_gbps") if row.get(key)
    }
    site = with_card(Site(row["name"], devices, provider=row.get("provider") or None, **figures), kind)
    host_memory_gb = entry.get("host_memory_gb", {}).get(row["name"])
    return replace(site, host_memory_gb=host_memory_gb) if host_memory_gb else site


def with_card(site: Site, kind: str) -> Site:
    """The site with devices of that type: its speed, memory, host link and (assumed) host memory."""
    card = _cards()[kind]
    return replace(
        site,
        device=kind,
        tflops=card["tflops"],
        memory_gb=card["memory_gb"],
        host_memory_gb=card["host_memory_gb"],
        host_link_gbps=card["host_link_gbps"],
    )


def card_types() -> tuple[str, ...]:
    """Types of devices whose figures are known."""
    return tuple(_cards())


@cache
def _cards() -> dict[str, dict[str, float]]:
    """Dense fp16 TFLOPS, memory (GB), host link (Gbps, one direction) and host memory (GB) by type of device."""
    with (TABLES / "devices.csv").open(newline="", encoding="utf-8") as file:
        return {
            row["device"]: {key: float(row[key]) for key in ("tflops", "memory_gb", "host_link_gbps", "host_memory_gb")}
            for row in csv.DictReader(file)
        }
