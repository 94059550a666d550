"""What a file of measurements says, before it is combined with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FigureName = Literal["delay_ms", "bandwidth_gbps"]


@dataclass(frozen=True)
class Figure:
    """One figure of the link from `source` to `target`: a round-trip time in ms, or a bandwidth in Gbps.

    `tool` says what measured it, `origin` in which file it stands; `assumed` is what it was computed from where nobody
    measured it.
    """

    source: str
    target: str
    figure: FigureName
    value: float
    tool: str
    origin: str
    assumed: str | None = None


@dataclass(frozen=True)
class Place:
    """What is known of a name beside its links; `site` is where a host stands, `slots` how many devices it has."""

    name: str
    site: str | None = None
    slots: int | None = None
    is_host: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """Figures, places and other names of one file.

    `names` in the order of the file, `aliases` from addresses to names, `routed` whether links are those of a network
    that carries the traffic of the others, too (a map, not a mesh of measurements). `settings` are the other keys of a
    problem file. `notes` are for whoever reads the result.
    """

    figures: tuple[Figure, ...] = ()
    places: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    routed: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """The ends of a link as the name of its file says them; None for what it does not say."""

    source: str | None = None
    target: str | None = None


@dataclass(frozen=True)
class Units:
    """What was typed about the figures of tables and maps: their units, by the spelling that `unit_of` knows.

    None leaves it to the file; `delays_are` is for headings that do not say it.
    """

    delay: str | None = None
    bandwidth: str | None = None
    delays_are: Literal["rtt", "one-way"] = "rtt"


@dataclass(frozen=True)
class Source:
    """One file to be read: what errors call it, its text, the ends that its name says, and the units to take."""

    name: str
    text: str
    ends: Named = Named()
    units: Units = Units()
