"""Clauses that break nothing: what an author wants to know of a strategy before others do."""

from __future__ import annotations

from statistics import mean

from tasklet_bench.bench.contract.clause import Broken, Remark
from tasklet_bench.bench.contract.trial import Watch, finding
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.runs.budget import Budget

SEEDS = (0, 1, 2)
RACE = Budget(evaluations=300)
RIVAL = "random"


def beats_random(trials: Trials) -> str:
    """On an easy instance it does better than random candidates; that it does not is only remarked."""
    costs_s = [trials.make(trials.instances.easy, seed, RACE).record.cost_s for seed in SEEDS]
    found_s = [cost_s for cost_s in costs_s if cost_s is not None]
    if len(found_s) < len(costs_s):
        return Remark("cannot be determined: it has found nothing")
    rival_s = [trials.of_another(RIVAL, trials.instances.easy, seed, RACE).cost_s or 0.0 for seed in SEEDS]
    lead = 1 - mean(found_s) / mean(rival_s)
    figures = f"{mean(found_s):.4g} s against {mean(rival_s):.4g} s at {RACE.name}, mean of {len(SEEDS)} seeds"
    return f"{lead:.1%} below random: {figures}" if lead > 0 else Remark(f"does NOT beat random: {figures}")


def time_split(trials: Trials) -> str:
    """How the CPU time of a search splits into its own and that of evaluations."""
    trial = trials.make(trials.instances.easy, 0, RACE, Watch())
    scored = trial.saw("scored")
    if not scored:
        raise Broken("a search that ends", f"status {trial.record.status}", trial.record.error)
    account = scored[-1]
    total_s, run_s = account["search_cpu_s"], account["run_cpu_s"]
    own_s, evaluations = max(0.0, total_s - run_s), max(1, trial.record.evaluations)
    scoring = ", its scoring for `submit` included" if account["declared"] else ""
    share = own_s / max(total_s, 1e-9)
    own, run = _each(own_s, evaluations), _each(run_s, evaluations)
    return finding(f"per evaluation {own} of its own ({share:.0%}{scoring}) and {run} in the run", trial)


def _each(seconds: float, evaluations: int) -> str:
    return f"{1e3 * seconds / evaluations:.3g} ms"
