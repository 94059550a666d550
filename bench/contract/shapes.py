"""Clauses about odd shapes: what is rare among benchmark instances and happens to users."""

from __future__ import annotations

from bench.contract.clause import clause
from bench.contract.instances import ODD
from bench.contract.results import require_ok
from bench.contract.trials import Trials


@clause
def one_replica(trials: Trials) -> str:
    """It works where D = 1: one pipeline, and no gradients to share."""
    return _worked(trials, "one-replica")


@clause
def one_stage(trials: Trials) -> str:
    """It works where K = 1: one group of all devices, and no pipeline."""
    return _worked(trials, "one-stage")


@clause
def two_devices(trials: Trials) -> str:
    """It works on two devices."""
    return _worked(trials, "two-devices")


@clause
def equal_links(trials: Trials) -> str:
    """It works where all links are equal, so that every allocation costs the same."""
    return _worked(trials, "equal-links")


@clause
def one_slow_link(trials: Trials) -> str:
    """It works where one link is a million times slower than it was."""
    return _worked(trials, "one-slow-link")


@clause
def uneven_sites(trials: Trials) -> str:
    """It works where the sites' sizes fit neither D nor K."""
    return _worked(trials, "uneven-sites")


@clause
def directed_links(trials: Trials) -> str:
    """It works where the two directions of a link differ."""
    return _worked(trials, "directed-links")


def _worked(trials: Trials, kind: str) -> str:
    trial = trials.make(ODD[kind])
    require_ok(trial)
    cost_s, evaluations = trial.record.cost_s, trial.record.evaluations
    return f"{trials.problem(ODD[kind]).decision.n_devices} devices, {cost_s:.4g} s after {evaluations} evaluations"
