"""The ends of a link in the name of a file: `oslo-to-rome.ping.txt`."""

from __future__ import annotations

import re
from pathlib import Path

from tasklet_bench.problems.files.measured.reading import Named

_ENDINGS = {"txt", "log", "out", "json", "jsonl", "csv", "ping", "fping", "iperf", "iperf3", "nccl", "rccl"}
_SINGLE = {"ping", "fping"}
"""With this ending the rest of the name is who measured."""
_TOOLS = re.compile(r"^(ping|fping|iperf3?|nccl|rccl|sendrecv)[-_.]")
_BETWEEN = re.compile(r"(?:-to-|_to_|--|__|→)")


def ends_of(path: Path) -> Named:
    """Who measured whom, as far as the file's name says it."""
    parts = path.name.split(".")
    endings = []
    while len(parts) > 1 and parts[-1].lower() in _ENDINGS:
        endings.append(parts.pop().lower())
    stem = _TOOLS.sub("", ".".join(parts))
    split = [part for part in _BETWEEN.split(stem) if part]
    if len(split) == 2:
        return Named(split[0], split[1])
    return Named(source=stem) if stem and _SINGLE & set(endings) else Named()
