"""Allocations as objects of a file: grids with their wiring fixed, or groups that get their best wiring and order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.candidate import Candidate, InvalidCandidate
from tasklet_bench.problems.workload import Shape

KEYS = ("grid", "groups")


def candidate_from_json(data: Mapping[str, Any], shape: Shape, n_devices: int) -> NDArray[np.int64] | Allocation:
    """Make an `Allocation` of `{"grid": D rows of K devices}`, or labels `(N,)` of `{"groups": K lists of D devices}`.

    Devices that are not in it are spares. Other keys, such as results that stand beside it, are ignored. Raises
    `InvalidCandidate` that names the place.
    """
    given = [key for key in KEYS if key in data]
    if len(given) != 1:
        result = ", ".join(map(repr, data)) or "none"
        raise InvalidCandidate(f"keys: found {result}, expected exactly one of 'grid', 'groups'")
    key, d, k = given[0], shape.data_parallel, shape.pipeline_parallel
    cells = _device_rows(data[key], (d, k) if key == "grid" else (k, d), key, n_devices)
    if key == "grid":
        return Allocation(cells, n_devices=n_devices)
    labels = np.full(n_devices, k)
    labels[cells] = np.arange(k)[:, None]
    return labels


def layers_from_json(layers: Any, shape: Shape) -> list[int]:
    """Read the layers of each stage; raises `InvalidCandidate` unless they are K whole numbers of at least 1."""
    k = shape.pipeline_parallel
    if not isinstance(layers, list) or len(layers) != k or any(type(n) is not int or n < 1 for n in layers):
        raise InvalidCandidate(f"layers: found {layers!r:.60}, expected {k} whole numbers of at least 1, one a stage")
    return layers


def candidate_to_json(candidate: Candidate, n_groups: int | None = None) -> dict[str, Any]:
    """Write an `Allocation` as `{"grid": …}`, with its `layers` if it has any, and labels as `{"groups": …}`.

    Where there are `spares`, they stand beside it: labels from `n_groups` on, where that is given.
    """
    if isinstance(candidate, Allocation):
        grid = {"grid": candidate.grid.tolist()}
        spares = {"spares": candidate.spares.tolist()} if candidate.n_devices > candidate.grid.size else {}
        return {**grid, **spares} if candidate.layers is None else {**grid, "layers": list(candidate.layers), **spares}
    labels = np.asarray(candidate)
    k = n_groups or int(labels.max()) + 1
    groups = {"groups": [np.flatnonzero(labels == group).tolist() for group in range(k)]}
    spare = np.flatnonzero(labels >= k).tolist()
    return {**groups, "spares": spare} if spare else groups


def _device_rows(rows: Any, expected: tuple[int, int], where: str, n: int) -> NDArray[np.int64]:
    """Device numbers of shape `expected`, each of N devices at most once."""
    n_rows, n_columns = expected
    if not isinstance(rows, list) or len(rows) != n_rows:
        result = f"{len(rows)} rows" if isinstance(rows, list) else type(rows).__name__
        raise InvalidCandidate(f"{where}: found {result}, expected {n_rows} rows of {n_columns} devices")
    full = n == n_rows * n_columns
    missing = _missing(rows, n) if full else ""
    seen: dict[int, str] = {}
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != n_columns:
            result = f"{len(row)} devices" if isinstance(row, list) else type(row).__name__
            raise InvalidCandidate(f"{where}[{i}]: found {result}, expected {n_columns} devices{missing}")
        for j, device in enumerate(row):
            if type(device) is not int or not 0 <= device < n:
                raise InvalidCandidate(f"{where}[{i}][{j}]: found {device!r}, expected a device number 0..{n - 1}")
            if device in seen:
                raise InvalidCandidate(
                    f"{where}[{i}][{j}]: found device {device} a second time (first at {seen[device]}), "
                    f"expected every device 0..{n - 1} {'once' if full else 'at most once'}{missing}"
                )
            seen[device] = f"[{i}][{j}]"
    return np.array(rows, dtype=np.int64)


def _missing(rows: list[Any], n: int) -> str:
    present = {device for row in rows if isinstance(row, list) for device in row if isinstance(device, int)}
    absent = sorted(set(range(n)) - present)
    return f"; device {absent[0]} is missing" if absent else ""
