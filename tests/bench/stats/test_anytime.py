"""Anytime statistics on small campaigns whose trajectories are known row by row, and against plain loops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ecdf

from tasklet_bench.bench.stats.attainment import attainment_table
from tasklet_bench.bench.stats.ecdf import ecdf_table, kaplan_meier
from tasklet_bench.bench.stats.exact_solvers import exact_table, gap_closed_over_time
from tasklet_bench.bench.stats.expected_running_time import expected_running_time, running_time_table
from tasklet_bench.bench.stats.performance_profile import profile_table
from tasklet_bench.bench.stats.primal_integral import primal_integral, primal_integral_table
from tasklet_bench.bench.stats.sample import Sample, samples
from tasklet_bench.bench.stats.targets import progress, reached

Campaign = tuple[Sample, pd.DataFrame]


@pytest.fixture
def campaign(make_runs: Callable[..., pd.DataFrame], rng: np.random.Generator) -> Campaign:
    """Three entrants on 4 instances × 3 seeds: one searches to the end, one stops early, one fails at times."""
    finals = {name: rng.uniform(1.0, 1.3, (4, 3)) for name in ("stayer", "early", "flaky")}
    runs = make_runs(finals, failed={"flaky": rng.random((4, 3)) < 0.4}, penalty_s=3.0)
    runs.loc[runs["strategy"] == "early", "evaluations"] = 40
    runs["cpu_s"] = runs["evaluations"] / 500
    rows = []
    for run in runs.itertuples():
        final = run.cost_s if run.status == "ok" else 1.05
        steps = np.unique(rng.integers(1, run.evaluations, 6))
        for evaluations, cost_s in zip(steps, np.linspace(2.0, final, len(steps)), strict=True):
            rows.append((run.key, 1, evaluations, evaluations / 500, evaluations / 400, cost_s, 0.0))
    columns = ["key", "attempt", "evaluations", "cpu_s", "wall_s", "cost_s", "bound_s"]
    (sample,) = samples(runs, {f"digest-{i:03}": 1.0 for i in range(4)})
    return sample, progress(sample, pd.DataFrame(rows, columns=columns))


def looped_events(campaign: Campaign, target: float) -> dict[str, tuple[float, float, str]]:
    """`at, spent, outcome` per run key, by looking at each run's rows in turn."""
    sample, rows = campaign
    events = {}
    for run in sample.runs.itertuples():
        at = next(
            (r.evaluations for r in rows[rows["key"] == run.key].itertuples() if r.cost_s <= 1 + target), math.inf
        )
        if run.status != "ok":
            events[run.key] = (math.inf, run.evaluations, "never")
        elif at < math.inf:
            events[run.key] = (at, run.evaluations, "reached")  # type: ignore[assignment]
        else:
            events[run.key] = (at, run.evaluations, "never" if run.evaluations < 1000 else "censored")  # type: ignore[assignment]
    return events  # type: ignore[return-value]


def test_events_tell_reached_from_censored_from_never(campaign: Campaign) -> None:
    """A failed run reaches nothing, one that ended early never will, one that its budget ended is censored."""
    events = reached(*campaign, "evaluations", targets=(0.2,))
    keys = campaign[0].runs["key"].tolist()
    expected = looped_events(campaign, 0.2)
    result = {
        key: (math.inf if math.isnan(e.at) else e.at, e.spent, e.outcome)
        for key, e in zip(keys, events.itertuples(), strict=True)
    }
    assert result == expected
    assert {outcome for *_, outcome in expected.values()} == {"reached", "censored", "never"}


def test_a_failed_run_reaches_no_target_even_if_it_was_there(campaign: Campaign) -> None:
    """The flaky entrant's failed runs pass 10 % in their trajectories, and count as not having reached 50 %."""
    sample, rows = campaign
    failed = sample.runs.loc[sample.runs["status"] != "ok", "key"]
    assert rows[rows["key"].isin(failed)].groupby("key")["excess"].min().max() < 0.1
    events = reached(sample, rows, "evaluations", targets=(0.5,))
    outcome = dict(zip(sample.runs["key"], events["outcome"], strict=True))
    assert {outcome[key] for key in failed} == {"never"}


def test_expected_running_time_is_everything_spent_over_successes(campaign: Campaign) -> None:
    """A loop over runs gives the same for each instance and entrant, infinity without any success."""
    sample, _ = campaign
    table = expected_running_time(reached(*campaign, "evaluations", targets=(0.1,)))
    events = looped_events(campaign, 0.1)
    for row in table.itertuples():
        runs = sample.runs[(sample.runs["strategy"] == row.strategy) & (sample.runs["problem"] == row.problem)]
        own = [events[key] for key in runs["key"]]
        total = sum(at if outcome == "reached" else spent for at, spent, outcome in own)
        successes = sum(outcome == "reached" for *_, outcome in own)
        assert row.expected == pytest.approx(total / successes if successes else math.inf, rel=1e-9)
    assert (table["successes"] < table["runs"]).any()
    overall = running_time_table(reached(*campaign, "evaluations", targets=(0.1,))).set_index("strategy")
    assert overall["instances"].tolist() == [4, 4, 4]


def test_kaplan_meier_without_censoring_is_the_empirical_distribution(rng: np.random.Generator) -> None:
    """Where all was reached it equals scipy's plain ECDF; where runs never reach, it levels off at their share."""
    at = rng.integers(1, 50, 40).astype(float)
    times, share = kaplan_meier(at, at, np.repeat("reached", 40))
    plain = ecdf(at).cdf
    np.testing.assert_allclose(times, plain.quantiles)
    np.testing.assert_allclose(share, plain.probabilities, rtol=1e-9)
    at[:10] = np.nan
    outcome = np.where(np.isnan(at), "never", "reached")
    assert kaplan_meier(at, np.full(40, 5.0), outcome)[1][-1] == pytest.approx(0.75)


def test_kaplan_meier_by_hand() -> None:
    """Reached at 1 and 3, censored at 2, never: shares 1/4 and then 1/4 + 3/4 · 1/2 = 5/8."""
    at = np.array([1.0, 3.0, np.nan, np.nan])
    outcome = np.array(["reached", "reached", "censored", "never"])
    times, share = kaplan_meier(at, np.array([9.0, 9.0, 2.0, 1.0]), outcome)
    assert times.tolist() == [1.0, 3.0]
    np.testing.assert_allclose(share, [0.25, 0.625])


def test_ecdf_never_falls_and_stays_within_what_was_reached(campaign: Campaign) -> None:
    """Every entrant's curve rises, from above 0 to at most 1."""
    table = ecdf_table(reached(*campaign, "cpu_s"))
    for _, curve in table.groupby("strategy"):
        assert curve["at"].is_monotonic_increasing
        assert curve["share"].is_monotonic_increasing
        assert 0 < curve["share"].iloc[0] <= curve["share"].iloc[-1] <= 1


def test_primal_integral_is_the_area_under_the_gap(campaign: Campaign) -> None:
    """Summing the gap evaluation by evaluation gives the same; a failed run has its penalty's gap all along."""
    sample, rows = campaign
    table = primal_integral(sample, rows, "evaluations")
    keys = sample.runs["key"].tolist()
    for key, row in zip(keys, table.itertuples(), strict=True):
        run = sample.runs[sample.runs["key"] == key].iloc[0]
        if run["status"] != "ok":
            assert row.integral == pytest.approx(2 / 3, rel=1e-9)
            continue
        steps = rows[rows["key"] == key]
        gaps = [1.0] * 1000
        for step in steps.itertuples():
            gaps[step.evaluations :] = [(step.cost_s - 1) / step.cost_s] * (1000 - step.evaluations)
        assert row.integral == pytest.approx(sum(gaps) / 1000, rel=1e-9)
    assert primal_integral_table(table)["integral"].between(0, 1).all()
    assert primal_integral(sample, rows, "cpu_s").empty


def test_attainment_surface_is_an_order_statistic(campaign: Campaign) -> None:
    """At each corner of the 50 % surface, at least half of the runs have reached it, and before it fewer had."""
    sample, rows = campaign
    table = attainment_table(sample, rows, "evaluations", by=("strategy", "problem"))
    own = table[(table["strategy"] == "stayer") & (table["problem"] == "instance-002") & (table["level"] == 50)]
    runs = rows[(rows["strategy"] == "stayer") & (rows["problem"] == "instance-002")]
    assert len(own) > 1
    for corner in own.itertuples():
        best = runs[runs["evaluations"] <= corner.at].groupby("seed")["excess"].min()
        before = runs[runs["evaluations"] < corner.at].groupby("seed")["excess"].min()
        assert (best <= corner.excess + 1e-12).sum() >= 2
        assert (before <= corner.excess + 1e-12).sum() < 2


def test_a_failed_run_attains_its_penalty_only(campaign: Campaign) -> None:
    """Where a run failed, all runs together attain no better than its penalised excess, whatever it had found."""
    sample, rows = campaign
    failed = sample.runs.loc[sample.runs["status"] != "ok", "problem"].unique()
    table = attainment_table(sample, rows, "evaluations", levels=(100,))
    flaky = table[(table["strategy"] == "flaky") & table["problem"].isin(failed)]
    assert len(flaky) > 0
    assert (flaky["excess"] == 2.0).all()


def test_profile_counts_failures_as_out_of_reach(campaign: Campaign) -> None:
    """Within 200 % come all runs but those that failed, whatever their penalty is."""
    sample, _ = campaign
    table = profile_table(sample, np.array([0.1, 5.0])).set_index(["strategy", "excess"])["share"]
    ok = sample.runs.groupby("strategy")["failed"].mean()
    assert table["flaky", 5.0] == pytest.approx(1 - ok["flaky"])
    within = (sample.runs[sample.runs["strategy"] == "stayer"]["excess"] <= 0.1).mean()
    assert table["stayer", 0.1] == pytest.approx(within)


def test_exact_solvers_by_hand(make_runs: Callable[..., pd.DataFrame]) -> None:
    """A solver with one proof in three runs, one of which failed: the gap closed is the mean of 1, 1/2 and 0."""
    costs_s = {"solver": np.full((3, 1), 2.0), "search": np.full((3, 1), 2.0)}
    runs = make_runs(costs_s, failed={"solver": np.array([[False], [False], [True]])})
    runs["bound_s"] = [2.0, 1.5, 2.0, 1.0, 1.0, 1.0]
    runs["proven"] = [True, False, True, False, False, False]
    runs["cpu_s"] = [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]
    columns = ["key", "attempt", "evaluations", "cpu_s", "wall_s", "cost_s", "bound_s"]
    reported = [
        (runs["key"][0], 1, 1, 0.1, 0.1, 2.0, 1.5),
        (runs["key"][0], 1, 2, 0.5, 0.5, 2.0, 2.0),
        (runs["key"][1], 1, 1, 0.2, 0.2, 2.0, 1.5),
        (runs["key"][2], 1, 1, 0.1, 0.1, 2.0, 2.0),
    ]
    (sample,) = samples(runs)
    table = exact_table(sample)
    assert table.index.tolist() == ["solver"]
    solver = table.loc["solver"]
    assert solver[["runs", "bounded", "proven"]].tolist() == [3, 2, 1]
    np.testing.assert_allclose(solver[["proven_share", "proof_cpu_s", "gap_closed"]].astype(float), [1 / 3, 0.5, 0.5])
    rows = progress(sample, pd.DataFrame(reported, columns=columns))
    curve = gap_closed_over_time(sample, rows, grid=np.array([0.05, 0.1, 0.3, 1.0]))
    np.testing.assert_allclose(curve["gap_closed"], [0, 0.5 / 3, 1 / 3, 0.5])
