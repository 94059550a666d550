<<<<<<< HEAD
"""Allocation files: grids with their wiring fixed, or groups that get their best wiring and order; layers by stage."""
=======
"""Allocation files: one candidate of a problem, or a list of them, as the problem's family writes them."""
>>>>>>> main

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import Candidate, InvalidCandidate
from tasklet_bench.problems.files.source import read_json

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem


<<<<<<< HEAD
class _Shaped(Protocol):
    @property
    def shape(self) -> Shape: ...

    def allocation(self, labels: Candidate) -> Allocation: ...


def read_allocations(path: str | Path, problem: _Shaped) -> list[Candidate] | Candidate:
    """Read an allocation file: an `Allocation` for a grid, labels `(N,)` for groups, or a list of these."""
=======
def read_allocations(path: str | Path, problem: Problem) -> list[Candidate] | Candidate:
    """Read an allocation file: one candidate, or a list of them; raises `BadInput` that names file and place."""
>>>>>>> main
    data = read_json(path)
    if isinstance(data, list):
        return [candidate_from_json(entry, problem, f"{path}: [{index}]") for index, entry in enumerate(data)]
    return candidate_from_json(data, problem, str(path))


<<<<<<< HEAD
def candidate_from_json(data: Any, problem: _Shaped, source: str) -> Candidate:
    """Make one candidate from `{"grid": D rows of K devices}` or `{"groups": K lists of D devices}`.

    With `"layers": K whole numbers` beside them groups are wired and ordered first: stage by stage from the left.
    """
    if not isinstance(data, dict):
        raise BadInput.at(source, "the whole of it", type(data).__name__, 'an object {"grid": …} or {"groups": …}')
    keys = [key for key in data if key != "layers"]
    if len(keys) != 1 or keys[0] not in ("grid", "groups"):
        raise BadInput.at(source, "keys", ", ".join(map(repr, data)) or "none", "exactly one of 'grid', 'groups'")
    key, rows = keys[0], data[keys[0]]
    layers = _layers(data["layers"], problem.shape, source) if "layers" in data else None
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    cells = _device_rows(rows, (d, k) if key == "grid" else (k, d), f"{source}: {key}")
    if key == "grid":
        return Allocation(cells, layers)
    labels = np.empty(problem.shape.n_devices, dtype=np.int64)
    labels[cells] = np.arange(k)[:, None]
    return labels if layers is None else Allocation(problem.allocation(labels).grid, layers)


def candidate_to_json(candidate: Candidate) -> dict[str, Any]:
    """Write an `Allocation` as `{"grid": …}`, with its `layers` if it has any, and labels as `{"groups": …}`."""
    if isinstance(candidate, Allocation):
        grid = {"grid": candidate.grid.tolist()}
        return grid if candidate.layers is None else {**grid, "layers": list(candidate.layers)}
    labels = np.asarray(candidate)
    return {"groups": [np.flatnonzero(labels == group).tolist() for group in range(int(labels.max()) + 1)]}


def _layers(layers: Any, shape: Shape, source: str) -> list[int]:
    """Layers of each stage: K whole numbers of at least 1."""
    k = shape.pipeline_parallel
    if not isinstance(layers, list) or len(layers) != k or any(type(n) is not int or n < 1 for n in layers):
        raise BadInput.at(source, "layers", layers, f"{k} whole numbers of at least 1, one for each stage")
    return layers


def _device_rows(rows: Any, expected: tuple[int, int], where: str) -> NDArray[np.int64]:
    """Device numbers of shape `expected`, each device once."""
    n_rows, n_columns = expected
    n = n_rows * n_columns
    if not isinstance(rows, list) or len(rows) != n_rows:
        found = f"{len(rows)} rows" if isinstance(rows, list) else type(rows).__name__
        raise BadInput(f"{where}: found {found}, expected {n_rows} rows of {n_columns} devices")
    seen: dict[int, str] = {}
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != n_columns:
            found = f"{len(row)} devices" if isinstance(row, list) else type(row).__name__
            raise BadInput(f"{where}[{i}]: found {found}, expected {n_columns} devices{_missing(rows, n)}")
        for j, device in enumerate(row):
            if type(device) is not int or not 0 <= device < n:
                raise BadInput(f"{where}[{i}][{j}]: found {device!r}, expected a device number 0..{n - 1}")
            if device in seen:
                raise BadInput(
                    f"{where}[{i}][{j}]: found device {device} a second time (first at {seen[device]}), "
                    f"expected every device 0..{n - 1} once{_missing(rows, n)}"
                )
            seen[device] = f"[{i}][{j}]"
    return np.array(rows, dtype=np.int64)


def _missing(rows: list[Any], n: int) -> str:
    present = {device for row in rows if isinstance(row, list) for device in row if isinstance(device, int)}
    absent = sorted(set(range(n)) - present)
    return f"; device {absent[0]} is missing" if absent else ""
=======
def candidate_from_json(data: Any, problem: Problem, source: str) -> Candidate:
    """The candidate of an object, read by its problem; `source` is what errors call it."""
    if not isinstance(data, dict):
        raise BadInput.at(source, "the whole of it", type(data).__name__, "an object")
    try:
        return problem.candidate_from_json(data)
    except InvalidCandidate as fault:
        raise BadInput(f"{source}: {fault}") from None
>>>>>>> main
