"""Where the suite cannot tell: the model, instances that do not separate, bounds, and what the runs were like."""

from __future__ import annotations

import numpy as np
from findings.published import CLOSE, PROVING, TIMED, Figures, Published, count

from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.studies import fidelity

CORE = "core"
ALIKE = 0.005
"""Costs this close count as one when instances are judged by how well they separate."""
DRAWN = 50
"""Allocations of each kind that are drawn from an instance to see from where on cost carries order in seconds."""


def model(published: Published) -> Figures:
    """Whether leads of the formal cost are larger than what carries order in simulated seconds."""
    costs_s = published.costs_s(CORE, TIMED)
    region = fidelity.region([published.results.problems[name] for name in costs_s.index], per_kind=DRAWN)
    yield "differences that carry order in seconds from", percent(region)
    ordered_s = np.sort(costs_s.to_numpy(), axis=1)
    yield (
        "first and second closer than that",
        f"{(ordered_s[:, 1] / ordered_s[:, 0] - 1 < region).sum()} of {len(costs_s)}",
    )
    within = (costs_s.div(ordered_s[:, 0], axis=0) - 1 < region).sum(axis=1)
    yield "strategies within it of the best, median", f"{within.median():.0f} of {len(costs_s.columns)}"


def separation(published: Published) -> Figures:
    """Instances that hardly tell strategies apart."""
    for suite in published.suites():
        if suite in ("paper", "scale"):
            continue
        costs_s = published.costs_s(suite, TIMED)
        at_best = costs_s.le(costs_s.min(axis=1) * (1 + ALIKE), axis=0).sum(axis=1)
        half = len(costs_s.columns) / 2
        yield f"{suite}: at least half of all strategies at the best", count(at_best >= half)
        yield f"{suite}: one strategy alone at the best", count(at_best == 1)
    yield "core: most at the best", ", ".join(_most(published))


def _most(published: Published) -> list[str]:
    costs_s = published.costs_s(CORE, TIMED)
    at_best = costs_s.le(costs_s.min(axis=1) * (1 + ALIKE), axis=0).sum(axis=1).sort_values(ascending=False)
    return [f"{name} ({n})" for name, n in at_best.head(4).items()]


def bounds(published: Published) -> Figures:
    """What is proven of core's best known costs, by whom, and how far the bounds of the others are off."""
    names = set(published.excess(CORE, TIMED).index)
    rows = [entry for entry in best_known.read().values() if entry.problem in names]
    proven = [entry for entry in rows if entry.proven]
    yield "proven optimal", f"{len(proven)} of {len(rows)}"
    gaps = sorted(1 - entry.bound_s / entry.cost_s for entry in rows if not entry.proven)
    yield "gap where not proven, median", percent(float(np.median(gaps)))
    yield "gap where not proven, most", percent(gaps[-1])
    if PROVING in {sample.budget for sample in published.results.samples}:
        runs = published.sample(CORE, PROVING).runs
        for name, own in runs.groupby("strategy"):
            yield f"{name} proves in a minute", count(own["proven"])
            yield f"{name}, within 1 % of its bound in a minute", count(own["gap"] <= CLOSE)


def conduct(published: Published) -> Figures:
    """How the runs went."""
    runs = published.results.distinct_runs
    yield "runs", f"{len(runs):,} runs"
    yield "failed", f"{(runs['status'] != 'ok').sum()} of {len(runs):,}"
    seeds = [f"{suite} {max(len(s.seeds) for s in samples)}" for suite, samples in _by_suite(published).items()]
    yield "seeds", ", ".join(seeds)
    yield "CPU hours", f"{runs['cpu_s'].sum() / 3600:.1f} CPU hours"


def _by_suite(published: Published) -> dict[str, list[Sample]]:
    """The samples of each suite."""
    return {
        suite: [sample for sample in published.results.samples if sample.suite == suite] for suite in published.suites()
    }
