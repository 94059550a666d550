"""`fping`: with `-C`, `-c`, `-q`, `-e`, or one line a reply."""

from __future__ import annotations

import re
from statistics import median

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, Reading, Source

NAME = "fping"
_TIMES = re.compile(r"^(?P<host>\S+)\s+: (?P<times>(?:(?:[\d.]+|-)(?: |$))+)$", re.MULTILINE)
_SUMMARY = re.compile(
    r"^(?P<host>\S+)\s+: xmt/rcv/%loss = \d+/(?P<got>\d+)/[\d.]+%(?:, min/avg/max = [\d.]+/(?P<avg>[\d.]+)/)?",
    re.MULTILINE,
)
_REPLY = re.compile(r"^(?P<host>\S+)\s+: \[\d+\], (?:\d+ bytes, (?P<ms>[\d.]+) ms|timed out)", re.MULTILINE)
_ALIVE = re.compile(r"^(?P<host>\S+) is (?:alive \((?P<ms>[\d.]+) ms\)|(?P<dead>unreachable))", re.MULTILINE)
_FORMS = (_TIMES, _SUMMARY, _REPLY, _ALIVE)


def recognises(text: str) -> bool:
    """Whether a text is what fping prints."""
    return any(form.search(text) for form in _FORMS)


def read(source: Source) -> Reading:
    """The round-trip time to each host: the median of its replies, or the average that fping printed.

    Raises `BadInput` where the file's name does not say who measured.
    """
    by = source.ends.source
    if by is None:
        raise BadInput.at(
            source.name, "its name", "no host that measured (fping does not print it)", "oslo.fping.txt for host oslo"
        )
    replies: dict[str, list[float]] = {}
    for match in _TIMES.finditer(source.text):
        replies.setdefault(match["host"], []).extend(float(t) for t in match["times"].split() if t != "-")
    for match in _REPLY.finditer(source.text):
        replies.setdefault(match["host"], []).extend([float(match["ms"])] if match["ms"] else [])
    for match in _ALIVE.finditer(source.text):
        replies.setdefault(match["host"], []).extend([float(match["ms"])] if match["ms"] else [])
    for match in _SUMMARY.finditer(source.text):
        if not replies.get(match["host"]):
            replies[match["host"]] = [float(match["avg"])] if match["avg"] else []
    figures = [
        Figure(by, host, "delay_ms", median(times), NAME, source.name) for host, times in replies.items() if times
    ]
    silent = [host for host, times in replies.items() if not times]
    return Reading(
        tuple(figures),
        names=(by, *replies),
        notes=tuple(f"{source.name}: no reply from {host} to {by}" for host in silent),
    )
