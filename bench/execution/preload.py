"""Loading what the runs need, once, before anything is forked; what no cache has is compiled, by two processes.

Compiling takes half a minute where no compiled code is cached yet. A helper does the same tasks from the other end, and
a function that one of them compiles the other waits for and loads (`problems.compiled`). Only code for the instances
to be searched is compiled. Where code is cached, there is no helper.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tasklet_bench.bench.execution import process_tree
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.execution.limits import cores

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

SAMPLE = "paper/worldwide"
"""An instance that is loaded and scored once in advance where no other is, so that forks find ready what all need."""
PLAIN_STRATEGY = "random-partition"
"""A strategy that is described once in advance."""
COMPILE_S = 3.0
"""Seconds that a strategy's code takes on a core of 2023, until some has been compiled."""
INSTANCE_WEIGHT = 2.0
"""How many times longer it takes to compile what scores an instance."""


class Task(NamedTuple):
    """Something to load. `weight`: how long it takes to compile what it needs, 1 for a strategy that needs anything."""

    do: Callable[[], object]
    weight: float


def preload(
    prepared: Sequence[str], instances: Sequence[str] = (), report: Callable[[Compiling], None] = lambda _: None
) -> None:
    """Load the kernels and some strategies, each as JSON, `["name", {parameters}]`, for instances of the catalogue.

    While code is compiled, `report` is called before each task. The collector is kept from touching what is loaded, so
    that forks share its memory.
    """
    from tasklet_bench.bench.execution.problem_cache import make_ready
    from tasklet_bench.bench.plugins import entrant

    problems = _one_of_each_kind(instances)
    entrant(PLAIN_STRATEGY)  # what the project's modules mean is found out once, not by each run of a plug-in
    tasks = [Task(partial(make_ready, problem), INSTANCE_WEIGHT) for problem in problems]
    tasks += [Task(partial(_prepare, text), _weight(text)) for text in prepared]
    _work_off(tasks, report)
    gc.collect()
    gc.freeze()


def _one_of_each_kind(instances: Sequence[str]) -> list[Problem]:
    """An instance for each kind of compiled code that these take; the sample where there is none."""
    from tasklet_bench.bench.plugins import compiled_kind
    from tasklet_bench.problems.instances import catalogue

    result: dict[str, Problem] = {}
    for name in instances:
        with contextlib.suppress(Exception):  # what cannot be loaded fails in its own run, and says so
            problem = catalogue.load(name)
            result.setdefault(compiled_kind(problem), problem)
    if not result:
        result[""] = catalogue.load(SAMPLE)
        compiled_kind(result[""])
    return list(result.values())


def _prepare(text: str) -> None:
    from tasklet_bench.bench.plugins import entrant, load_strategy

    name, parameters = json.loads(text)
    with contextlib.suppress(Exception):  # what cannot be prepared here fails in its own run, and says so
        load_strategy(entrant(name, parameters)).prepare()


def _weight(text: str) -> float:
    """1 for a strategy that has something to prepare, else 0."""
    from tasklet_bench.bench.plugins import strategy_class_of
    from tasklet_bench.strategies.strategy import Strategy

    with contextlib.suppress(Exception):
        return float(strategy_class_of(json.loads(text)[0]).prepare is not Strategy.prepare)
    return 0.0


def _work_off(tasks: Sequence[Task], report: Callable[[Compiling], None]) -> None:
    """Do all tasks; from the first one that compiles on, with a helper, and tell how far they are."""
    from tasklet_bench.problems import compiled

    begun, whole, done = time.monotonic(), sum(task.weight for task in tasks), 0.0
    workers = min(2, len(cores()))
    compiles: list[str] = []

    def note(function: str) -> None:
        if not compiles:
            report(Compiling(0, len(tasks), COMPILE_S * (whole - done) / workers))
        compiles.append(function)

    compiled.on_compiling.append(note)
    with contextlib.ExitStack() as opened:
        if workers > 1 and _is_cold():
            opened.enter_context(_helped(tasks))
        for number, task in enumerate(tasks, start=1):
            task.do()
            done += task.weight
            if compiles:
                report(Compiling(number, len(tasks), (time.monotonic() - begun) / done * (whole - done)))
    compiled.on_compiling.remove(note)


def _is_cold() -> bool:
    """Whether the code of a whole evaluation is not cached, and so that of nothing else either."""
    from tasklet_bench.problems.allocation.kernels import evaluation
    from tasklet_bench.problems.compiled import cache_directory

    return not any(cache_directory(Path(evaluation.__file__)).glob("*.nbi"))


@contextlib.contextmanager
def _helped(tasks: Sequence[Task]) -> Iterator[None]:
    """Let a helper do the same tasks, the last ones first, until this process is done."""
    parent = os.getpid()
    helper = os.fork()
    if helper == 0:
        try:
            process_tree.die_with_parent(parent)
            for task in reversed(tasks):
                task.do()
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(helper, signal.SIGKILL)
        os.waitpid(helper, 0)
