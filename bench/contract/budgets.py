"""Clauses about budgets: what may be spent is a limit on all that a strategy does, and an end is an end."""

from __future__ import annotations

from tasklet_bench.bench.contract.clause import Broken, Remark
from tasklet_bench.bench.contract.trial import Trial, Watch, finding
from tasklet_bench.bench.contract.trials import ENOUGH, Trials
from tasklet_bench.bench.execution.supervisor import TERM_TO_KILL_S
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.budget import Budget

SHORT = (Budget(evaluations=1), Budget(evaluations=7), ENOUGH)
CPU = Budget(cpu_s=0.4)
WALL = Budget(wall_s=0.4)
LONG = Budget(wall_s=60.0)
ATTEMPTS = 3
"""On a machine that is busy with other things, a run that obeys may still miss a moment on the clock."""


def evaluation_budget(trials: Trials) -> str:
    """A run ends when its evaluations are spent, and spends no more."""
    made = []
    for budget in SHORT:
        trial = trials.make(trials.instances.plain, budget=budget)
        _require_ended(trial, budget)
        if trial.record.evaluations > (budget.evaluations or 0):
            raise Broken(f"at most {budget.evaluations} evaluations", f"{trial.record.evaluations}")
        made.append(trial)
    spent = ", ".join(f"{trial.record.evaluations} of {trial.record.spec.budget.evaluations}" for trial in made)
    return finding(f"spent {spent}", *made)


def evaluations_counted(trials: Trials) -> str:
    """What is scored is counted: by the run, or in `submit` by whoever asks the problem itself for costs."""
    trial = trials.make(trials.instances.plain, watch=Watch())
    if trial.record.candidate is not None and trial.record.evaluations == 0:
        raise Broken("at least one evaluation counted where an allocation is reported", "none")
    scored = trial.saw("scored")
    if not scored:
        return Remark("cannot be determined: the run did not end by itself")
    own, declared = scored[-1]["by_strategy"], scored[-1]["declared"]
    if own > declared or flags.UNMETERED in trial.record.flags:
        raise Broken(
            "every candidate scored by `run.evaluate`, or counted in `run.submit`",
            f"{own:,} calls of `problem.cost` by the strategy, {declared:,} evaluations counted in `submit`",
        )
    by_run = scored[-1]["by_run"]
    return finding(f"{by_run:,} scored by the run" + (f", {declared:,} counted in `submit`" if declared else ""), trial)


def submit_within_budget(trials: Trials) -> str:
    """`submit` never counts more evaluations than are left."""
    made = [trials.make(trials.instances.plain, budget=budget, watch=Watch()) for budget in SHORT]
    for trial in made:
        for note in trial.saw("over-declared"):
            raise Broken(
                f"at most the {note['left']} evaluations that `run.remaining` had left",
                f"{note['asked']:,} in `submit`, which was refused, so that what it reported is lost",
            )
    declared = sum(note["declared"] for trial in made for note in trial.saw("scored"))
    reported = f"{declared:,} evaluations in `submit`, all within the budget" if declared else "does not use `submit`"
    return finding(reported, *made)


def cpu_budget(trials: Trials) -> str:
    """A run ends by itself when its CPU seconds are spent, or within the grace after that."""
    trial = trials.make(trials.instances.plain, budget=CPU)
    _require_ended(trial, CPU)
    return finding(f"spent {trial.record.cpu_s:.3f} of {CPU.cpu_s:g} CPU s", trial)


def wall_budget(trials: Trials) -> str:
    """A run ends by itself when its wall seconds are spent, or within the grace after that."""
    for attempt in range(ATTEMPTS):
        trial = trials.make(trials.instances.plain, budget=WALL, again=attempt)
        if trial.record.status != "timeout":
            break
    _require_ended(trial, WALL)
    return finding(f"spent {trial.record.wall_s:.3f} of {WALL.wall_s:g} s", trial)


def sigterm_obeyed(trials: Trials) -> str:
    """A run that is asked to end, by SIGTERM, ends before it has to be killed."""
    for _ in range(ATTEMPTS):
        trial = trials.asked_to_end(trials.instances.plain, LONG)
        _require_ended(trial, LONG)
        if trial.ended_after_s is None:
            return finding("was done before it could be asked", trial)
        if trial.ended_after_s < TERM_TO_KILL_S:
            return f"ended {1000 * trial.ended_after_s:.0f} ms after it was asked"
    raise Broken(
        f"an end within {TERM_TO_KILL_S:g} s after SIGTERM (leave its handling as it is)",
        f"{ATTEMPTS} runs that had to be killed",
    )


def _require_ended(trial: Trial, budget: Budget) -> None:
    """Raise `Broken` where a trial had to be killed for its budget, or was still on when patience was over."""
    record = trial.record
    due = f"an end once {budget.name} are spent (ask `run.exhausted`)"
    if trial.cut_off:
        raise Broken(due, "a run that was still on long after, and cut off")
    if record.status == "timeout":
        raise Broken(due, "a run that had to be killed", record.error)
