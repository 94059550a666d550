"""A table of hosts or sites: a row for each, with its devices, its host's address and where it stands."""

from __future__ import annotations

from typing import Any

from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.files.hosts import check_host_name
from tasklet_bench.problems.files.measured.reading import Place, Reading, Source
from tasklet_bench.problems.files.measured.tools.rows import number_of, rows_of

NAME = "table of hosts"
_SLOTS = ("slots", "gpus", "devices")
_TEXT = ("provider", "device")
_NUMBERS = {
    "latitude": "latitude", "lat": "latitude", "longitude": "longitude", "lon": "longitude", "lng": "longitude",
    "tflops": "tflops", "memory_gb": "memory_gb", "host_memory_gb": "host_memory_gb",
    "host_link_gbps": "host_link_gbps", "upload_gbps": "upload_gbps", "download_gbps": "download_gbps",
}  # fmt: skip
KEYS = ("host", "site", "name", "address", *_SLOTS, *_TEXT, *_NUMBERS)


def recognises(text: str) -> bool:
    """Whether the first row names hosts or sites and what they have."""
    rows, _ = rows_of(text[:20_000])
    header = {cell.lower() for cell in rows[0]} if rows else set()
    return bool(header & {"host", "name", "site"}) and len(header & set(KEYS)) >= 2


def read(source: Source) -> Reading:
    """A place a row; raises `BadInput` for a host without a name, twice, or with a number of devices that is none."""
    rows, _ = rows_of(source.text)
    header = [cell.lower() for cell in rows[0]]
    key = next(word for word in ("host", "name", "site") if word in header)
    if key == "host" and (unknown := [word for word in header if word not in KEYS]):
        raise BadInput(f"{source.name}: column {unknown[0]!r}: unknown{nearest(unknown[0], KEYS)}")
    places: list[Place] = []
    aliases = []
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(header, row, strict=False))
        where = f"{source.name}: row {number}"
        name = cells.get(key, "")
        if not name or any(name == place.name for place in places):
            raise BadInput.at(where, key, repr(name), "each one once, by its name")
        if key == "host":
            check_host_name(name, where, key)
        if cells.get("address"):
            aliases.append((cells["address"], name))
        site = cells.get("site") or None if key != "site" else name
        places.append(Place(name, site, _slots(cells, where), key == "host", _attributes(cells, where)))
    return Reading(places=tuple(places), names=tuple(place.name for place in places), aliases=tuple(aliases))


def _slots(cells: dict[str, str], where: str) -> int | None:
    text = next((cells[word] for word in _SLOTS if cells.get(word)), None)
    if text is None:
        return None
    if not text.isdigit() or not 1 <= int(text) <= 65536:
        raise BadInput.at(where, "its devices", repr(text), "a whole number from 1 to 65536")
    return int(text)


def _attributes(cells: dict[str, str], where: str) -> dict[str, Any]:
    result: dict[str, Any] = {word: cells[word] for word in _TEXT if cells.get(word)}
    for column, attribute in _NUMBERS.items():
        text = cells.get(column)
        if not text:
            continue
        if attribute in ("latitude", "longitude"):
            try:
                result[attribute] = float(text)
            except ValueError:
                raise BadInput.at(where, column, repr(text), "degrees, such as 59.9") from None
        else:
            result[attribute] = number_of(text, f"{where}: {column}")
    return result
