"""Allocation files: one candidate of a problem, or a list of them, as the problem's family writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import Candidate, InvalidCandidate
from tasklet_bench.problems.files.source import read_json, shown, sound
from tasklet_bench.problems.text import shorten

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem


def read_allocations(path: str | Path, problem: Problem) -> list[Candidate] | Candidate:
    """Read an allocation file: one candidate, or a list of them; raises `BadInput` that names file and place."""
    data = read_json(path)
    if isinstance(data, list):
        return [candidate_from_json(entry, problem, f"{shown(path)}: [{index}]") for index, entry in enumerate(data)]
    return candidate_from_json(data, problem, shown(path))


def candidate_from_json(data: Any, problem: Problem, source: str) -> Candidate:
    """The candidate of an object, read by its problem; `source` is what errors call it."""
    if not isinstance(data, dict):
        raise BadInput.at(source, "the whole of it", type(data).__name__, "an object")
    try:
        with sound(source):
            return problem.candidate_from_json(data)
    except InvalidCandidate as fault:
        raise BadInput(f"{source}: {shorten(fault, 300)}") from None
