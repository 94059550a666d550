"""`iperf3 --json`, one document or several, and `--json-stream`."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ConfigDict, Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, Reading, Source
from tasklet_bench.problems.validation import StrictModel, validated

NAME = "iperf3"
_STARTS = re.compile(r'\{\s*"(?:start|event|error|intervals|end)"\s*:')
BITS_PER_GBIT = 1e9
US_PER_MS = 1e3


class _Part(StrictModel):
    """What is read of iperf3's document; the rest is left alone."""

    model_config = ConfigDict(extra="ignore")


class _Connected(_Part):
    local_host: str | None = None
    remote_host: str | None = None


class _ConnectingTo(_Part):
    host: str | None = None


class _Test(_Part):
    reverse: int = 0


class _Start(_Part):
    connected: list[_Connected] = Field(default_factory=list)
    connecting_to: _ConnectingTo | None = None
    system_info: str = ""
    test_start: _Test = _Test()


class _Sender(_Part):
    mean_rtt: float | None = Field(None, ge=0)


class _Stream(_Part):
    sender: _Sender | None = None


class _Sum(_Part):
    bits_per_second: float = Field(ge=0)
    lost_percent: float | None = Field(None, ge=0, le=100)


class _End(_Part):
    streams: list[_Stream] = Field(default_factory=list)
    sum_received: _Sum | None = None
    sum_received_bidir_reverse: _Sum | None = None
    sum: _Sum | None = None


class _Document(_Part):
    start: _Start
    end: _End


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
            result = f"half a document (it begins in line {line})"
            raise BadInput.at(source.name, "iperf3's JSON", result, "all of it: measure again") from None
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


def _read_one(data: dict[str, Any], source: Source) -> Reading:
    if isinstance(data, dict) and data.get("error"):
        message = f"its error {str(data['error'])[:80]!r}"
        raise BadInput.at(source.name, "error", message, "a test that ended well: measure again, or leave it out")
    document = validated(_Document, data, source.name)
    start, end = document.start, document.end
    connected = start.connected[0] if start.connected else _Connected()
    words = start.system_info.split()
    by = source.ends.source or (words[1] if len(words) > 1 else None) or connected.local_host
    typed = start.connecting_to.host if start.connecting_to else None
    target = source.ends.target or typed or connected.remote_host
    if not by or not target:
        raise BadInput.at(source.name, "start.connected", "no hosts", "local_host and remote_host: measure again")
    first, second = (target, by) if start.test_start.reverse else (by, target)
    figures = [_figure(first, second, end.sum_received or end.sum, source)]
    if end.sum_received_bidir_reverse is not None:
        figures.append(_figure(second, first, end.sum_received_bidir_reverse, source))
    known_us = [stream.sender.mean_rtt for stream in end.streams if stream.sender and stream.sender.mean_rtt]
    if known_us:
        mean_ms = sum(known_us) / len(known_us) / US_PER_MS
        figures.append(Figure(first, second, "delay_ms", mean_ms, NAME, source.name))
    pairs = ((connected.local_host, by), (connected.remote_host, target))
    aliases = [(address, name) for address, name in pairs if address and address != name]
    return Reading(tuple(figures), names=(by, target), aliases=tuple(aliases))


def _figure(source: str, target: str, received: _Sum | None, file: Source) -> Figure:
    """What arrived, in Gbps: the receiver's sum for TCP, the sum less what was lost for UDP."""
    if received is None:
        raise BadInput.at(
            file.name, "end.sum_received", "nothing", "what iperf3 writes there at its end: measure again"
        )
    gbps = received.bits_per_second * (1 - (received.lost_percent or 0.0) / 100) / BITS_PER_GBIT
    if not gbps > 0:
        raise BadInput.at(file.name, "end.sum_received.bits_per_second", "nothing that arrived", "a rate above 0")
    return Figure(source, target, "bandwidth_gbps", gbps, NAME, file.name)
