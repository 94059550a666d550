"""`solve --robust p90`: the placement that most drawn networks like, beside the one for the measured network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import typer

from tasklet_bench.bench.commands.options import DEFAULT_NOISE
from tasklet_bench.bench.commands.output import print_json, write_json

if TYPE_CHECKING:
    from tasklet_bench.bench.commands.placement.asked import Asked
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import RunSpec
    from tasklet_bench.problems.problem import Problem

PLAIN_SHARE = 0.3
"""Share of the budget for the measured network's optimum, from which the robust search begins."""
CHECKED_DRAWS, CHECKED_SEED = 2000, 1
"""Networks on which both are compared in the end: none of those that the search saw, and enough to tell them apart."""


def solve_robustly(
    plain_spec: RunSpec, robust_spec: RunSpec, run: Callable[[RunSpec], RunRecord]
) -> tuple[RunRecord, RunRecord]:
    """Search the measured network for a part of the budget, then the quantile from there; both records."""
    plain = run(replace(plain_spec, budget=plain_spec.budget.part(PLAIN_SHARE)))
    start = plain.candidate or robust_spec.start
    budget = robust_spec.budget.part(1 - PLAIN_SHARE)
    return plain, run(replace(robust_spec, budget=budget, start=start))


def noise_of(asked: Asked) -> float:
    """The spread of the logarithm of drawn factors."""
    return DEFAULT_NOISE if asked.noise is None else asked.noise


def tell_robust(asked: Asked, formal: Problem, plain: RunRecord, robust: RunRecord) -> None:
    """Print both over networks that neither was searched on, and write the robust one if asked."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.problems.robust.draws import spread_of

    noise = noise_of(asked)
    over_draws = {}
    for name, record in (("plain", plain), ("robust", robust)):
        if record.candidate is not None:
            candidate = formal.candidate_from_json(record.candidate)
            costs_s = plugins.costs_over_draws(formal, candidate, CHECKED_DRAWS, noise, CHECKED_SEED)
            measured_s = formal.cost(candidate).total_s
            over_draws[name] = {"measured_s": measured_s, **asdict(spread_of(costs_s))}
    asked.write_ranks(formal, robust.candidate)
    if asked.out:
        write_json(asked.out, robust.candidate)
    if asked.as_json:
        candidate = robust.candidate or {}
        print_json({"cost_s": robust.cost_s, "bound_s": robust.bound_s, "over_draws": over_draws, **candidate})
        return
    typer.echo(f"{formal.name}: over {CHECKED_DRAWS} networks that no search saw, spread {noise:g}")
    typer.echo("           measured (s)     median (s)        p90 (s)      worst (s)")
    for name, reported in over_draws.items():
        figures = (reported[key] for key in ("measured_s", "median_s", "p90_s", "worst_s"))
        typer.echo(f"{name:<8}" + "".join(f"{float(figure):>15.6g}" for figure in figures))
