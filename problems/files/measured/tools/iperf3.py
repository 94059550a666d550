"""`iperf3 --json`, one document or several, and `--json-stream`."""

from __future__ import annotations

import json
import re
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, Reading, Source

NAME = "iperf3"
_STARTS = re.compile(r'\{\s*"(?:start|event|error|intervals|end)"\s*:')
BITS_PER_GBIT = 1e9
US_PER_MS = 1e3


def recognises(text: str) -> bool:
    """Whether a text is iperf3's JSON (whole or not)."""
    return _STARTS.match(text.lstrip()) is not None


def read(source: Source) -> Reading:
    """What the receivers got, in the direction in which it went, and TCP's mean round-trip time.

    Raises `BadInput` for half a document, and for one that ended in an error.
    """
    readings = [_read_one(document, source) for document in _documents(source)]
    return Reading(
        tuple(figure for reading in readings for figure in reading.figures),
        names=tuple(name for reading in readings for name in reading.names),
        aliases=tuple(alias for reading in readings for alias in reading.aliases),
    )


def _documents(source: Source) -> list[dict[str, Any]]:
    decoder, text, place = json.JSONDecoder(), source.text.strip(), 0
    documents: list[dict[str, Any]] = []
    while place < len(text):
        try:
            document, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            line = text.count("\n", 0, place) + 1
            found = f"half a document (it begins in line {line})"
            raise BadInput.at(source.name, "iperf3's JSON", found, "all of it: measure again") from None
        documents.append(document)
        while place < len(text) and text[place].isspace():
            place += 1
    if not any("event" in document for document in documents):
        return documents
    merged: list[dict[str, Any]] = []
    for document in documents:  # a stream of events: those of a test together are its document
        if document.get("event") == "start" or not merged:
            merged.append({})
        merged[-1][str(document.get("event"))] = document.get("data")
    return merged


def _read_one(document: dict[str, Any], source: Source) -> Reading:
    if document.get("error"):
        message = f"its error {str(document['error'])[:80]!r}"
        raise BadInput.at(source.name, "error", message, "a test that ended well: measure again, or leave it out")
    start, end = _part(document, "start", source), _part(document, "end", source)
    connected = start.get("connected") or [{}]
    local, remote = connected[0].get("local_host"), connected[0].get("remote_host")
    typed = (start.get("connecting_to") or {}).get("host")
    words = str(start.get("system_info") or "").split()
    by = source.ends.source or (words[1] if len(words) > 1 else None) or local
    target = source.ends.target or typed or remote
    if not by or not target:
        raise BadInput.at(source.name, "start.connected", "no hosts", "local_host and remote_host: measure again")
    test = start.get("test_start") or {}
    first, second = (target, by) if test.get("reverse") else (by, target)
    figures = [Figure(first, second, "bandwidth_gbps", _received_gbps(end, source, ""), NAME, source.name)]
    if "sum_received_bidir_reverse" in end:
        back_gbps = _received_gbps(end, source, "_bidir_reverse")
        figures.append(Figure(second, first, "bandwidth_gbps", back_gbps, NAME, source.name))
    rtt_us = [(stream.get("sender") or {}).get("mean_rtt") for stream in end.get("streams") or []]
    known_us = [us for us in rtt_us if us]
    if known_us:
        mean_ms = sum(known_us) / len(known_us) / US_PER_MS
        figures.append(Figure(first, second, "delay_ms", mean_ms, NAME, source.name))
    aliases = [(address, name) for address, name in ((local, by), (remote, target)) if address and address != name]
    return Reading(tuple(figures), names=(by, target), aliases=tuple(aliases))


def _part(document: dict[str, Any], key: str, source: Source) -> dict[str, Any]:
    part = document.get(key)
    if not isinstance(part, dict) or not part:
        raise BadInput.at(source.name, key, "nothing", "what iperf3 writes there at its end: measure again")
    return part


def _received_gbps(end: dict[str, Any], source: Source, suffix: str) -> float:
    """What arrived in Gbps: the receiver's sum for TCP, the sum less what was lost for UDP."""
    received = end.get(f"sum_received{suffix}")
    if received is None and "sum" in end:
        received = end["sum"]
    rate = (received or {}).get("bits_per_second")
    if not isinstance(rate, int | float) or not rate > 0:
        found = "nothing" if rate is None else repr(rate)
        raise BadInput.at(source.name, f"end.sum_received{suffix}.bits_per_second", found, "a rate above 0")
    lost = (received or {}).get("lost_percent", 0.0) if received is end.get("sum") else 0.0
    return float(rate) * (1 - lost / 100) / BITS_PER_GBIT
