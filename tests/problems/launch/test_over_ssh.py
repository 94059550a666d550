"""The scripts start every host over ssh, with what the user typed, word for word."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.files import problem_from_json
from tasklet_bench.problems.launch import files_for, plan_launch

PROBLEM = {
    "name": "two hosts",
    "sites": [
        {"name": "Oslo", "devices": 2, "hosts": ["zeta"]},
        {"name": "New York", "devices": 2, "hosts": ["alpha"]},
    ],
    "delay_ms": [[1, 40], [40, 1]],
    "bandwidth_gbps": [[10, 0.5], [0.5, 10]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 2},
    "workload": {"preset": "gpt3-xl"},
}
SSH = '#!/bin/bash\n[ "$1" = -n ] && shift\necho "to $1" >>calls\nshift\nexec bash -c "$*"\n'
STARTED = '#!/bin/bash\nprintf "%s|" "$LAUNCH_HOST" "${CUDA_VISIBLE_DEVICES:-}" "$@" >>calls\necho >>calls\n'


@pytest.mark.parametrize(("launcher", "program"), [("torchrun", "torchrun"), ("deepspeed", "deepspeed")])
def test_every_host_is_started_over_ssh(launcher: str, program: str, tmp_path: Path) -> None:
    """One call a host, in the same folder, with its number, its GPUs and an argument with a blank in one piece."""
    plan = plan_launch(problem_from_json(PROBLEM, "test"), Allocation([[0, 2], [1, 3]]))
    files, _ = files_for(launcher, plan)
    for name, text in {**files, "ssh": SSH, program: STARTED}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["bash", f"{launcher}.sh", "all", "train.py", "--note", "it's two words"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert {"to zeta", "to alpha"} <= set(lines)
    started = {line.split("|")[0]: line.split("|")[1:-1] for line in lines if "|" in line}
    assert set(started) == {"zeta", "alpha"}
    for number, host in enumerate(("zeta", "alpha")):
        words = started[host]
        assert words[-3:] == ["train.py", "--note", "it's two words"]
        option = "--node-rank" if launcher == "torchrun" else "--node_rank"
        assert words[words.index(option) + 1] == str(number)


def test_a_host_that_fails_fails_the_start(tmp_path: Path) -> None:
    """The script's status is that of the host that failed; an unknown host is refused with those that are known."""
    plan = plan_launch(problem_from_json(PROBLEM, "test"), Allocation([[0, 2], [1, 3]]))
    (tmp_path / "torchrun.sh").write_text(files_for("torchrun", plan)[0]["torchrun.sh"], encoding="utf-8")

    def start(host: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "torchrun.sh", host, "train.py"]
        environment = {**os.environ, "TORCHRUN": "false"}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    assert start("zeta").returncode == 1
    unknown = start("gamma")
    assert (unknown.returncode, "one of zeta alpha" in unknown.stderr) == (2, True)
