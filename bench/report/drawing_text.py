"""A candidate of any family in a terminal: who belongs together, and the costliest links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

MOST_LINKS = 8
LONGEST_LINE = 200


def drawing_text(problem: Problem, candidate: Mapping[str, Any]) -> Iterator[str]:
    """Lines that show a stored candidate: its drawing where the family has one, else its numbers."""
    drawing = problem.drawing(problem.candidate_from_json(candidate))
    if drawing is None:
        for key, value in candidate.items():
            yield _cut(f"{key}: {value}")
        return
    yield drawing.caption
    names = device_names(problem)
    width = max(map(len, drawing.groups), default=0)
    for group, devices in drawing.groups.items():
        yield _cut(f"  {group:<{width}}  {', '.join(_runs([names[device] for device in devices]))}")
    links = sorted(drawing.links, key=lambda link: -(link.seconds or 0.0))
    for link in links[:MOST_LINKS]:
        arrow = "→" if link.directed else "–"
        cost = "" if link.seconds is None else f"  {link.seconds:.6g} s"
        yield f"  {names[link.source]} {arrow} {names[link.target]}{cost}  ({link.role})"
    if len(links) > MOST_LINKS:
        yield f"  … and {len(links) - MOST_LINKS} more links, none dearer"


def device_names(problem: Problem) -> list[str]:
    """Each device as `site/number in site`, or by its site alone where that has one device."""
    return [
        site.name if site.devices == 1 else f"{site.name}/{number}"
        for site in problem.sites
        for number in range(site.devices)
    ]


def _runs(names: list[str]) -> Iterator[str]:
    """Names with runs of one site written together: `Oslo/0,1,2`."""
    for site, group in groupby(names, key=lambda name: name.rpartition("/")[0] or name):
        numbers = [name.rpartition("/")[2] for name in group]
        yield site if numbers == [site] else f"{site}/{','.join(numbers)}"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
