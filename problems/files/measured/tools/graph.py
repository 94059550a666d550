"""What GraphML and GML have in common: nodes with coordinates, edges with speeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, FigureName, Place, Reading, Source
from tasklet_bench.problems.files.measured.units import figure_in, one_way_in, typed_unit, unit_in, unit_of

KM_PER_MS = 200.0
"""Light in fibre, one way."""
EARTH_RADIUS_KM = 6371.0
BY_DISTANCE = "distance along the great circle, light in fibre"
_LATITUDES, _LONGITUDES = ("latitude", "lat", "y"), ("longitude", "long", "lon", "lng", "x")
_LABELS = ("label", "name")
_NO_LABELS = {"", "none", "?", "??", "unknown"}
_KM = ("dist", "dist_km", "distance", "distance_km", "length_km")


@dataclass(frozen=True)
class Graph:
    """Nodes by their id and edges by their ends, each with attributes as text; `directed` edges go one way."""

    nodes: Mapping[str, Mapping[str, str]]
    edges: Sequence[tuple[str, str, Mapping[str, str]]]
    directed: bool = False


def read_graph(graph: Graph, tool: str, source: Source) -> Reading:
    """The links of a map: its edges' speeds, and delays that are stated or follow from the distance.

    Nodes of one label get their ids appended; parallel edges add their speeds; nodes outside the largest connected part
    are left out. Raises `BadInput` for a graph without nodes, and for an edge to a node that is not there.
    """
    if not graph.nodes:
        raise BadInput.at(source.name, "its nodes", "none", "a graph with nodes")
    names = _names(graph)
    for number, (a, b, _) in enumerate(graph.edges):
        for end in (a, b):
            if end not in names:
                raise BadInput.at(source.name, f"edge {number + 1}", f"node {end!r}", "one of the graph's nodes")
    kept = _largest_part(graph)
    where = {node: place for node, attributes in graph.nodes.items() if (place := _coordinates(attributes)) is not None}
    figures: dict[tuple[str, str, FigureName], Figure] = {}
    notes = [f"{source.name}: {names[node]} is left out, nothing links it" for node in graph.nodes if node not in kept]
    unread: set[str] = set()
    for a, b, attributes in graph.edges:
        if a == b or a not in kept:
            continue
        speed = _speed_gbps(attributes, source, unread)
        delay = _delay_ms(attributes, source, unread)
        assumed = None
        if delay is None and a in where and b in where:
            delay, assumed = 2 * kilometres(where[a], where[b]) / KM_PER_MS, BY_DISTANCE
        for i, j in ((a, b),) if graph.directed else ((a, b), (b, a)):
            ends = names[i], names[j]
            if speed is not None:
                before = figures.get((*ends, "bandwidth_gbps"))
                total = speed + (before.value if before else 0.0)
                figures[*ends, "bandwidth_gbps"] = Figure(*ends, "bandwidth_gbps", total, tool, source.name)
            if delay is not None:
                figures[*ends, "delay_ms"] = Figure(*ends, "delay_ms", delay, tool, source.name, assumed)
    notes += [
        f"{source.name}: {key} has no unit and is not read: say --bandwidth-unit or --delay-unit"
        for key in sorted(unread)
    ]
    places = [
        Place(
            names[node],
            attributes=dict(zip(("latitude", "longitude"), where[node], strict=True)) if node in where else {},
        )
        for node in graph.nodes
        if node in kept
    ]
    return Reading(
        tuple(figures.values()), tuple(places), tuple(place.name for place in places), routed=True, notes=tuple(notes)
    )


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two places, (latitude, longitude) in degrees, along the great circle."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(math.radians(x) for x in place) for place in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def _names(graph: Graph) -> dict[str, str]:
    """A name for each node that no other has."""
    labels = {}
    for node, attributes in graph.nodes.items():
        label = " ".join(next((attributes[key] for key in attributes if key.lower() in _LABELS), "").split())
        labels[node] = f"node {node}" if label.lower() in _NO_LABELS else label
    all_labels = list(labels.values())
    return {node: label if all_labels.count(label) == 1 else f"{label} ({node})" for node, label in labels.items()}


def _coordinates(attributes: Mapping[str, str]) -> tuple[float, float] | None:
    lower = {key.lower(): value for key, value in attributes.items()}
    try:
        latitude = next(float(lower[key]) for key in _LATITUDES if key in lower)
        longitude = next(float(lower[key]) for key in _LONGITUDES if key in lower)
    except (StopIteration, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _largest_part(graph: Graph) -> set[str]:
    neighbours: dict[str, set[str]] = {node: set() for node in graph.nodes}
    for a, b, _ in graph.edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    best: set[str] = set()
    seen: set[str] = set()
    for start in graph.nodes:
        if start in seen:
            continue
        part, todo = {start}, [start]
        while todo:
            new = neighbours[todo.pop()] - part
            part |= new
            todo += new
        seen |= part
        best = max(best, part, key=len)
    return best


def _speed_gbps(attributes: Mapping[str, str], source: Source, unread: set[str]) -> float | None:
    """Speed of an edge: the zoo's `LinkSpeedRaw` is in bit/s; any other attribute needs a unit."""
    if (raw := _positive(attributes.get("LinkSpeedRaw"))) is not None:
        return raw * 1e-9
    speed, unit = _positive(attributes.get("LinkSpeed")), f"{attributes.get('LinkSpeedUnits', '')}bps"
    if speed is not None and (known := unit_of(unit)) is not None:
        return speed * known[1]
    return _figure(attributes, "bandwidth_gbps", source.units.bandwidth, "--bandwidth-unit", unread)


def _delay_ms(attributes: Mapping[str, str], source: Source, unread: set[str]) -> float | None:
    """Round-trip time of an edge: stated, or from its length."""
    stated = _figure(attributes, "delay_ms", source.units.delay, "--delay-unit", unread)
    if stated is not None:
        one_way = any(one_way_in(key) for key in attributes) or source.units.delays_are == "one-way"
        return stated * (2 if one_way else 1)
    km = next((value for key in attributes if key.lower() in _KM and (value := _positive(attributes[key]))), None)
    return None if km is None else 2 * km / KM_PER_MS


def _figure(
    attributes: Mapping[str, str], figure: FigureName, typed: str | None, option: str, unread: set[str]
) -> float | None:
    for key, text in attributes.items():
        unit = unit_in(key)
        if (unit[0] if unit else figure_in(key)) != figure or key.startswith("LinkSpeed"):
            continue
        value = _positive(text)
        if value is None:
            continue
        if unit is None and typed is None:
            unread.add(key)
            continue
        return value * (typed_unit(option, typed, figure) if typed else unit[1] if unit else 1.0)
    return None


def _positive(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < math.inf else None
