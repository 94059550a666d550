"""Clauses about odd shapes: what is rare among benchmark instances and happens to users."""

from __future__ import annotations

from functools import partial

from tasklet_bench.bench.contract.clause import Clause, NotApplicable
from tasklet_bench.bench.contract.results import require_ok
from tasklet_bench.bench.contract.trials import Trials

_PROMISES = {
    "one-replica": "It works where D = 1: one pipeline, and no gradients to share.",
    "one-stage": "It works where K = 1: one group of all devices, and no pipeline.",
    "two-devices": "It works on two devices.",
    "equal-links": "It works where all links are equal, so that every allocation costs the same.",
    "one-slow-link": "It works where one link is a million times slower than it was.",
    "uneven-sites": "It works where the sites' sizes fit neither D nor K.",
    "directed-links": "It works where the two directions of a link differ.",
}


def _worked(kind: str, trials: Trials) -> str:
    instance = trials.instances.odd.get(kind)
    if instance is None:
        return NotApplicable("no such instance in this family")
    trial = trials.make(instance)
    require_ok(trial)
    cost_s, evaluations = trial.record.cost_s, trial.record.evaluations
    devices = sum(site.devices for site in trials.problem(instance).sites)
    return f"{devices} devices, {cost_s:.4g} s after {evaluations} evaluations"


CLAUSES: tuple[Clause, ...] = tuple(
    Clause(kind, promise, partial(_worked, kind)) for kind, promise in _PROMISES.items()
)
"""One for each odd instance, named after it."""
