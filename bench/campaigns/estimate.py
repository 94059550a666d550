"""How long runs will take: from what the store has measured, and short trial runs for the rest."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from tasklet_bench.bench.engines.local import OnEvent, run_all
from tasklet_bench.bench.execution.limits import cores
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.problems.problem import Problem

START_S = 1.5
"""Wall seconds until the first run of a campaign starts."""
OVERHEAD_S = 0.03
"""Wall seconds of a run beside preparing and searching: its process, its log, its record."""
TRIAL_S = 0.5
"""A trial run is cut after so many seconds, of CPU where its budget does not say wall."""
NEARLY = 0.2
"""Share of its seconds from which on a trial counts as cut: a strategy that finds a budget too small for its next step
stops before it is over."""
LONGER = 4
"""A trial that was cut, of a run that evaluations limit, is made again with so many times as long."""
TRIAL_SIZES = 3
"""On how many sizes of instances an entrant is tried: the smallest, the largest, and between them; twice on each."""

_Known = dict[tuple[str, str], list[tuple[int, float]]]
"""By entrant and budget: number of devices of an instance, and seconds that a run took on it."""


@dataclass(frozen=True)
class Expectation:
    """Expected wall seconds of some runs, and how many trial runs it took to tell."""

    seconds: float
    trials: int


def expectation(
    specs: Sequence[RunSpec],
    store: Store | None = None,
    workers: int | None = None,
    on_event: OnEvent = lambda _: None,
) -> Expectation:
    """How long runs will take on this machine; makes trial runs of entrants of which the store knows nothing.

    What is compiled once for the machine is compiled for the trial runs, and not counted.
    """
    if not specs:
        return Expectation(0.0, 0)
    devices = {ref: _size(load_problem(ref)) for ref in {spec.problem for spec in specs}}
    known = _measured(devices, store)
    short = _tried(_to_try(specs, devices, known), TRIAL_S, workers, on_event)
    again = [spec for spec, record in short if spec.budget.evaluations is not None and _was_cut(record, TRIAL_S)]
    long = {spec.key: record for spec, record in _tried(again, LONGER * TRIAL_S, workers, on_event)}
    for spec, record in short:
        whole_s = _whole_s(spec.budget, record, long.get(spec.key))
        known[spec.entrant.name, spec.budget.name].append((devices[spec.problem], whole_s))
    total_s = sum(_nearest_s(known[spec.entrant.name, spec.budget.name], devices[spec.problem]) for spec in specs)
    return Expectation(START_S + total_s / min(workers or len(cores()), len(specs)), len(short) + len(long))


def _size(problem: Problem) -> int:
    """Number of devices."""
    return sum(site.devices for site in problem.sites)


def _measured(devices: Mapping[ProblemRef, int], store: Store | None) -> _Known:
    """What the store knows of these instances."""
    known: _Known = defaultdict(list)
    if store is None:
        return known
    sizes = {ref.digest: n for ref, n in devices.items()}
    for digest, entrant, budget, seconds in store.durations():
        if digest in sizes:
            known[entrant, budget].append((sizes[digest], seconds + OVERHEAD_S))
    return known


def _to_try(specs: Sequence[RunSpec], devices: Mapping[ProblemRef, int], known: _Known) -> list[RunSpec]:
    """Runs on the first and the last instance of each size to try, of each entrant and budget that is not known."""
    candidates: dict[tuple[str, str], dict[int, dict[str, RunSpec]]] = defaultdict(lambda: defaultdict(dict))
    for spec in specs:
        kind = (spec.entrant.name, spec.budget.name)
        if kind not in known:
            candidates[kind][devices[spec.problem]].setdefault(spec.problem.digest, spec)
    return [
        by_instance[digest]
        for by_size in candidates.values()
        for by_instance in map(by_size.__getitem__, _spread(sorted(by_size)))
        for digest in dict.fromkeys((next(iter(by_instance)), next(reversed(by_instance))))
    ]


def _spread(sizes: list[int]) -> list[int]:
    """A few of the sizes, the ends included."""
    steps = min(TRIAL_SIZES, len(sizes)) - 1
    return [sizes[round(i * (len(sizes) - 1) / steps)] for i in range(steps + 1)] if steps else sizes[:1]


def _tried(
    specs: Sequence[RunSpec], seconds: float, workers: int | None, on_event: OnEvent
) -> list[tuple[RunSpec, RunRecord]]:
    """Make the runs, each cut after so many seconds, and give the record of each; those interrupted have none."""
    trials = {(trial := _trial(spec, seconds)).key: (spec, trial) for spec in specs}
    result: list[tuple[RunSpec, RunRecord]] = []
    run_all(
        [trial for _, trial in trials.values()],
        lambda record: result.append((trials[record.spec.key][0], record)),
        on_event,
        workers=workers,
    )
    return result


def _trial(spec: RunSpec, seconds: float) -> RunSpec:
    """The same run, cut short."""
    budget = spec.budget
    if budget.wall_s is not None:
        cut = replace(budget, wall_s=min(budget.wall_s, seconds))
    else:
        cut = replace(budget, cpu_s=min(budget.cpu_s or seconds, seconds))
    return replace(spec, budget=cut)


def _was_cut(record: RunRecord, seconds: float) -> bool:
    clock = record.cpu_s if record.spec.budget.wall_s is None else max(record.cpu_s, record.wall_s)
    return record.status == "ok" and clock >= seconds * (1.0 if record.proven else NEARLY)


def _whole_s(budget: Budget, short: RunRecord, long: RunRecord | None) -> float:
    """Seconds of the whole run, from its trials: as long as it took, or stretched to its budget if it was cut.

    Evaluations are stretched by the power law through two trials, as those of a search that learns become dearer.
    """
    record = long or short
    wall_s = max(record.wall_s, 1e-3)
    if not _was_cut(record, TRIAL_S if long is None else LONGER * TRIAL_S):
        whole_s = wall_s
    else:
        growth = 1.0 if long is None else _growth(short, long)
        stretches = [
            (budget.evaluations / max(1, record.evaluations)) ** growth if budget.evaluations is not None else math.inf,
            budget.cpu_s / max(record.cpu_s, 1e-3) if budget.cpu_s is not None else math.inf,
            budget.wall_s / wall_s if budget.wall_s is not None else math.inf,
        ]
        whole_s = wall_s * max(1.0, min(stretches))
    return min(whole_s, budget.wall_limit_s) + (record.prepare_s or 0.0) + OVERHEAD_S


def _growth(short: RunRecord, long: RunRecord) -> float:
    """Power of the number of evaluations with which CPU seconds grow, from 1 to 2."""
    evaluations = math.log(max(1, long.evaluations) / max(1, short.evaluations))
    seconds = math.log(max(long.cpu_s, 1e-3) / max(short.cpu_s, 1e-3))
    return min(2.0, max(1.0, seconds / evaluations)) if evaluations > 0 else 2.0


def _nearest_s(known: list[tuple[int, float]], devices: int) -> float:
    """Mean seconds of the runs on instances of the nearest size."""
    if not known:
        return OVERHEAD_S  # its trial was interrupted
    nearest = min((size for size, _ in known), key=lambda size: abs(math.log(size / devices)))
    return fmean(seconds for size, seconds in known if size == nearest)
