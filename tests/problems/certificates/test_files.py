"""Certificates as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasklet_bench.bench.results import best_known
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.certificates.files import FOLDER, certified_bounds_s, check_file, emit
from tasklet_bench.problems.loading import load_problem
from tasklet_bench.problems.tolerances import PROVEN_GAP


def test_a_written_certificate_is_accepted_and_a_truncated_one_refused(tmp_path: Path) -> None:
    """What `emit` writes holds when it is read again; half of the file is bad input."""
    problem = load_problem("paper/two-datacentres")
    path = emit(problem, problem.bound(), tmp_path)
    assert "nothing costs less" in check_file(path)
    path.write_text(path.read_text()[:60])
    with pytest.raises(BadInput):
        check_file(path)


def test_what_is_published_is_no_more_than_is_known() -> None:
    """Each certificate is of an instance of the best-known table, and its bound is the cost there, rounded down."""
    known = {entry.problem: entry for entry in best_known.read().values()}
    bounds_s = certified_bounds_s()
    assert len(bounds_s) == len(list(FOLDER.glob("*.json")))
    for name, bound_s in bounds_s.items():
        assert known[name].cost_s * (1 - PROVEN_GAP) <= bound_s <= known[name].cost_s
        assert best_known.proof_of(known[name], bounds_s) == "certified"


def test_a_cost_is_as_sure_as_its_proof() -> None:
    """A certificate counts for its instance alone and for costs that it reaches; then a solver, then the problem."""
    entry = best_known.BestKnown("x", "0" * 64, 10.0, "annealing", 10.0, "constraint-program", {})
    assert best_known.proof_of(entry, {"x": 10.0 * (1 - 1e-9)}) == "certified"
    assert best_known.proof_of(entry, {"x": 9.9, "y": 10.0}) == "proven by a solver"
    assert best_known.proof_of(replace(entry, bound_by="problem"), {}) == "proven by its own bound"
    assert best_known.proof_of(replace(entry, bound_s=9.0), {"x": 9.0}) == "best seen"


@pytest.mark.slow
def test_published_certificates_hold() -> None:
    """The checker accepts every published certificate."""
    paths = sorted(FOLDER.glob("*.json"))
    assert paths
    assert all("nothing costs less" in check_file(path) for path in paths)
