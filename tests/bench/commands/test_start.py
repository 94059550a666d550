"""What must be light stays light: help and lists import nothing that they do not need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"numpy", "pandas", "numba", "ortools", "optuna", "scipy", "deap", "altair", "statsmodels"}

PROBE = """
import json, sys
sys.argv = ["tasklet-bench", *sys.argv[1:]]
from tasklet_bench.bench.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
sys.stderr.write(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["solve", "--help"],
        ["list", "strategies"],
        ["list", "problems"],
        ["list", "suites"],
    ],
)
def test_help_and_lists_import_nothing_heavy(arguments: list[str]) -> None:
    """Asking for help or a list imports neither numpy nor any solver or table library."""
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout
    assert HEAVY & set(json.loads(done.stderr)) == set()
