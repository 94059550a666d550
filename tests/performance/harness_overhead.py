"""What the harness costs: `python tests/performance/harness_overhead.py [RUNS]`, on two otherwise idle cores.

Prints how long a campaign of isolated runs of 50 ms each takes, how much of it is not the work itself, and what the
meter adds to an evaluation.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

BURNS = f"{Path(__file__).parents[1] / 'bench' / 'faulty.py'}:burns_50_ms"
WORK_S = 0.05
WORKERS = 2


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def campaign_overhead(runs: int) -> None:
    """Make a campaign of so many runs, two at a time, into a store on disk."""
    problem = catalogue.load("paper/worldwide")
    campaign = Campaign(
        suite="overhead",
        suite_digest="overhead",
        problems=((problem_ref(problem), problem.family),),
        entrants=(entrant(BURNS),),
        budgets=(Budget(evaluations=10),),
        seeds=tuple(range(runs)),
    )
    busy_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder), writing=True) as store:
        start, own_start = time.monotonic(), time.process_time()
        outcome = conduct(campaign, store, workers=WORKERS)
        wall_s, own_s = time.monotonic() - start, time.process_time() - own_start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    others_s = usage.ru_utime + usage.ru_stime
    assert (outcome.made, outcome.failed) == (runs, 0)
    _say(f"{runs} isolated runs of {WORK_S * 1e3:.0f} ms, {WORKERS} at a time (load before: {busy_before:.1f})")
    _say(f"  wall                                 {wall_s:8.2f} s")
    _say(f"  the work itself on {WORKERS} cores          {runs * WORK_S / WORKERS:8.2f} s")
    _say(f"  all CPU / {WORKERS} (wall on idle cores)     {(others_s + own_s) / WORKERS:8.2f} s")
    _say(f"  overhead per run, workers, supervisors {(others_s / runs - WORK_S) * 1e3:6.2f} ms of CPU")
    _say(f"  overhead per run, coordinator          {own_s / runs * 1e3:6.2f} ms of CPU")


def meter_overhead(rounds: int = 3000) -> None:
    """Compare an evaluation through the meter with `Problem.cost`, budget by budget."""
    problem = catalogue.load("paper/worldwide")
    labels = problem.random(np.random.default_rng(0))
    plain_s = _best_of(lambda: problem.cost(labels), rounds)
    _say(f"Problem.cost of an 8×8 partition        {plain_s * 1e6:8.2f} µs")
    for budget in (Budget(evaluations=10**9), Budget(cpu_s=1e9), Budget(10**9, 1e9, 1e9)):
        meter = Meter(problem, budget, lambda _: None)
        meter.start_clocks()
        meter.evaluate(labels)
        added_s = _best_of(lambda meter=meter: meter.evaluate(labels), rounds) - plain_s
        limits = "+".join(name for name in ("evaluations", "cpu_s", "wall_s") if getattr(budget, name) is not None)
        _say(f"  added by the meter ({limits}) {added_s * 1e6:8.2f} µs")


def _best_of(call, rounds: int) -> float:
    """CPU seconds of one call, in the best of several rounds."""
    taken_s = []
    for _ in range(15):
        start = time.process_time()
        for _ in range(rounds):
            call()
        taken_s.append((time.process_time() - start) / rounds)
    return min(taken_s)


if __name__ == "__main__":
    meter_overhead()
    campaign_overhead(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
