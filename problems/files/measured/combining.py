"""Combine figures of unlike sources: which name is which host, which host stands where, which figure counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.files.measured.reading import Figure, FigureName, Place, Reading

_TRUST: dict[FigureName, tuple[str, ...]] = {
    "delay_ms": (
        "ping", "fping", "table of links", "matrix", "nccl-tests", "iperf3", "problem file", "GraphML", "GML",
    ),
    "bandwidth_gbps": (
        "nccl-tests", "iperf3", "table of links", "matrix", "problem file", "GraphML", "GML",
    ),
}  # fmt: skip
"""Whose figure counts where several have one: iperf3's round trips wait in the queue that it fills itself."""
MOST_TIMES: dict[FigureName, float] = {"delay_ms": 2.0, "bandwidth_gbps": 3.0}
"""Figures of one tool for one link that differ by a larger factor contradict each other."""
LEAST_MS = 1.0
"""Delays that differ by less agree."""
_UNIT = {"delay_ms": "ms", "bandwidth_gbps": "Gbps"}


@dataclass(frozen=True)
class SiteDraft:
    """A site before it is written: its hosts with their slots, if any are known, and other fields of the file."""

    name: str
    devices: int
    hosts: tuple[tuple[str, int], ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Network:
    """Sites and the figures between them; matrices of shape `(S, S)`, rows are sources, NaN is a gap.

    `assumed` says for figures that nobody measured what they come from; `routed`, `settings`, `notes` as in `Reading`.
    """

    sites: tuple[SiteDraft, ...]
    delay_ms: NDArray[np.float64]
    bandwidth_gbps: NDArray[np.float64]
    assumed: Mapping[tuple[FigureName, int, int], str]
    routed: bool
    settings: Mapping[str, Any]
    notes: tuple[str, ...]


def combine(
    readings: Sequence[Reading], devices: int = 1, contradictions: Literal["refuse", "median"] = "refuse"
) -> Network:
    """The network that all readings together describe; `devices` are those of a place that does not say how many.

    Raises `BadInput` for readings without a link, a host that the table of hosts lacks, and figures of one link that
    contradict each other, unless their median is wished.
    """
    aliases, notes = _aliases(readings)

    def known(name: str) -> str:
        for _ in range(4):
            name = aliases.get(name, name)
        return name

    figures = [figure for reading in readings for figure in reading.figures]
    if not figures:
        lost = next((note for reading in readings for note in reading.notes), "no file has a figure of a link")
        raise BadInput.at("measure", "its files", lost, "a delay or a bandwidth between two places")
    places = {known(place.name): place for reading in readings for place in reading.places}
    order = _order(readings, figures, places, known)
    site_of = {name: (places[name].site if name in places else None) or name for name in order}
    site_names = list(dict.fromkeys(site_of[name] for name in order))
    drafts = tuple(_draft(site, [n for n in order if site_of[n] == site], places, devices) for site in site_names)
    chosen, assumed = _choose(figures, known, contradictions == "refuse")
    number = {site: index for index, site in enumerate(site_names)}
    matrices = {figure: np.full((len(drafts), len(drafts)), np.nan) for figure in _UNIT}
    guessed: dict[tuple[FigureName, int, int], str] = {}
    for (figure, i, j), values in _by_site(chosen, site_of, number).items():
        matrices[figure][i, j] = median(value for _, value in values)
        reasons = {assumed.get((*ends, figure)) for ends, _ in values}
        if None not in reasons:
            guessed[figure, i, j] = str(min(str(reason) for reason in reasons))
    return Network(
        drafts,
        matrices["delay_ms"],
        matrices["bandwidth_gbps"],
        guessed,
        any(reading.routed for reading in readings),
        {key: value for reading in readings for key, value in reading.settings.items()},
        (*notes, *(note for reading in readings for note in reading.notes)),
    )


Ends = tuple[str, str]


def _aliases(readings: Sequence[Reading]) -> tuple[dict[str, str], list[str]]:
    """The name of each address; an address with two names, or a name that many addresses share, is none."""
    names: dict[str, set[str]] = {}
    addresses: dict[str, set[str]] = {}
    for address, name in (alias for reading in readings for alias in reading.aliases):
        names.setdefault(address, set()).add(name)
        addresses.setdefault(name, set()).add(address)
    notes = []
    for address, called in names.items():
        if len(called) > 1:
            notes.append(f"{address} is called {' and '.join(sorted(called))}: taken for different hosts")
    return {address: next(iter(called)) for address, called in names.items() if len(called) == 1}, notes


def _order(
    readings: Sequence[Reading], figures: Sequence[Figure], places: Mapping[str, Place], known: Any
) -> list[str]:
    """Every name once: those of tables of hosts first; places that no figure names are left out, hosts are not."""
    hosts = [name for name, place in places.items() if place.is_host]
    measured = dict.fromkeys(known(end) for figure in figures for end in (figure.source, figure.target))
    if hosts:
        for figure in figures:
            for end in (figure.source, figure.target):
                if known(end) not in places:
                    expected = f"a host of the table of hosts{nearest(known(end), hosts)}"
                    raise BadInput.at(figure.origin, "a host", repr(end), expected)
        return hosts
    ordered = dict.fromkeys(known(name) for reading in readings for name in reading.names)
    keep = {known(name) for reading in readings if reading.settings or reading.routed for name in reading.names}
    return [name for name in ordered if name in measured or name in keep]


def _draft(site: str, members: list[str], places: Mapping[str, Place], devices: int) -> SiteDraft:
    known = [places[name] for name in members if name in places]
    slots = [(name, (places[name].slots if name in places else None) or devices) for name in members]
    attributes = {key: value for place in known for key, value in place.attributes.items()}
    hosts = tuple(slots) if any(place.is_host for place in known) else ()
    return SiteDraft(site, sum(count for _, count in slots), hosts, attributes)


def _choose(
    figures: Iterable[Figure], known: Any, strict: bool
) -> tuple[dict[tuple[str, str, FigureName], float], dict[tuple[str, str, FigureName], str]]:
    """One figure for each link of hosts, by the most trusted tool; and what it was assumed from, if it was."""
    grouped: dict[tuple[str, str, FigureName], dict[str, list[Figure]]] = {}
    for entry in figures:
        if entry.figure == "bandwidth_gbps" and entry.value <= 0:
            raise BadInput.at(
                entry.origin, f"bandwidth from {entry.source} to {entry.target}", entry.value, "above 0, or a blank"
            )
        key = (known(entry.source), known(entry.target), entry.figure)
        grouped.setdefault(key, {}).setdefault(entry.tool, []).append(entry)
    chosen: dict[tuple[str, str, FigureName], float] = {}
    assumed: dict[tuple[str, str, FigureName], str] = {}
    sources: dict[tuple[str, str, FigureName], list[Figure]] = {}
    for key, by_tool in grouped.items():
        tool = min(by_tool, key=lambda tool: (by_tool[tool][0].assumed is not None, _TRUST[key[2]].index(tool)))
        if strict:
            _refuse_contradiction(key, by_tool[tool])
        chosen[key] = median(entry.value for entry in by_tool[tool])
        sources[key] = by_tool[tool]
        if by_tool[tool][0].assumed is not None:
            assumed[key] = str(by_tool[tool][0].assumed)
    if strict:
        for (a, b, figure), entries in sources.items():
            opposite = sources.get((b, a, figure), [])
            if figure == "delay_ms" and a < b and opposite and opposite[0].tool == entries[0].tool:
                _refuse_contradiction((a, b, figure), [*entries, *opposite])
    return chosen, assumed


def _refuse_contradiction(key: tuple[str, str, FigureName], entries: list[Figure]) -> None:
    low, high = (pick(entries, key=lambda entry: entry.value) for pick in (min, max))
    figure = key[2]
    if high.value <= MOST_TIMES[figure] * low.value or (figure == "delay_ms" and high.value - low.value <= LEAST_MS):
        return
    unit = _UNIT[figure]
    raise BadInput(
        f"{high.origin}: {figure} from {high.source} to {high.target}: found {high.value:.4g} {unit}, "
        f"but {low.value:.4g} {unit} from {low.source} to {low.target} in {low.origin}: they contradict each other; "
        "measure again and leave out the wrong one, or take the median with --contradictions median"
    )


def _by_site(
    chosen: Mapping[tuple[str, str, FigureName], float], site_of: Mapping[str, str], number: Mapping[str, int]
) -> dict[tuple[FigureName, int, int], list[tuple[Ends, float]]]:
    """Figures of hosts by their sites; inside a site those between hosts count before those within one."""
    grouped: dict[tuple[FigureName, int, int], list[tuple[Ends, float]]] = {}
    for (a, b, figure), value in chosen.items():
        if a in site_of and b in site_of:
            grouped.setdefault((figure, number[site_of[a]], number[site_of[b]]), []).append(((a, b), value))
    for key, values in grouped.items():
        between = [entry for entry in values if entry[0][0] != entry[0][1]]
        grouped[key] = between or values
    return grouped
