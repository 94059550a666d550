"""The figures that docs/findings.md states, computed from the published results.

python docs/published_figures.py

prints each; a test looks for every figure of the page among them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.results.merge import results_at
from tasklet_bench.bench.runs.tolerances import SAME_COST
from tasklet_bench.bench.stats.compare import duel
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds
from tasklet_bench.bench.studies import fidelity

REFERENCE = Path(__file__).resolve().parent.parent / "results" / "reference"
COUNTED, TIMED = "1000-evaluations", "2-cpu-seconds"
PLENTY, PROVING, LARGE = "5000-evaluations+60-cpu-seconds", "60-cpu-seconds", "10-cpu-seconds"
NO_SEARCH = ("aligned", "site-pure", "clustering")
CLOSE = 0.01
MEGATRON_FINE = 0.05
MANY = 512
LARGEST = "generated/uniform?n=4096&dp=64&seed=1"


def figures(results: Results) -> Iterator[tuple[str, str]]:
    """Name and text of every figure."""
    samples = {(sample.suite, sample.budget): sample for sample in results.samples}
    counted, timed = samples["core", COUNTED], samples["core", TIMED]
    yield from _leaders(counted, timed)
    yield from _work(counted)
    yield from _without_search(timed)
    yield from _paper(results, timed, samples["paper", PLENTY])
    yield from _megatron(timed)
    yield from _samplers(counted)
    yield from _proofs(timed, samples["core", PROVING])
    yield from _model(results, timed)
    yield from _separation(timed)
    yield from _scale(results, samples["scale", LARGE])


def _medians(sample: Sample) -> pd.DataFrame:
    """Excess over the best known, median over seeds: instances × entrants."""
    return pd.DataFrame(median_over_seeds(sample.excess), index=list(sample.instances), columns=list(sample.entrants))


def median_costs(sample: Sample) -> pd.DataFrame:
    """Cost, median over seeds (in seconds): instances × entrants."""
    return pd.DataFrame(median_over_seeds(sample.order_s), index=list(sample.instances), columns=list(sample.entrants))


def _leaders(counted: Sample, timed: Sample) -> Iterator[tuple[str, str]]:
    """Who leads, and whose place depends on the budget."""
    boards = {sample.budget: leaderboard(sample, "annealing").set_index("strategy") for sample in (counted, timed)}
    for budget, board in boards.items():
        for name in dict.fromkeys([*board.index[:4], "genetic"]):
            row = board.loc[name]
            yield f"{budget}: mean rank of {name}", f"{row['mean_rank']:.2f}"
            yield f"{budget}: excess of {name}", percent(row["excess"])
    overall = duel(timed, "annealing", "constraint-program").overall
    yield "annealing against constraint-program", f"{overall.wins} won, {overall.ties} tied, {overall.losses} lost"
    places = pd.DataFrame({budget: board["mean_rank"].rank() for budget, board in boards.items()}).dropna()
    for name in ("neighbourhood-search", "evolution-strategy", "random-partition", "clustering", "tpe"):
        yield f"places of {name}", f"{entry(places, name, COUNTED):.0f} to {entry(places, name, TIMED):.0f}"


def entry(frame: pd.DataFrame, row: str, column: str) -> float:
    """The number in a row and a column."""
    return float(cast("Any", frame.loc[row, column]))


def device_counts(results: Results) -> dict[str, int]:
    """Devices of each instance, by its name."""
    return {name: cast("Any", problem.decision).n_devices for name, problem in results.problems.items()}


def _work(counted: Sample) -> Iterator[tuple[str, str]]:
    """CPU time of 1,000 evaluations."""
    cpu_s = counted.runs.groupby("strategy")["cpu_s"].median()
    for name in ("annealing", "genetic", "constraint-program", "tpe"):
        yield f"CPU seconds of 1,000 evaluations of {name}", f"{cpu_s[name]:.2g} s"


def _without_search(timed: Sample) -> Iterator[tuple[str, str]]:
    """What partitions reach that take no search."""
    excess = _medians(timed)
    best = excess[list(NO_SEARCH)].min(axis=1)
    yield "no search, within 1 %", f"{(best <= CLOSE).sum()} of {len(best)}"
    yield "no search, median", percent(best.median())
    yield "no search, worst", percent(best.max())
    light, dead = "measured/gcp4-hivemind-32?pp_scale=0.1", "paper/worldwide?failed_links=8"
    yield f"aligned on {light}", f"{1 + entry(excess, light, 'aligned'):.1f} times"
    yield f"clustering on {dead}", f"{1 + entry(excess, dead, 'clustering'):,.0f} times"
    for name in NO_SEARCH:
        yield f"{name} within 1 %", f"{(excess[name] <= CLOSE).sum()} of {len(best)}"


def _paper(results: Results, timed: Sample, plenty: Sample) -> Iterator[tuple[str, str]]:
    """The paper's algorithm and its gains."""
    excess = _medians(timed)
    kinds = pd.DataFrame(results.kinds).T.loc[excess.index]
    for dimension in map(str, kinds):
        for kind, names in kinds.groupby(dimension).groups.items():
            for name in ("genetic", "genetic[gain=kernighan-lin]", "annealing"):
                yield f"{dimension}: {kind}: median excess of {name}", percent(excess[name].loc[names].median())
    for name in ("genetic", "genetic[gain=kernighan-lin]"):
        yield f"{name} within 1 %", f"{(excess[name] <= CLOSE).sum()} of {len(excess)}"
        yield f"{name}, worst", percent(excess[name].max())
    for scenario, row in _medians(plenty).iterrows():
        yield f"5,000 evaluations: genetic on {scenario}", percent(row["genetic"])


def _megatron(timed: Sample) -> Iterator[tuple[str, str]]:
    """Where the order of the host list is good enough."""
    excess = _medians(timed)
    fine = excess.index[excess["megatron"] <= MEGATRON_FINE]
    yield "megatron within 5 %", f"{len(fine)} of {len(excess)}"
    yield "megatron is fine on", ", ".join(fine)
    yield "megatron, median", percent(excess["megatron"].median())
    yield "shuffled megatron, median", percent(excess["megatron[hosts=shuffled]"].median())


def _samplers(counted: Sample) -> Iterator[tuple[str, str]]:
    """General-purpose samplers against random partitions."""
    excess = _medians(counted)
    for name in ("tpe", "evolution-strategy", "random-partition", "random-grid"):
        yield f"1,000 evaluations: median excess of {name}", percent(excess[name].median())
    overall = duel(counted, "tpe", "random-partition").overall
    yield "tpe against random-partition", f"{overall.wins} won, {overall.ties} tied, {overall.losses} lost"
    yield "tpe against random-partition, difference", percent(overall.difference)


def _proofs(timed: Sample, proving: Sample) -> Iterator[tuple[str, str]]:
    """What the constraint program proves, and how loose bounds are where it does not."""
    short = timed.runs[timed.runs["strategy"] == "constraint-program"]
    yield "proven in 2 s", f"{short.groupby('problem')['proven'].all().sum()} of {short['problem'].nunique()}"
    runs = proving.runs
    yield "proven in 60 s", f"{runs['proven'].sum()} of {len(runs)}"
    gaps = runs[~runs["proven"]].set_index("problem")["gap"].sort_values()
    yield "gap where not proven, median", percent(gaps.median())
    yield "gap below 10 %", ", ".join(gaps.index[gaps < 0.1])
    yield "gap above 60 %", ", ".join(gaps.index[gaps > 0.6])


def _model(results: Results, timed: Sample) -> Iterator[tuple[str, str]]:
    """Whether leads are larger than what the cost model can tell."""
    own = [results.problems[name] for name in timed.instances]
    region = fidelity.region(own)
    yield "differences that carry order in seconds from", percent(region)
    costs_s = median_costs(timed)
    ordered_s = np.sort(costs_s.to_numpy(), axis=1)
    lead = ordered_s[:, 1] / ordered_s[:, 0] - 1
    yield "first and second closer than that", f"{(lead < region).sum()} of {len(lead)}"
    within = (costs_s.div(ordered_s[:, 0], axis=0) - 1 < region).sum(axis=1)
    yield "strategies within it of the best, median", f"{within.median():.0f} of {len(timed.entrants)}"


def _separation(timed: Sample) -> Iterator[tuple[str, str]]:
    """Instances that hardly tell strategies apart."""
    costs_s = median_costs(timed).drop(columns=["random-grid", "megatron[hosts=shuffled]"])
    best = costs_s.min(axis=1)
    at_best = (costs_s.le(best * 1.005, axis=0)).sum(axis=1).sort_values(ascending=False)
    yield "most strategies at the best", ", ".join(f"{name} ({n})" for name, n in at_best.head(6).items())
    alone = (at_best == 1).sum()
    yield "one strategy alone at the best", f"{alone} of {len(at_best)}"


def _scale(results: Results, large: Sample) -> Iterator[tuple[str, str]]:
    """What still works with many devices."""
    costs_s = median_costs(large)
    over = costs_s.div(costs_s.min(axis=1), axis=0) - 1
    yield "scale: annealing at the best", f"{(over['annealing'] <= SAME_COST).sum()} of {len(over)}"
    many = over[[count >= MANY for count in map(device_counts(results).__getitem__, over.index)]]
    for name in ("clustering", "neighbourhood-search", "genetic", "random-partition"):
        yield f"scale: median above the best from {MANY} devices, {name}", percent(many[name].median())
    yield "scale: random-partition on 4,096 without structure", percent(entry(over, LARGEST, "random-partition"))


if __name__ == "__main__":
    with results_at(Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE) as store:
        for figure, value in figures(results_of(store)):
            sys.stdout.write(f"{figure}: {value}\n")
