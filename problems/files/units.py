"""Figures that look as if they stood in another unit than the one that is asked for.

Nothing is refused: a question is put, and whoever knows the network answers it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence

Row = Sequence[float | None]

LIKELY_MBPS = 100.0
"""Between places that are milliseconds apart, one device hardly has so many Gbit/s."""
FAR_MS = 1.0
LIKELY_SECONDS_MS = 0.0005
"""No message arrives in half a microsecond: a delay below that stands in seconds."""
KM_PER_MS = 299.792458
"""Light in a vacuum; what is faster is no delay in milliseconds."""
EARTH_RADIUS_KM = 6371.0


class UnitWarning(UserWarning):
    """A question about the unit of figures in a file."""


def unit_questions(
    delay_ms: Sequence[Row],
    bandwidth_gbps: Sequence[Row],
    places: Sequence[tuple[float, float] | None] | None = None,
) -> list[str]:
    """Questions about site × site figures, each a sentence; none where they look like what they should be.

    `delay_ms` and `bandwidth_gbps` have one row a site, None where nothing is known; either may be empty. `places` are
    latitude and longitude of each site in degrees.
    """
    questions = []
    if (result := next(_fast_and_far(delay_ms, bandwidth_gbps), None)) is not None:
        i, j, gbps, ms = result
        questions.append(
            f"bandwidth_gbps[{i}][{j}]: found {gbps:g} Gbit/s over {ms:g} ms; are these Mbit/s? Then divide them "
            f"by 1,000"
        )
    if (short := next(_too_short(delay_ms, places), None)) is not None:
        i, j, ms = short
        questions.append(
            f"delay_ms[{i}][{j}]: found {ms:g} ms, faster than any message; are these seconds? Then multiply "
            f"them by 1,000"
        )
    return questions


def ask_about_units(source: str, questions: Sequence[str]) -> None:
    """Put questions about a file to whoever reads it, as warnings, which the command line prints."""
    for question in questions:
        warnings.warn(f"{source}: {question}", UnitWarning, stacklevel=3)


def _fast_and_far(delay_ms: Sequence[Row], bandwidth_gbps: Sequence[Row]) -> Iterator[tuple[int, int, float, float]]:
    """The first link between sites, if all of them are so fast and some so far."""
    delays = {(i, j): ms for i, j, ms in _links(delay_ms)}
    links = [(i, j, gbps) for i, j, gbps in _links(bandwidth_gbps) if i != j]
    if not links or min(gbps for _, _, gbps in links) < LIKELY_MBPS:
        return
    for i, j, gbps in links:
        ms = delays.get((i, j))
        if ms is not None and ms >= FAR_MS:
            yield i, j, gbps, ms


def _too_short(
    delay_ms: Sequence[Row], places: Sequence[tuple[float, float] | None] | None
) -> Iterator[tuple[int, int, float]]:
    for i, j, ms in _links(delay_ms):
        if 0 < ms < LIKELY_SECONDS_MS:
            yield i, j, ms
        elif places is not None and i != j:
            a, b = places[i], places[j]
            if a is not None and b is not None and 0 < ms < _distance_km(a, b) / KM_PER_MS:
                yield i, j, ms


def _links(rows: Sequence[Row]) -> Iterator[tuple[int, int, float]]:
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is not None and math.isfinite(value):
                yield i, j, value


def _distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two places in degrees (haversine)."""
    (la, lo), (lb, lp) = (map(math.radians, place) for place in (a, b))
    half = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin((lp - lo) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
