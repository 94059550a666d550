"""Instance files of the three families: SI figures by device, a model, and options.

Results of the instance (bounds, optima, scored candidates) may stand beside them and are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import numpy as np
from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.devices import Array, Devices, card_rates
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.topology import Site
from tasklet_bench.problems.validation import StrictModel, validated

DERIVED = ("candidates", "bound_s", "optimum_s", "optimal", "menu_sizes", "shapes", "tolerance")

Options = TypeVar("Options", bound=StrictModel)
Row = list[float | None]


_Site = Annotated[tuple[str, int, str], Field(strict=False)]
"""Name, devices, type of card."""


class _Devices(StrictModel):
    flops: list[float] = Field(min_length=1)
    memory_bytes: list[float]
    host_memory_bytes: list[float]
    host_link_bytes_s: list[float]
    upload_bytes_s: Row | None = None
    download_bytes_s: Row | None = None
    delay_s: list[Row]
    bandwidth_bytes_s: list[Row]
    sites: list[_Site] | None = None


MOST_OF_A_MODEL = 10**9
"""Layers, widths, tokens or sequences beyond this are no model's, and menus of them would be built for minutes."""


class _Model(StrictModel):
    layers: int = Field(ge=1, le=MOST_OF_A_MODEL)
    hidden: int = Field(ge=1, le=MOST_OF_A_MODEL)
    heads: int = Field(ge=1, le=MOST_OF_A_MODEL)
    sequence_length: int = Field(ge=1, le=MOST_OF_A_MODEL)
    sequences_per_iteration: int = Field(ge=1, le=MOST_OF_A_MODEL)


class _File(StrictModel):
    family: str
    name: str
    devices: _Devices
    model: _Model
    options: dict[str, Any]


@dataclass(frozen=True)
class InstanceData(Generic[Options]):
    """What an instance file says."""

    name: str
    devices: Devices
    model: Model
    options: Options


def read_instance(data: Any, source: str, options: type[Options]) -> InstanceData[Options]:
    """Read an instance of which `options` describes the family's own; raises `BadInput` naming source and field."""
    if not isinstance(data, dict):
        raise BadInput.at(source, "the whole of it", type(data).__name__, "an object with devices, model and options")
    file = validated(_File, {key: value for key, value in data.items() if key not in DERIVED}, source)
    return InstanceData(
        file.name,
        _devices(file.devices, source),
        Model(**file.model.model_dump()),
        validated(options, file.options, f"{source}: options"),
    )


def _devices(given: _Devices, source: str) -> Devices:
    n = len(given.flops)
    bandwidth = _links(given.bandwidth_bytes_s, n, f"{source}: devices.bandwidth_bytes_s")
    for key in ("memory_bytes", "host_memory_bytes", "host_link_bytes_s", "upload_bytes_s", "download_bytes_s"):
        row = getattr(given, key)
        if row is not None and len(row) != n:
            raise BadInput.at(source, f"devices.{key}", f"{len(row)} numbers", f"{n}, one for each device in flops")
    upload, download = card_rates(_row(given.upload_bytes_s, n), _row(given.download_bytes_s, n), bandwidth)
    try:
        return Devices(
            _sites(given.sites, n, source),
            np.array(given.flops),
            np.array(given.memory_bytes),
            np.array(given.host_memory_bytes),
            np.array(given.host_link_bytes_s),
            upload,
            download,
            _links(given.delay_s, n, f"{source}: devices.delay_s"),
            bandwidth,
        )
    except ValueError as error:
        raise error if isinstance(error, BadInput) else BadInput(f"{source}: devices: {error}") from error


def _row(row: Row | None, n: int) -> Array:
    return np.full(n, np.nan) if row is None else np.array(row, dtype=np.float64)


def _links(rows: list[Row], n: int, where: str) -> Array:
    """Figures of directed links, `(n, n)`; the diagonal is null or anything."""
    if len(rows) != n:
        raise BadInput(f"{where}: found {len(rows)} rows, expected {n}, one for each device in flops")
    for i, row in enumerate(rows):
        if len(row) != n:
            raise BadInput(f"{where}[{i}]: found {len(row)} numbers, expected {n}, one for each device in flops")
        for j, value in enumerate(row):
            if value is None and i != j:
                raise BadInput(f"{where}[{i}][{j}]: found null, expected a number for the link {i} to {j}")
    return np.array(rows, dtype=np.float64)


def _sites(given: list[tuple[str, int, str]] | None, n: int, source: str) -> tuple[Site, ...]:
    if given is None:
        return tuple(Site(f"device-{i}", 1) for i in range(n))
    total = sum(devices for _, devices, _ in given)
    if total != n or min(devices for _, devices, _ in given) < 1:
        raise BadInput.at(source, "devices.sites", f"sites of {total} devices", f"sites of {n}, each of at least 1")
    return tuple(Site(name, devices, device=card) for name, devices, card in given)
