"""Launch files start what they say: real torchrun and real mpirun, eight processes as four hosts of this machine."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed (extra `launched`)"),
]
TRAIN = Path(__file__).parent / "train.py"
ENDED_WELL = "\nended with 0"
HOSTS = ("zeta", "alpha", "mid", "beta")
PROBLEM: dict[str, Any] = {
    "name": "four hosts",
    "sites": [
        {"name": "San José", "devices": 4, "hosts": [{"name": "zeta", "slots": 2}, {"name": "alpha", "slots": 2}]},
        {"name": "Rome", "devices": 4, "hosts": ["mid", "beta"]},
    ],
    "delay_ms": [[1, 40], [40, 1]],
    "bandwidth_gbps": [[10, 0.5], [0.5, 10]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 4},
    "workload": {"preset": "gpt3-xl"},
}
CONSECUTIVE = [[0, 2, 4, 6], [3, 1, 5, 7]]
SCATTERED = [[0, 4, 2, 6], [5, 1, 7, 3]]


def launch(folder: Path, grid: list[list[int]], launcher: str, *options: str) -> Path:
    """The folder of launch files for a grid."""
    (folder / "problem.json").write_text(json.dumps(PROBLEM), encoding="utf-8")
    (folder / "best.json").write_text(json.dumps({"grid": grid}), encoding="utf-8")
    (folder / "done").mkdir()
    command = [sys.executable, "-c", "from tasklet_bench.bench.cli import main; main()", "launch", "problem.json"]
    options = ("best.json", "--for", launcher, "--out", "files", *options)
    subprocess.run([*command, *options], cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "files"


def environment(folder: Path) -> dict[str, str]:
    """What the processes of all hosts find: this machine as the master, at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torchrun = folder / "torchrun"
    torchrun.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m torch.distributed.run "$@"\n', encoding="utf-8")
    torchrun.chmod(0o755)
    addresses = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
    return {**os.environ, **addresses, "TORCHRUN": str(torchrun), "OMP_NUM_THREADS": "1"}


def check_done(folder: Path) -> None:
    """Every rank passed its checks, on the host that the rank map names."""
    with (folder / "files" / "ranks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert {path.name: path.read_text() for path in (folder / "done").iterdir()} == {r["rank"]: r["host"] for r in rows}
    assert Counter(row["host"] for row in rows) == dict.fromkeys(HOSTS, 2)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("grid", [CONSECUTIVE, SCATTERED], ids=["an agent a host", "several agents on a host"])
def test_torchrun_starts_the_allocation(tmp_path: Path, grid: list[list[int]]) -> None:
    """With the static rendezvous each process has rank, stage, replica and GPU that the allocation says."""
    files = launch(tmp_path, grid, "torchrun", "--exact")
    variables = environment(tmp_path)
    arguments = [str(TRAIN), str(files / "ranks.csv"), str(files / "allocation.json"), str(tmp_path / "done")]
    hosts = [
        subprocess.Popen(
            ["bash", str(files / "torchrun.sh"), host, *arguments],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        for host in HOSTS
    ]
    said = []
    try:
        for host in hosts:
            said.append(host.communicate(timeout=300)[0])  # noqa: PERF401 - what came before a time-out is to be seen
    finally:
        for host in hosts:
            if host.poll() is None:
                os.killpg(host.pid, 9)
    assert [host.returncode for host in hosts] == [0] * 4, "\n".join(said)[-4000:]
    check_done(tmp_path)
    assert json.loads((files / "allocation.json").read_text())["grid"] == grid


@pytest.mark.timeout(400)
@pytest.mark.skipif(shutil.which("mpirun") is None, reason="mpirun is not installed (openmpi-bin)")
@pytest.mark.parametrize("grid", [CONSECUTIVE, SCATTERED], ids=["consecutive", "scattered"])
def test_mpirun_starts_the_allocation(tmp_path: Path, grid: list[list[int]]) -> None:
    """With the rank file each process is on the host, and takes the GPU, that the allocation says.

    The four hosts are daemons of this machine, each with a folder of its own for temporary files: what mpirun would
    start by ssh is started here, and reported its host's name. Open MPI's daemons have hung now and then where they
    share a machine, before they had started anything: then, and only then, it is tried once more.
    """
    files = launch(tmp_path, grid, "mpi", "--exact")
    there = tmp_path / "start-there"
    there.write_text(
        "#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nhost=$1\nshift\nexport TMPDIR=$HOSTS_FOLDER/$host\n"
        'mkdir -p $TMPDIR\nSTARTED_ON=$host exec bash -c "$*"\n',
        encoding="utf-8",
    )
    there.chmod(0o755)
    variables = environment(tmp_path)
    variables |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    here = "--mca oob_tcp_if_include lo --mca btl_tcp_if_include lo"  # other tests make and remove links meanwhile
    variables["MPIRUN_OPTIONS"] = (
        f"--mca plm_rsh_agent {there} --mca plm_rsh_no_tree_spawn 1 {here} -x GLOO_SOCKET_IFNAME"
    )
    check = 'test "$STARTED_ON" = "$LAUNCH_HOST" && exec "$@"'
    arguments = [str(TRAIN), str(files / "ranks.csv"), str(files / "allocation.json"), str(tmp_path / "done")]
    command = ["bash", str(files / "mpi.sh"), "bash", "-c", check, "check", sys.executable, *arguments]
    said = None
    with tempfile.TemporaryDirectory(prefix="hosts-", dir="/tmp") as folder:  # names of sockets are short
        for _ in range(2):
            said = said or waited_for(command, {**variables, "HOSTS_FOLDER": folder}, tmp_path / "done")
    assert said is not None, "twice still there after 150 s without a rank"
    assert said.endswith(ENDED_WELL), said[-4000:]
    check_done(tmp_path)


def waited_for(command: list[str], variables: dict[str, str], done: Path) -> str | None:
    """What a job has said and its status; None if it hung before it started any rank, as daemons side by side can."""
    with subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as job:
        try:
            return f"{job.communicate(timeout=150)[0]}\nended with {job.wait()}"
        except subprocess.TimeoutExpired:
            os.killpg(job.pid, signal.SIGKILL)
            said = job.communicate()[0]
    return None if not said and not any(done.iterdir()) else f"{said}\nstill there after 150 s"
