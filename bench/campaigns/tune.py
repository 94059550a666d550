"""Tune a strategy: search its declared parameters on one half of the instances, judge what was found on the other half.

Each trial is an entrant like any other, run in isolated children and kept in a store, so that stopping costs nothing:
the same call proposes the same parameters again and finds their runs done. A trial's score is the mean over instances
of the logarithm of its cost relative to the defaults' (medians over seeds, failures at the penalty). Trials have seen
the tuning half, so only the other half says what they are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.plugins import entrant, strategy_class_of
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.bench.stats.compare import Duel, duel
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.parameters import split_entrant

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

    from tasklet_bench.bench.results.store import Store

DIGITS = 3
"""Of tuned numbers: more would be noise, and stand in every name."""
MOST = 5.0
"""No instance counts for more than this logarithm: a cost of 0 against another would be infinite."""


@dataclass(frozen=True)
class Trial:
    """What was tried, and how much dearer than the defaults it was (a mean logarithm); None if it was refused."""

    number: int
    entrant: Entrant
    difference: float | None


@dataclass(frozen=True)
class Tuning:
    """What came of it. `best` is the default entrant where nothing was better; `finished` is False after Ctrl-C."""

    default: Entrant
    best: Trial
    trials: tuple[Trial, ...]
    finished: bool


def space(target: str) -> dict[str, BaseDistribution]:
    """The parameters of a strategy that can be tuned; raises `BadInput` if there is none.

    Choices and booleans are; numbers where their field's metadata says `low` and `high` (and maybe `log`); anything
    whose metadata lists `choices`. What stands in brackets behind the name is fixed.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    name, fixed = split_entrant(target)
    cls: Any = strategy_class_of(name)
    hints = get_type_hints(cls)
    result: dict[str, BaseDistribution] = {}
    for field in fields(cls) if is_dataclass(cls) else ():
        kind, about = hints[field.name], field.metadata
        if field.name in fixed:
            continue
        if "choices" in about or kind is bool or get_origin(kind) is Literal:
            choices = about.get("choices") or get_args(kind) or (False, True)
            result[field.name] = CategoricalDistribution(choices)
        elif "low" in about and "high" in about:
            form = IntDistribution if kind is int else FloatDistribution
            result[field.name] = form(about["low"], about["high"], log=about.get("log", False))
    if not result:
        raise BadInput.at(f"strategy {target}", "parameters", "none to tune", "a dataclass field with `low` and `high`")
    return result


def tune(
    target: str,
    campaign: Campaign,
    store: Store,
    trials: int,
    seed: int = 0,
    workers: int | None = None,
    on_trial: Callable[[Trial, Trial], None] = lambda *_: None,
) -> Tuning:
    """Try so many parameters of `target` on the instances, budget and seeds of a campaign, after the defaults.

    `on_trial` receives each trial, and the best so far.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    default = entrant(target)
    made = [Trial(0, default, 0.0)]
    finished = False
    with suppress(KeyboardInterrupt):  # within a campaign, Ctrl-C ends it; this is for the moments between two
        for trial in _trials(target, default, campaign, store, optuna.samplers.TPESampler(seed=seed), workers):
            made.append(trial)
            if trial.difference is not None:
                on_trial(trial, _best(made))
            if len(made) > trials:
                finished = True
                break
    return Tuning(default, _best(made), tuple(made), finished)


def _trials(
    target: str, default: Entrant, campaign: Campaign, store: Store, sampler: BaseSampler, workers: int | None
) -> Iterator[Trial]:
    """Trial after trial as the sampler proposes them, without end unless a campaign was stopped."""
    from optuna import create_study
    from optuna.trial import TrialState, create_trial

    distributions = space(target)
    base_s = _scores_s(default, campaign, store, workers)
    if base_s is None:
        return
    study = create_study(sampler=sampler)
    with suppress(ValueError):  # defaults that are outside of what is declared
        values = {name: default.parameters[name] for name in distributions}
        study.add_trial(create_trial(params=values, distributions=distributions, value=0.0))
    for number in count(1):
        asked = study.ask(distributions)
        try:
            tried = entrant(target, {name: _rounded(value) for name, value in asked.params.items()})
        except BadInput:  # values that do not go together
            study.tell(asked, state=TrialState.FAIL)
            yield Trial(number, default, None)
            continue
        cost_s = _scores_s(tried, campaign, store, workers)
        if cost_s is None:
            return
        trial = Trial(number, tried, _mean_log_ratio(cost_s, base_s))
        study.tell(asked, trial.difference)
        yield trial


def judge_winner(tuning: Tuning, campaign: Campaign, store: Store, workers: int | None = None) -> Duel | None:
    """Tuned against default on a campaign's instances, budget and seeds; None where it was stopped, or both are one."""
    pair = (tuning.best.entrant, tuning.default)
    if pair[0].name == pair[1].name:
        return None
    if not conduct(replace(campaign, entrants=pair), store, workers=workers).finished:
        return None
    from tasklet_bench.bench.stats.sample import samples

    runs = store.runs(campaign.suite_digest)
    names = [one.name for one in pair]
    (sample,) = samples(runs[runs["strategy"].isin(names) & (runs["budget"] == campaign.budgets[0].name)])
    return duel(sample, names[0], names[1])


def _scores_s(of: Entrant, campaign: Campaign, store: Store, workers: int | None) -> NDArray[np.float64] | None:
    """Median over seeds of an entrant's score on each instance (in seconds), `(instances,)`; None if it was stopped."""
    from tasklet_bench.bench.stats.metrics import scored

    own = replace(campaign, entrants=(of,))
    if not conduct(own, store, workers=workers).finished:
        return None
    runs = store.runs()
    runs = scored(runs[runs["key"].isin([spec.key for spec in own.specs()])])
    medians = runs.groupby("problem_digest")["score_s"].median()
    return medians.reindex([ref.digest for ref, _ in campaign.problems]).to_numpy(dtype=float)


def _mean_log_ratio(cost_s: NDArray[np.float64], base_s: NDArray[np.float64]) -> float:
    from tasklet_bench.bench.stats.pairs import log_ratio

    return float(np.clip(log_ratio(np.stack([cost_s, base_s], axis=-1)), -MOST, MOST).mean())


def _best(trials: list[Trial]) -> Trial:
    """The cheapest of the trials; the earliest of several."""
    return min((trial for trial in trials if trial.difference is not None), key=lambda trial: trial.difference or 0.0)


def _rounded(value: Any) -> Any:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
