"""The script of docs/slurm.md asks Slurm for what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "slurm.md"


def test_the_script_asks_for_whole_nodes_with_one_worker_each(capsys: pytest.CaptureFixture[str]) -> None:
    """It needs no Slurm to be made; the part that submits jobs is not run here."""
    pytest.importorskip("dask_jobqueue")
    script, submission = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert "cluster.scale" in submission
    namespace: dict[str, Any] = {}
    exec(compile(script, str(PAGE), "exec"), namespace)  # noqa: S102 - our own page
    namespace["cluster"].close()
    asked = capsys.readouterr().out
    assert "#SBATCH --exclusive" in asked
    assert "#SBATCH --cpus-per-task=32" in asked
    assert "--nworkers 1" in asked or "--nworkers" not in asked
    assert "--nthreads 32" in asked
    assert "OMP_NUM_THREADS=1" in asked
