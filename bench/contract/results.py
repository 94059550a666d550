"""Clauses about results: they are valid, they only get better, and what is said to be proven is true."""

from __future__ import annotations

from itertools import pairwise

from tasklet_bench.bench.contract.clause import Broken, NotApplicable
from tasklet_bench.bench.contract.trial import Trial, Watch, finding
from tasklet_bench.bench.contract.trials import PATIENCE_S, Trials
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement
from tasklet_bench.bench.runs.tolerances import SAME_COST

TO_PROVE = Budget(evaluations=100_000)
"""Enough to try all partitions of the provable instance."""


def require_ok(trial: Trial) -> None:
    """Raise `Broken` unless a trial ended well, with an allocation that costs what was given."""
    record = trial.record
    if trial.cut_off:
        raise Broken("a run that ends when its budget is spent", f"it was still on after {PATIENCE_S:g} s or more")
    if record.status != "ok":
        raise Broken("a run that ends with status ok", f"status {record.status}: {record.spec.label}", record.error)


def valid_allocations(trials: Trials) -> str:
    """Every run reports a valid candidate whose recomputed cost equals the reported one."""
    known = (trials.instances.plain, trials.instances.easy, trials.instances.planted)
    names = tuple(dict.fromkeys(name for name in known if name is not None))
    made = [trials.make(name, seed) for name in names for seed in (0, 1)]
    for trial in made:
        require_ok(trial)
    return f"{len(made)} runs on {len(names)} instances, each candidate scored again"


def progress_monotone(trials: Trials) -> str:
    """In the course of a run evaluations, clocks, bound and progress never fall, and the best cost never rises."""
    trial = trials.make(trials.instances.plain)
    rows = trial.record.trajectory
    for before, after in pairwise(rows):
        fallen = _gone_back(before, after)
        if fallen:
            raise Broken(
                "each improvement later and better than the one before",
                f"{fallen} went from {getattr(before, fallen)!r} to {getattr(after, fallen)!r}",
            )
    for note in trials.make(trials.instances.plain, watch=Watch()).saw("went-back"):
        raise Broken("progress that grows from 0 to 1", f"progress went from {note['was']!r} to {note['now']!r}")
    return finding(f"{len(rows)} improvements in order", trial)


def _gone_back(before: Improvement, after: Improvement) -> str | None:
    """The field of a row that is less than it was, or more where less is better."""
    for name in ("evaluations", "cpu_s", "wall_s", "bound_s"):
        if getattr(after, name) < getattr(before, name):
            return name
    return "cost_s" if after.cost_s > before.cost_s else None


def bounds_true(trials: Trials) -> str:
    """No bound that is reported lies above the optimum, where the optimum is known."""
    planted, provable = trials.instances.planted, trials.instances.provable
    if planted is None or provable is None:
        return NotApplicable("no instance of this family has a known optimum")
    optima_s = {planted: trials.problem(planted).bound(), provable: _optimum_s(trials, provable)}
    reported, made = 0, []
    for name, optimum_s in optima_s.items():
        for seed in (0, 1):
            made.append(trials.make(name, seed))
            rows = made[-1].record.trajectory
            bound_s = max((row.bound_s for row in rows), default=0.0)
            if bound_s > optimum_s * (1 + SAME_COST):
                raise Broken(
                    f"no bound above the optimum of {name}, {optimum_s!r} s", f"{bound_s!r} s from seed {seed}"
                )
            reported += bound_s > trials.problem(name).bound() * (1 + SAME_COST)
    return finding(
        f"bounds of its own in {reported} of {len(made)} runs, none too high" if reported else "reports none", *made
    )


def _optimum_s(trials: Trials, name: str) -> float:
    """The optimum of a small instance, by trying all partitions."""
    record = trials.of_another("exact-small", name, 0, TO_PROVE)
    if record.cost_s is None or not record.proven:
        raise RuntimeError(f"{name}: the optimum was not proven: {record.status}, {record.error}")
    return record.cost_s
