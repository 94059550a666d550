"""`ping` of iputils, BusyBox, BSD, macOS and Windows."""

from __future__ import annotations

import re
from statistics import median

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, Reading, Source

NAME = "ping"
_START = re.compile(
    r"^(?:PING (?P<target>\S+?):? \((?P<address>[^)]+)\)(?: from (?P<own>\S+?):?(?: \S+:?)?(?= |$))?"
    r"|Pinging (?P<win>\S+?)(?: \[(?P<win_address>[^\]]+)\])? (?:from (?P<win_own>\S+) )?with)",
    re.MULTILINE,
)
_REPLY = re.compile(r"^(?!.*DUP!).*(?:bytes from|Reply from|bytes=).*\btime\s?[=<]\s?(?P<ms>[\d.]+)\s?ms", re.MULTILINE)
_SUMMARY = re.compile(r"(?:min/avg/max\S* = [\d.]+/(?P<avg>[\d.]+)/|Average = (?P<win>[\d.]+)\s?ms)")
_COUNTS = re.compile(r"(?P<sent>\d+) packets transmitted, (?P<got>\d+) (?:packets )?received|Received = (?P<win>\d+)")


def recognises(text: str) -> bool:
    """Whether a text is what ping prints."""
    return _START.search(text) is not None


def read(source: Source) -> Reading:
    """The round-trip time of each ping in the file: the median of its replies, or the average that it printed.

    Raises `BadInput` where nobody says who pinged, or where output breaks off before its first reply.
    """
    starts = list(_START.finditer(source.text))
    figures, aliases, notes = [], [], []
    names: list[str] = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        body = source.text[start.end() : following.start() if following else None]
        typed = start["target"] or start["win"]
        address = start["address"] or start["win_address"] or typed
        by = source.ends.source or start["own"] or start["win_own"]
        if by is None:
            raise BadInput.at(
                source.name,
                "its name",
                "no host that pinged (ping does not print it)",
                f"who pinged whom, as in oslo-to-{typed}.ping.txt",
            )
        target = source.ends.target if source.ends.target and len(starts) == 1 else typed
        names += [by, target]
        aliases += [(address, target)] if address != target else []
        aliases += [(start["own"], by)] if start["own"] and start["own"] != by else []
        ms = _round_trip_ms(body, f"{source.name}: ping of {typed}")
        if ms is None:
            notes.append(f"{source.name}: no reply from {target} to {by}")
        else:
            figures.append(Figure(by, target, "delay_ms", ms, NAME, source.name))
    return Reading(tuple(figures), names=tuple(names), aliases=tuple(aliases), notes=tuple(notes))


def _round_trip_ms(body: str, where: str) -> float | None:
    """Milliseconds; None where every packet was lost."""
    replies = [float(match["ms"]) for match in _REPLY.finditer(body)]
    if replies:
        return median(replies)
    summary = _SUMMARY.search(body)
    if summary is not None:
        return float(summary["avg"] or summary["win"])
    counts = _COUNTS.search(body)
    if counts is None:
        raise BadInput.at(where, "its output", "neither a reply nor a summary", "the whole output: measure again")
    return None
