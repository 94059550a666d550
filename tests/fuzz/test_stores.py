"""Stores and exports that were changed at random are read, or refused in a sentence; a small form of the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_mutations_are_read_or_refused(seed: int) -> None:
    """Nothing but refusals or success comes of 300 mutations, in at most 2 CPU seconds each and a gigabyte."""
    command = [sys.executable, Path(__file__).with_name("stores.py"), "300", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["read"] > 50
    assert sum(outcome["refused"].values()) > 100
    assert done.stderr == ""
