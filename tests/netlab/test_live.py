"""A small measurement on a wire made for it, and nothing left behind. Needs root: `pytest -m netlab`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
Compare = Callable[[dict[str, Any], dict[str, Any]], tuple[np.ndarray, np.ndarray, np.ndarray]]

pytestmark = [
    pytest.mark.netlab,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(shutil.which("ip") is None, reason="`ip` of iproute2 is not installed"),
    pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="there is no /dev/net/tun"),
]


def namespaces() -> set[str]:
    """Names of the namespaces that labs have made."""
    listed = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True, timeout=10).stdout
    return {line.split()[0] for line in listed.splitlines() if line.startswith("tbench-")}


def links() -> set[str]:
    """Names of this namespace's network devices."""
    return set(os.listdir("/sys/class/net"))  # noqa: PTH208 - a view of the kernel, not a folder of files


def test_an_iteration_on_a_wire_made_now_takes_what_is_simulated(tmp_path: Path, compare: Compare) -> None:
    """Two allocations of each shape agree within a tenth, sums of gradients are right, and the lab is gone."""
    before = namespaces(), links()
    command = [sys.executable, str(HERE / "record.py"), "--networks", "unstructured", "--allocations", "2"]
    subprocess.run([*command, "--repeats", "2", "--out", str(tmp_path)], check=True, timeout=120)
    record = json.loads((tmp_path / "unstructured.json").read_text(encoding="utf-8"))
    for setting in record["settings"]:
        measured_s, simulated_s, _ = compare(record, setting)
        assert measured_s == pytest.approx(simulated_s, rel=0.1)
    assert (namespaces(), links()) == before


def test_a_lab_that_fails_leaves_nothing_behind() -> None:
    """An error in the midst of a measurement ends all processes and removes all namespaces and devices."""
    before = namespaces(), links()
    failing = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from lab import made_lab\n"
        "with made_lab([[0, 0.001], [0.001, 0]], [[1, 1e6], [1e6, 1]], 9000, 30.0):\n"
        "    raise KeyError('in the midst')\n"
    )
    ended = subprocess.run([sys.executable, "-c", failing], capture_output=True, text=True, timeout=60)
    assert "in the midst" in ended.stderr
    assert (namespaces(), links()) == before
