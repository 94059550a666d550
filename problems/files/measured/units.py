"""Units as people write them in headings, and their factors to ms and Gbps."""

from __future__ import annotations

import re

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import FigureName, Units

_DELAY = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}
_DELAY_WORDS = {
    "µs": "us", "μs": "us", "usec": "us", "microseconds": "us", "nanoseconds": "ns",
    "msec": "ms", "msecs": "ms", "millisecond": "ms", "milliseconds": "ms",
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
}  # fmt: skip
_PREFIX = {"": 1e-9, "k": 1e-6, "m": 1e-3, "g": 1.0, "t": 1e3}
_BITS = re.compile(r"(ki|mi|gi|ti|k|m|g|t)?(?:(bytes?|bits?|b)(?:ps|/s(?:ec)?|_per_s(?:ec(?:ond)?)?))", re.IGNORECASE)
_DELAY_MEANT = re.compile(r"delay|latenc|rtt|ping|round.?trip", re.IGNORECASE)
_BANDWIDTH_MEANT = re.compile(r"bandwidth|throughput|speed|capacity|gbps|mbps|bits?_per|rate\b", re.IGNORECASE)
_ONE_WAY = re.compile(r"one.?way|owd", re.IGNORECASE)


def unit_of(text: str) -> tuple[FigureName, float] | None:
    """Figure and factor to ms or Gbps of a unit that stands alone, such as `us` or `Mbit/s`; None if it is none."""
    word = text.strip()
    delay = _DELAY_WORDS.get(word.lower(), word.lower())
    if delay in _DELAY:
        return "delay_ms", _DELAY[delay]
    match = _BITS.fullmatch(word)
    if match is None:
        return None
    prefix, what = (match[1] or "").lower(), match[2]
    is_bytes = what.lower().startswith("byte") or (what == "B" and not word.isupper())
    factor = _PREFIX[prefix.removesuffix("i")] * (8 if is_bytes else 1)
    if prefix.endswith("i"):
        factor *= 1.024 ** ("kmgt".index(prefix[0]) + 1)
    return "bandwidth_gbps", factor


def unit_in(heading: str) -> tuple[FigureName, float] | None:
    """The unit within a heading such as `Average latency (ms)` or `rtt_ms`; None if there is none, or two."""
    words = re.split(r"[\s()\[\],;:]+", heading)
    words += [words_end for word in list(words) if "_" in word for words_end in _tails(word)]
    result = {unit for word in words if word and (unit := unit_of(word)) is not None}
    figure = figure_in(heading)
    result = {unit for unit in result if figure is None or unit[0] == figure}
    return result.pop() if len(result) == 1 else None


def _tails(word: str) -> list[str]:
    """What stands behind each underscore: `bits_per_second` of `mean_bits_per_second`."""
    parts = word.split("_")
    return ["_".join(parts[i:]) for i in range(1, len(parts))]


def figure_in(heading: str) -> FigureName | None:
    """Which figure a heading speaks of; None if it says neither, or both."""
    delay, bandwidth = bool(_DELAY_MEANT.search(heading)), bool(_BANDWIDTH_MEANT.search(heading))
    if delay == bandwidth:
        return None
    return "delay_ms" if delay else "bandwidth_gbps"


def one_way_in(heading: str) -> bool:
    """Whether a heading says that its delays are one-way."""
    return bool(_ONE_WAY.search(heading))


def factor_of(figure: FigureName, heading: str, where: str, typed: Units) -> float:
    """Factor to ms or Gbps: of the unit that was typed, else of the heading's; raises `BadInput` where neither is."""
    option, unit = typed_option(figure, typed)
    if unit is not None:
        return typed_unit(option, unit, figure)
    known = unit_in(heading)
    if known is None or known[0] != figure:
        expected = (
            f"its unit in the heading, such as {'rtt_ms' if figure == 'delay_ms' else 'bandwidth_gbps'}, or {option}"
        )
        raise BadInput.at(where, "its unit", "none", expected)
    return known[1]


def typed_option(figure: FigureName, typed: Units) -> tuple[str, str | None]:
    """The option for a figure's unit, and what was typed there."""
    return ("--delay-unit", typed.delay) if figure == "delay_ms" else ("--bandwidth-unit", typed.bandwidth)


def typed_unit(option: str, text: str, figure: FigureName) -> float:
    """Factor of a unit that was typed; raises `BadInput` for one of another kind."""
    unit = unit_of(text)
    if unit is None or unit[0] != figure:
        expected = "ns, us, ms or s" if figure == "delay_ms" else "kbps, Mbps, Gbps, MB/s, GB/s or bit/s"
        raise BadInput.at(f"option {option}", "its value", repr(text), expected)
    return unit[1]
