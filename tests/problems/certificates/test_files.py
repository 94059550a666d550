"""Certificates as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.certificates.files import FOLDER, check_file, emit
from tasklet_bench.problems.loading import load_problem


def test_a_written_certificate_is_accepted_and_a_truncated_one_refused(tmp_path: Path) -> None:
    """What `emit` writes holds when it is read again; half of the file is bad input."""
    problem = load_problem("paper/two-datacentres")
    path = emit(problem, problem.bound(), tmp_path)
    assert "nothing costs less" in check_file(path)
    path.write_text(path.read_text()[:60])
    with pytest.raises(BadInput):
        check_file(path)


@pytest.mark.slow
def test_published_certificates_hold() -> None:
    """The checker accepts every published certificate."""
    paths = sorted(FOLDER.glob("*.json"))
    assert paths
    assert all("nothing costs less" in check_file(path) for path in paths)
