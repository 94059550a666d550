"""Certificates as files: `emit` writes one that the checker has accepted, `check_file` reads and checks one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.certificates import checker
from tasklet_bench.problems.certificates.windows import windows_s
from tasklet_bench.problems.files import parse_json, read_text, shown
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

_HERE = Path(__file__).resolve().parent
FOLDER = shipped if (shipped := _HERE / "published").exists() else _HERE.parents[1] / "results" / "certificates"
"""Where the published ones are: beside this module in an installed wheel, under `results/` in a checkout."""


def emit(problem: Problem, bound_s: float, folder: Path = FOLDER) -> Path:
    """Write the certificate of a lower bound (in seconds), rounded down, or raise `Refused` if the checker does."""
    if not has_kind(problem):
        raise checker.Refused("only allocations admit a certificate of this kind")
    ends_s = windows_s(problem, bound_s)
    matrices = _matrices(problem)
    data = {
        "format": checker.FORMAT,
        "kind": "compositions",
        "problem": problem.name,
        "matrices_sha256": checker.matrices_sha256(*matrices),
        "bound_s": bound_s * ROUNDED_DOWN,
        "windows_s": ends_s,
    }
    checker.check(data, *matrices)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(problem.name.encode()).hexdigest()[:12]}.json"
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return path


def check_file(path: Path) -> str:
    """Check a certificate file against its catalogue instance; returns a sentence, raises `Refused` with the reason."""
    from tasklet_bench.problems.loading import load_problem

    data = parse_json(read_text(path, "the certificate"), shown(path))
    if not isinstance(data, dict) or not isinstance(data.get("problem"), str):
        raise checker.Refused("it names no problem")
    states = checker.check(data, *_matrices(load_problem(data["problem"])))
    return f"{data['problem']}: nothing costs less than {data['bound_s']!r} s ({states} states refuted)"


def certified_bounds_s(folder: Path = FOLDER) -> dict[str, float]:
    """The bound (in seconds) of each published certificate by the name of its instance; none where none are shipped.

    They are taken as they stand: `certificate check` checks them. Raises `BadInput` for a file that is none.
    """
    bounds_s: dict[str, float] = {}
    for path in sorted(folder.glob("*.json")):
        data = parse_json(read_text(path, "the certificate"), shown(path))
        if not isinstance(data, dict) or not isinstance(data.get("bound_s"), float):
            raise BadInput.at(shown(path), "bound_s", data, "a certificate with a bound in seconds")
        bounds_s[str(data.get("problem"))] = data["bound_s"]
    return bounds_s


def has_kind(problem: Problem) -> bool:
    """Whether there is a kind of certificate for the problem's family."""
    return problem.family == "allocation"


def _matrices(problem: Any) -> tuple[Any, Any, int, int]:
    if not has_kind(problem):
        raise checker.Refused("only allocations admit a certificate of this kind")
    shape = problem.shape
    return problem.dp_pair_s.tolist(), problem.pp_pair_s.tolist(), shape.data_parallel, shape.pipeline_parallel
