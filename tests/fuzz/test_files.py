"""The small form of `tests/fuzz/files.py`: some hundred mutated files of every kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_mutated_files_are_used_or_refused(seed: int) -> None:
    """Each is read or ends in `BadInput`, within seconds and a GiB; a fault is named with its number."""
    command = [sys.executable, HERE / "files.py", "600", "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "600 files" in done.stdout


def test_a_seed_and_a_number_make_the_same_file_again() -> None:
    """What a fault is named by is enough to make its file again, and numbers differ."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from random import Random; from mutations import *\n"
        "from files import PROBLEM, CAMPAIGN, RESULTS\n"
        "def made(n):\n"
        "    rng = Random(f'5-{n}')\n"
        "    return mutate_json(PROBLEM, rng), mutate_toml(CAMPAIGN, rng), mutate_csv(RESULTS, rng)\n"
        "assert made(3) == made(3)\n"
        "assert len({made(n) for n in range(40)}) > 35\n"
    )
    subprocess.run([sys.executable, "-c", script, HERE], check=True, timeout=120)
