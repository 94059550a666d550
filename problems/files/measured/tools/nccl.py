"""`sendrecv_perf` of nccl-tests and rccl-tests, one run a pair of devices."""

from __future__ import annotations

import re

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, Reading, Source

NAME = "nccl-tests"
_RUN = re.compile(r"^#\s*nThread\s", re.MULTILINE)
_RANK = re.compile(r"^#\s+Rank\s+\d+\s.*?\bon\s+(?P<host>\S+)\s+device\s+\d+", re.MULTILINE)
_HEADER = re.compile(r"^#\s+(size\s+count\s.*)$", re.MULTILINE)
_ROW = re.compile(r"^\s+\d+\s+\d+\s+\w+.*$", re.MULTILINE)
_OTHER = re.compile(r"\b((?!sendrecv)\w+)_perf\b")
SMALL_BYTES = 65536
"""A message of up to so many bytes is all delay."""
GBPS_PER_GBYTE_S = 8.0
MS_PER_US = 1e-3


def recognises(text: str) -> bool:
    """Whether a text is what nccl-tests or rccl-tests print."""
    return _RUN.search(text) is not None


def read(source: Source) -> Reading:
    """Bandwidth of the fastest message, and twice the time of the smallest as round-trip time, in both directions.

    (`sendrecv_perf` with two ranks sends both ways at once.) Raises `BadInput` for a run that is no pair, that broke
    off, or whose data arrived wrong.
    """
    figures: list[Figure] = []
    names: list[str] = []
    starts = [match.start() for match in _RUN.finditer(source.text)]
    other = _OTHER.search(source.text)
    if other is not None and "sendrecv_perf" not in source.text:
        raise BadInput.at(source.name, "its test", f"{other[1]}_perf", "sendrecv_perf, which measures a link")
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(source.text)], strict=True)):
        run = source.text[start:end]
        where = f"{source.name}: run {number + 1}" if len(starts) > 1 else source.name
        hosts = [match["host"] for match in _RANK.finditer(run)]
        if len(hosts) != 2:
            raise BadInput.at(
                where, "its ranks", f"{len(hosts)}, a ring of all of them", "2: one run of sendrecv_perf for each pair"
            )
        gbps, delay_ms = _figures(run, where)
        if source.ends.source and source.ends.target and len(starts) == 1:
            hosts = [source.ends.source, source.ends.target]
        names += hosts
        for a, b in (hosts, hosts[::-1]) if hosts[0] != hosts[1] else [hosts]:
            figures.append(Figure(a, b, "bandwidth_gbps", gbps, NAME, source.name))
            if delay_ms is not None:
                figures.append(Figure(a, b, "delay_ms", delay_ms, NAME, source.name))
    return Reading(tuple(figures), names=tuple(names))


def _figures(run: str, where: str) -> tuple[float, float | None]:
    """Gbps of the fastest row, and the round-trip time in ms if a row is small enough to tell."""
    header = _HEADER.search(run)
    rows = _ROW.findall(run)
    if header is None or not rows:
        raise BadInput.at(where, "its table", "no row", "sizes with their times: the run broke off, measure again")
    titles = header[1].split()
    first = titles.index("time")
    measured: list[tuple[int, float, float]] = []
    for row in rows:
        cells = row.split()
        try:
            size, time_us, algbw = int(cells[0]), float(cells[first]), float(cells[first + 1])
        except (IndexError, ValueError):
            raise BadInput.at(
                where, "a row of its table", repr(row.strip()[:60]), "all its columns: measure again"
            ) from None
        wrong = cells[first + 3] if len(cells) > first + 3 else "0"
        if titles[first + 3 : first + 4] == ["#wrong"] and wrong.isdigit() and int(wrong) > 0:
            raise BadInput.at(where, f"#wrong at size {size}", wrong, "0: the data arrived wrong, mend the link first")
        measured.append((size, time_us, algbw))
    gbps = max(algbw for _, _, algbw in measured) * GBPS_PER_GBYTE_S
    if gbps <= 0:
        raise BadInput.at(where, "algbw", "0 in every row", "larger messages: -e 128M")
    size, time_us, _ = min(measured)
    return gbps, 2 * time_us * MS_PER_US if size <= SMALL_BYTES else None
