"""Loading in advance: which process compiles what, and that the one that is forked for each run compiles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasklet_bench.bench.execution import preload
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.execution.preload import INSTANCE_WEIGHT, Group, Task
from tasklet_bench.bench.execution.problem_cache import ReadyProblems
from tasklet_bench.bench.plugins import compiling_for, most_devices, rank_type_of
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems import compiled
from tasklet_bench.problems.allocation.kernels import packing
from tasklet_bench.problems.instances import catalogue

SERVER = """
import sys
from tasklet_bench.bench.execution.preload import preload
from tasklet_bench.problems import compiled
own = []
compiled.on_compiling.append(own.append)
preload([], sys.argv[1:], lambda news: print("done", news.done, flush=True))
print("own", len(own))
"""


def named(name: str, weight: float) -> Task:
    """A task that returns its name."""
    return Task(lambda: name, weight)


def test_two_processes_begin_with_different_types_and_tasks() -> None:
    """The first begins with the strategies of the first type, the second with the instances of the last."""
    groups = [
        Group([named(f"{kind} instance", INSTANCE_WEIGHT)], [named(f"{kind} first", 1.0), named(f"{kind} last", 0.0)])
        for kind in ("narrow", "wide")
    ]
    order = [task.do() for task in preload._from_the_end(groups)]
    assert order == ["wide instance", "wide last", "wide first", "narrow instance", "narrow last", "narrow first"]
    order = [task.do() for task in preload._from_the_start(groups)]
    assert order == ["narrow first", "narrow last", "narrow instance", "wide first", "wide last", "wide instance"]


@pytest.mark.parametrize("weight", [0.1, INSTANCE_WEIGHT, 5.0])
def test_a_strategy_of_any_weight_is_worth_a_second_process(
    weight: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are two cores; without anything to prepare there is one."""
    monkeypatch.setattr(preload, "cores", lambda: [0, 1])
    note = tmp_path / "processes"

    def noted() -> None:
        with note.open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(0.5)

    preload._compile([Group([Task(noted, INSTANCE_WEIGHT)], [Task(noted, weight)])], lambda _: None)
    assert len(set(note.read_text().split())) == 2
    note.unlink()
    preload._compile([Group([Task(noted, INSTANCE_WEIGHT)], [Task(noted, 0.0)])], lambda _: None)
    assert len(set(note.read_text().split())) == 1


def test_what_another_process_compiles_is_done_after_all_else_and_waited_for_at_last() -> None:
    """A task that meets such a function is put off, once and again as long as others get on, and then waits for it.

    That something is compiled is said, although none of it here.
    """
    done: list[str] = []
    news: list[Compiling] = []

    def compiled_elsewhere() -> None:
        if not compiled._patience.get():
            raise compiled.BeingCompiled("walk")
        done.append("waited")

    def needs_the_first() -> None:
        if "first" not in done:
            raise compiled.BeingCompiled("cost")
        done.append("second")

    tasks = [compiled_elsewhere, needs_the_first, lambda: done.append("first")]
    preload._work_off([Task(task, weight) for task, weight in zip(tasks, (1.0, 1.0, 0.0), strict=True)], news.append)
    assert done == ["first", "second", "waited"]
    assert [one.done for one in news] == [0, 1, 2, 3]


def test_strategies_are_prepared_for_each_type_of_the_instances() -> None:
    """Instances are grouped by the type that code is specialised for, and each group has all strategies."""
    names = ("paper/two-datacentres", "generated/hierarchical?n=256&dp=16&seed=1&host=8&rack=4&sites=4")
    problems = [catalogue.load(name) for name in names]
    assert len({rank_type_of(problem) for problem in problems}) == 2
    again = '["genetic", {"gain": "kernighan-lin"}]'  # the same code
    groups = preload._groups(problems, ['["megatron", {}]', '["genetic", {}]', again, '["annealing", {}]'])
    assert [[task.weight for task in group.tasks()] for group in groups] == [[INSTANCE_WEIGHT, 0.0, 1.0, 0.0, 5.0]] * 2


def test_what_is_prepared_for_one_type_leaves_the_others_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile code is compiled for that type alone, and afterwards for it and all that were in use."""
    narrow, wide, widest = packing.RANK_TYPES
    monkeypatch.setattr(packing, "_in_use", {narrow, wide})
    with compiling_for(wide):
        assert packing.rank_types_in_use() == (wide,)
    assert packing.rank_types_in_use() == (narrow, wide)
    with compiling_for(widest):
        assert packing.rank_types_in_use() == (widest,)
    assert packing.rank_types_in_use() == (narrow, wide, widest)


def test_instances_of_each_family_are_loaded_in_advance() -> None:
    """One of each kind of compiled code, whatever its family, and no other instead."""
    names = ["gossip/paper/regional", "gossip/paper/worldwide", "tensor-parallel/measured/hybrid-dgx2-t4-a10-24"]
    assert [problem.family for problem in preload._one_of_each_kind(names)] == ["gossip", "tensor-parallel"]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("paper/regional", 64),
        ("gossip/measured/planetlab-128?first=64", 128),
        ("tensor-parallel/generated/machines?n=16&seed=11&workload=llama-13b&cards=A100-40", 16),
        ("tensor-parallel/measured/gcp-zones-hetero-40?each=900", None),
        ("generated/uniform?n=many", None),
        ("elsewhere/anything", None),
    ],
)
def test_a_name_says_how_large_its_instance_may_be(name: str, most: int | None) -> None:
    """Without building it; what cannot be read, or sets sizes of its own, is not guessed at."""
    assert most_devices(name) == most


def test_small_instances_of_each_family_are_kept_ready() -> None:
    """Runs find them built and scored; a large one is left to its run, with its limits of time and memory."""
    problems = ReadyProblems()
    for name, kept in [
        ("tensor-parallel/measured/hybrid-dgx2-t4-a10-24", True),
        ("gossip/paper/worldwide?n=4096", False),
    ]:
        assert (problems.get(ProblemRef(name, "", None)) is not None) == kept


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paper/two-datacentres", "tensor-parallel/measured/hybrid-dgx2-t4-a10-24"])
def test_the_process_that_is_forked_for_each_run_compiles_nothing(name: str, tmp_path: Path) -> None:
    """From an empty cache others compile for it, which is reported; from a full one nothing is."""
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    for cold in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", SERVER, name],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=280,
        )
        assert done.stdout.splitlines() == [*(["done 0", "done 1"] if cold else []), "own 0"]
