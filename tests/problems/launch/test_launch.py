"""Launch plans: hosts stay together where it is free, files say what the plan says, and what cannot be is refused."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json
from tasklet_bench.problems.launch import LAUNCHERS, Plan, files_for, plan_launch, with_hosts

Content = dict[str, Any]


def four_hosts() -> Content:
    """Two sites with two hosts of two GPUs each; the first host by name is not the first of the problem."""
    return {
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


def plan(grid: list[list[int]], layers: list[int] | None = None, exact: bool = False) -> Plan:
    """The plan of a grid on the four hosts."""
    return plan_launch(problem_from_json(four_hosts(), "test"), Allocation(grid, layers), exact)


def test_ranks_of_a_host_become_consecutive_where_it_is_free() -> None:
    """Devices of a site change places, the cost stays, and each host needs one agent."""
    mixed = plan([[0, 2, 4, 6], [3, 1, 5, 7]])
    assert mixed.contiguous
    assert mixed.exchanged
    problem = mixed.problem
    assert mixed.cost_s == problem.judge(Allocation([[0, 2, 4, 6], [3, 1, 5, 7]])).total_s
    assert any("changed places, at the same cost" in note for note in mixed.notes())


def test_what_would_cost_stays_and_is_said() -> None:
    """Stages that mix sites keep their devices' kinds, and the note names the hosts that need several agents."""
    scattered = plan([[0, 4, 2, 6], [5, 1, 7, 3]])
    assert not scattered.contiguous
    assert any("alpha are not consecutive, and making them so would cost" in note for note in scattered.notes())


def test_exact_keeps_every_device() -> None:
    """With `exact` nothing changes places."""
    grid = [[0, 2, 4, 6], [3, 1, 5, 7]]
    assert plan(grid, exact=True).allocation == Allocation(grid)


def test_the_other_order_of_ranks_is_taken_where_it_helps() -> None:
    """A pipeline on each pair of hosts: the ranks of a pipeline are consecutive in Megatron's other order."""
    whole = plan([[0, 1, 2, 3], [4, 5, 6, 7]])
    assert (whole.order, whole.contiguous) == ("pp-dp", True)
    arguments = files_for("megatron", whole)[0]["megatron.args"]
    assert "--use-tp-pp-dp-mapping\n" in arguments


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([(2, 6), (3, 4), (4, 3), (6, 2)]))
def test_no_exchange_changes_the_cost(seed: int, shape: tuple[int, int]) -> None:
    """For random sites, hosts and grids the launched allocation costs what was asked for, and has no more agents."""
    rng = np.random.default_rng(seed)
    d, k = shape
    sizes = [[2, 2], [4], [1, 3]]
    content: Content = {
        **four_hosts(),
        "sites": [
            {"name": f"s{i}", "devices": 4, "hosts": [{"name": f"h{i}-{j}", "slots": n} for j, n in enumerate(slots)]}
            for i, slots in enumerate(sizes)
        ],
        "delay_ms": rng.uniform(1, 90, (3, 3)).round(2).tolist(),
        "bandwidth_gbps": rng.uniform(0.1, 9, (3, 3)).round(2).tolist(),
        "grid": {"data_parallel": d, "pipeline_parallel": k},
    }
    problem = problem_from_json(content, "test")
    allocation = Allocation(rng.permutation(12).reshape(d, k))
    asked, launched = plan_launch(problem, allocation, exact=True), plan_launch(problem, allocation)
    assert launched.cost_s == pytest.approx(asked.cost_s, rel=1e-12)
    assert len(launched.agents) <= len(asked.agents)
    assert sorted(row.device for row in launched.rows) == list(range(12))
    for host, gpus in launched.gpus.items():
        assert len(set(gpus)) == len(gpus), host


def test_spare_devices_start_nothing() -> None:
    """With two devices more than the grid needs, their GPUs are left alone, also where others change places."""
    content = {**four_hosts(), "grid": {"data_parallel": 2, "pipeline_parallel": 3}}
    problem = problem_from_json(content, "test")
    asked = plan_launch(problem, Allocation([[0, 3, 4], [2, 1, 5]], n_devices=8))
    assert sorted(row.device for row in asked.rows) == [0, 1, 2, 3, 4, 5]
    assert asked.contiguous
    files, _ = files_for("deepspeed", asked)
    assert files["hostfile"].split() == ["zeta", "slots=2", "alpha", "slots=2", "mid", "slots=2"]
    assert "beta" not in files_for("torchrun", asked)[0]["torchrun.sh"]


def test_a_pinned_device_keeps_its_place() -> None:
    """What a rule of the problem forbids is not exchanged, though it would cost nothing."""
    content = {**four_hosts(), "pins": [{"device": 3, "stage": 0}]}
    asked = plan_launch(problem_from_json(content, "test"), Allocation([[0, 2, 4, 6], [3, 1, 5, 7]]))
    assert asked.allocation.grid[:, 0].tolist().count(3) == 1


def test_what_c10d_would_do_is_computed() -> None:
    """The warning's cost is that of the same agents sorted by their hosts' names."""
    asked = plan([[0, 2, 4, 6], [1, 3, 5, 7]])
    _, notes = files_for("torchrun", asked)
    (warning,) = (note for note in notes if "c10d" in note)
    by_name = asked.problem.judge(Allocation([[2, 6, 4, 0], [3, 7, 5, 1]])).total_s
    assert f"cost {by_name:.6g} s instead of {asked.cost_s:.6g} s" in warning
    assert by_name > asked.cost_s


def test_files_name_hosts_and_ranks_in_order() -> None:
    """Rank file, host file, Slurm's list and torchrun's agents agree with the ranks."""
    asked = plan([[0, 2, 4, 6], [1, 3, 5, 7]])
    hosts = [row.host for row in asked.rows]
    ranks = re.findall(r"rank (\d+)=(\S+) slot=", files_for("mpi", asked)[0]["rankfile"])
    assert ranks == [(str(rank), host) for rank, host in enumerate(hosts)]
    assert files_for("slurm", asked)[0]["slurm.hosts"].split() == hosts
    assert files_for("deepspeed", asked)[0]["hostfile"] == "".join(f"{h} slots=2\n" for h in dict.fromkeys(hosts))
    script = files_for("torchrun", asked)[0]["torchrun.sh"]
    assert "--rdzv-backend static --nnodes 4" in script
    assert re.findall(r"^(\w+)\)\n    start (\d) 0,1 2", script, re.MULTILINE) == [
        (host, str(number)) for number, host in enumerate(dict.fromkeys(hosts))
    ]


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_scripts_can_be_read_by_the_shell(launcher: str, tmp_path: Path) -> None:
    """Every script that is written parses, and says how it is used when it is started without arguments."""
    files, _ = files_for(launcher, plan([[0, 2, 4, 6], [1, 3, 5, 7]]))
    for name, text in files.items():
        if text.startswith("#!"):
            (tmp_path / name).write_text(text, encoding="utf-8")
            subprocess.run(["bash", "-n", name], cwd=tmp_path, check=True, timeout=20)
        if name in ("torchrun.sh", "deepspeed.sh", "mpi.sh"):
            done = subprocess.run(["bash", name], cwd=tmp_path, capture_output=True, text=True, timeout=20)
            assert (done.returncode, done.stderr.startswith("Usage: bash")) == (2, True)


def test_the_jobset_is_a_job_a_node() -> None:
    """Each host's pod is bound to its node, takes all its GPUs, and runs its agents; the master is the first rank's."""
    asked = plan([[4, 6, 0, 2], [5, 7, 1, 3]])
    config, jobset = yaml.safe_load_all(files_for("jobset", asked)[0]["jobset.yaml"])
    assert config["data"]["torchrun.sh"] == files_for("torchrun", asked)[0]["torchrun.sh"]
    jobs = jobset["spec"]["replicatedJobs"]
    assert [job["name"] for job in jobs] == ["h0-mid", "h1-beta", "h2-zeta", "h3-alpha"]
    for job, host in zip(jobs, asked.hosts, strict=True):
        pod = job["template"]["spec"]["template"]["spec"]
        assert pod["nodeSelector"] == {"kubernetes.io/hostname": host}
        assert pod["containers"][0]["command"][2] == host
        assert pod["containers"][0]["resources"]["limits"] == {"nvidia.com/gpu": 2}
        assert pod["containers"][0]["env"][0]["value"] == "tasklets-h0-mid-0-0.tasklets"


LAYERS = {
    (6, 6, 6, 6): "--num-layers 24\n",
    (5, 6, 6, 7): "--num-layers 24\n--decoder-first-pipeline-num-layers 5\n--decoder-last-pipeline-num-layers 7\n",
    (1, 2, 3, 1): "--num-layers 7\n--pipeline-model-parallel-layout Et|tt|ttt|tL\n",
}


@pytest.mark.parametrize("layers", LAYERS)
def test_megatron_gets_unequal_layers(layers: tuple[int, ...]) -> None:
    """The plain arguments where only the ends differ, the layout of the pipeline else; other launchers hand them on."""
    asked = plan([[0, 2, 4, 6], [1, 3, 5, 7]], list(layers))
    assert files_for("megatron", asked)[0]["megatron.args"].endswith(LAYERS[layers])
    files, notes = files_for("torchrun", asked)
    assert f"STAGE_LAYERS={','.join(map(str, layers))}" in files["torchrun.sh"]
    assert any(note.startswith("layers ") for note in notes)


def drop_hosts(content: Content) -> None:
    """A site without hosts."""
    del content["sites"][1]["hosts"]


Edit = Callable[[Content], None]


def test_a_problem_without_hosts_is_refused() -> None:
    """The message names the site and both ways to give its hosts."""
    content = four_hosts()
    drop_hosts(content)
    with pytest.raises(BadInput, match=r"sites\[1\].hosts: found none for 'Rome'.*--hosts TABLE.csv"):
        plan_launch(problem_from_json(content, "test"), Allocation([[0, 2, 4, 6], [1, 3, 5, 7]]))


def without_hosts() -> AllocationProblem:
    """The problem whose second site names no hosts."""
    content = four_hosts()
    drop_hosts(content)
    return problem_from_json(content, "test")


def test_hosts_may_come_in_a_table(tmp_path: Path) -> None:
    """A table gives every site its hosts, whatever the problem named before."""
    table = tmp_path / "hosts.csv"
    table.write_text("host,site,slots\nx,San José,4\ny,Rome,3\nz,Rome,1\n", encoding="utf-8")
    asked = plan_launch(with_hosts(without_hosts(), table), Allocation([[0, 2, 4, 6], [1, 3, 5, 7]]), exact=True)
    assert [row.host for row in asked.rows] == ["x"] * 4 + ["y"] * 3 + ["z"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("x,San Jose,4\n", "no site of four hosts; did you mean 'San José'"),
        ("x,San José,3\n", "found 3 slots, expected 4"),
    ],
)
def test_hosts_that_do_not_fit_are_refused(tmp_path: Path, lines: str, message: str) -> None:
    """A host at no site of the problem, and slots that are not as many as the devices."""
    table = tmp_path / "hosts.csv"
    table.write_text("host,site,slots\n" + lines, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(message)):
        with_hosts(without_hosts(), table)


REFUSED = {
    "c10d": "keeps no order of ranks: .*use --for torchrun",
    "ray": "keeps no order of ranks",
    "torchrum": "did you mean 'torchrun'",
    "deepspeed": "not consecutive.*use --for torchrun or --for mpi",
}


@pytest.mark.parametrize("launcher", REFUSED)
def test_launchers_that_cannot_are_refused(launcher: str) -> None:
    """The message says why, and what to take instead."""
    with pytest.raises(BadInput, match=REFUSED[launcher]):
        files_for(launcher, plan([[0, 4, 2, 6], [5, 1, 7, 3]]))


HOSTS: dict[str, tuple[Any, str]] = {
    "too few slots": ([{"name": "a", "slots": 2}], "found 2 slots, expected 4"),
    "uneven names": (["a", "b", "c"], "the slots of each host"),
    "names beside slots": (["a", {"name": "b", "slots": 2}], "1 of 2 names without slots"),
    "a blank": (["big machine"], "'big machine', expected a host name"),
    "an option": (["-oProxyCommand=x"], "expected a host name"),
    "twice": (["a", "a"], "'a' a second time"),
    "of another site": (["mid", "x"], r"'mid', which is in sites\[0\], too"),
    "a misspelt key": ([{"name": "a", "slot": 4}], "did you mean 'slots'"),
}


@pytest.mark.parametrize("fault", HOSTS)
def test_broken_hosts_are_refused(fault: str) -> None:
    """The message names the site's hosts, what was found and what was expected."""
    hosts, message = HOSTS[fault]
    content = json.loads(json.dumps(four_hosts()))
    content["sites"][0]["hosts"] = hosts
    with pytest.raises(BadInput, match=message):
        problem_from_json(content, "test")
