"""Loading what the runs need, once, before anything is forked; what no cache has is compiled, by two other processes.

Compiling takes half a minute where no compiled code is cached yet, and leaves a process behind that takes long to fork.
So two forks compile: one begins with the strategies, the other with the instances and goes on from the other end. What
one of them compiles the other loads afterwards (`problems.compiled`), and does other tasks meanwhile. Tasks come in
groups for each type that code is specialised for: what a function calls is typed in each process, so the two begin with
different types. Only code for the instances to be searched is compiled. Where all code is cached, it is loaded at once.
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
from typing import TYPE_CHECKING, NamedTuple, NoReturn

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
WEIGHTS = {"annealing": 5.0, "clustering": 0.1, "evolution-strategy": 0.1, "tpe": 0.1}
"""How many times as long as others the code of some strategies takes; the last three only import."""


class Task(NamedTuple):
    """Something to load. `weight`: how long it takes to compile what it needs, 1 for a strategy that needs anything."""

    do: Callable[[], object]
    weight: float


class Group(NamedTuple):
    """What there is to load for one type that code is specialised for: instances of it, and strategies."""

    instances: list[Task]
    strategies: list[Task]

    def tasks(self) -> list[Task]:
        """All of them in order."""
        return [*self.instances, *self.strategies]


def preload(
    prepared: Sequence[str], instances: Sequence[str] = (), report: Callable[[Compiling], None] = lambda _: None
) -> None:
    """Load the kernels and some strategies, each as JSON, `["name", {parameters}]`, for instances of the catalogue.

    While code is compiled, `report` is called before each task. The collector is kept from touching what is loaded, so
    that forks share its memory.
    """
    from tasklet_bench.bench.plugins import entrant

    problems = _one_of_each_kind(instances)
    entrant(PLAIN_STRATEGY)  # what the project's modules mean is found out once, not by each run of a plug-in
    groups = _groups(problems, prepared)
    tasks = [task for group in groups for task in group.tasks()]
    if not _all_cached(tasks):
        _compile(groups, report)
        _work_off(tasks, report)
    gc.collect()
    gc.freeze()


def _groups(problems: Sequence[Problem], prepared: Sequence[str]) -> list[Group]:
    """For each type that code is specialised for: the instances of it, and all strategies."""
    from tasklet_bench.bench.plugins import rank_type_of

    by_type: dict[type | None, list[Problem]] = {}
    for problem in problems:
        by_type.setdefault(rank_type_of(problem), []).append(problem)
    groups = []
    for rank_type, own in by_type.items():
        group = Group([Task(partial(_make_known, problem), INSTANCE_WEIGHT) for problem in own], [])
        if rank_type is not None or len(by_type) == 1:
            group.strategies.extend(
                Task(partial(_prepare, text, rank_type), weight) for text, weight in _weighed(prepared)
            )
        groups.append(group)
    return groups


def _one_of_each_kind(instances: Sequence[str]) -> list[Problem]:
    """An instance for each kind of compiled code that these take; the sample where there is none."""
    from tasklet_bench.bench.plugins import compiled_kind
    from tasklet_bench.problems import families

    result: dict[str, Problem] = {}
    for name in instances:
        with contextlib.suppress(Exception):  # what cannot be loaded fails in its own run, and says so
            problem = families.load(name)
            result.setdefault(compiled_kind(problem), problem)
    if not result:
        result[""] = families.load(SAMPLE)
        compiled_kind(result[""])
    return list(result.values())


def _make_known(problem: Problem) -> None:
    """Score candidates and list facts: all that the coordinator asks of an instance, so that it compiles nothing."""
    from tasklet_bench.bench.execution.problem_cache import make_ready

    make_ready(problem)
    with contextlib.suppress(Exception):  # what cannot be listed is said by whoever stores the instance
        problem.facts()


def _prepare(text: str, rank_type: type | None) -> None:
    from tasklet_bench.bench.plugins import compiling_for, entrant, load_strategy

    name, parameters = json.loads(text)
    with (
        compiling_for(rank_type),
        contextlib.suppress(Exception),
    ):  # what cannot be prepared here fails in its own run, and says so
        load_strategy(entrant(name, parameters)).prepare()


def _weighed(prepared: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Each strategy with its weight, 0 for one that has nothing to prepare or was there with other parameters."""
    seen: set[str] = set()
    for text in prepared:
        name = json.loads(text)[0]
        yield text, 0.0 if name in seen else _weight(name)
        seen.add(name)


def _weight(strategy: str) -> float:
    from tasklet_bench.bench.plugins import strategy_class_of
    from tasklet_bench.strategies.strategy import Strategy

    with contextlib.suppress(Exception):
        if strategy_class_of(strategy).prepare is not Strategy.prepare:
            return WEIGHTS.get(strategy, 1.0)
    return 0.0


def _work_off(tasks: Sequence[Task], report: Callable[[Compiling], None], share: float = 1.0) -> None:
    """Do all tasks, and tell how far they are from the first one that compiles on; `share` of them falls to us.

    Those that need what another process compiles just now come after all others.
    """
    from tasklet_bench.problems import compiled

    begun, own, done, number = time.monotonic(), share * sum(task.weight for task in tasks), 0.0, 0
    compiling: list[str] = []

    def report_progress() -> None:
        of_weight_1_s = (time.monotonic() - begun) / done if done else COMPILE_S
        report(Compiling(number, len(tasks), of_weight_1_s * max(own - done, 0.0)))

    def note(function: str) -> None:
        if not compiling:
            report(Compiling(0, len(tasks), COMPILE_S * (own - done)))
        compiling.append(function)

    compiled.on_compiling.append(note)
    left, waits = list(tasks), False
    while left:
        busy = []
        for task in left:
            if not _done(task, waits=waits):
                busy.append(task)
                note("what another process compiles")
                continue
            number, done = number + 1, done + task.weight
            if compiling:
                report_progress()
        waits, left = len(busy) == len(left), busy
    compiled.on_compiling.remove(note)


def _done(task: Task, *, waits: bool) -> bool:
    """Do a task; False where it needs what another process compiles just now, unless it `waits` for that."""
    from tasklet_bench.problems import compiled

    if waits:
        task.do()
        return True
    try:
        with compiled.without_waiting():
            task.do()
    except compiled.BeingCompiled:
        return False
    return True


class _NotCached(BaseException):
    """Ends what would go on to compile, whatever exceptions it passes on its way."""


def _all_cached(tasks: Sequence[Task]) -> bool:
    """Do all tasks up to the first that has to compile something; whether there was none."""
    from tasklet_bench.problems import compiled

    def refuse(function: str) -> NoReturn:
        raise _NotCached(function)

    compiled.on_compiling.insert(0, refuse)  # nobody else learns of what is not compiled
    try:
        for task in tasks:
            task.do()
    except _NotCached:
        return False
    finally:
        compiled.on_compiling.remove(refuse)
    return True


def _compile(groups: Sequence[Group], report: Callable[[Compiling], None]) -> None:
    """Have everything compiled and cached; what a fork could not compile is left to whoever needs it.

    A second fork helps where there is a second core and a strategy to prepare.
    """
    if len(cores()) == 1 or not any(task.weight for group in groups for task in group.strategies):
        os.waitpid(_forked([task for group in groups for task in group.tasks()], report, 1.0), 0)
        return
    first = _forked(_from_the_start(groups), report, 0.5)
    second = _forked(_from_the_end(groups), lambda _: None, 0.5)
    os.waitpid(first, 0)
    os.kill(second, signal.SIGKILL)
    os.waitpid(second, 0)


def _from_the_start(groups: Sequence[Group]) -> list[Task]:
    """All tasks in their order; each group ends with its instances."""
    return [task for group in groups for task in (*group.strategies, *group.instances)]


def _from_the_end(groups: Sequence[Group]) -> list[Task]:
    """All tasks, those last that are done first otherwise; each group begins with its instances."""
    return [task for group in reversed(groups) for task in (*group.instances, *reversed(group.strategies))]


def _forked(tasks: Sequence[Task], report: Callable[[Compiling], None], share: float) -> int:
    """The process number of a fork that does these tasks and ends, with this process at the latest."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            process_tree.die_with_parent(parent)
            gc.disable()  # it takes a tenth of compiling's time, and the memory is given back at the end
            _work_off(tasks, report, share)
        finally:
            os._exit(0)
    return child
