"""A candidate as a picture that any family can give: groups of devices, and links between devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """A line from one device to another; `seconds` is its cost, `role` a word for the legend, such as `stage 2`."""

    source: int
    target: int
    seconds: float | None = None
    role: str = "link"
    directed: bool = False


@dataclass(frozen=True)
class Drawing:
    """What to draw of a candidate: `groups` (devices by name, in order) and `links`; the caption says what they are."""

    caption: str
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
