"""From rows to arrays: what is scored, what is compared, and what is left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.metrics import scored
from tasklet_bench.bench.stats.sample import Sample, samples

MakeRuns = Callable[..., pd.DataFrame]


def test_a_failed_run_costs_the_penalty_or_its_own_best_whichever_is_more(make_runs: MakeRuns) -> None:
    """`score_s` follows the design's rule, and the run's place in an order is behind everything."""
    runs = make_runs({"a": np.array([[3.0, 9.0, 2.0]])}, penalty_s=5.0)
    runs["status"] = ["timeout", "oom", "ok"]
    table = scored(runs, {"digest-000": 1.0})
    assert table["score_s"].tolist() == [5.0, 9.0, 2.0]
    assert table["order_s"].tolist() == [np.inf, np.inf, 2.0]
    assert table["excess"].tolist() == [4.0, 8.0, 1.0]
    assert table["excess_cap"].tolist() == [4.0, 4.0, 4.0]


def test_the_capped_mean_is_cut_off_at_ten_times_the_best_known_where_the_penalty_is_far_off(
    make_runs: MakeRuns,
) -> None:
    """One instance whose penalty is a million times the best known counts for an excess of 9 at most."""
    runs = make_runs({"a": np.array([[1.0], [5e5]]), "b": np.array([[1.0], [1.0]])}, penalty_s=1e6)
    (sample,) = samples(runs, {"digest-000": 1.0, "digest-001": 1.0})
    board = leaderboard(sample, draws=50).set_index("strategy")
    assert board.loc["a", "excess_capped_mean"] == 4.5
    assert board.loc["b", "excess_capped_mean"] == 0.0


def test_excess_is_over_the_best_in_the_store_where_nothing_is_known_and_says_so(make_runs: MakeRuns) -> None:
    """A failed run's cost is no reference, a known value is used although a run beats it, and the scope tells both."""
    runs = make_runs({"a": np.array([[2.0], [2.0]]), "b": np.array([[1.0], [4.0]])}, failed={"b": np.array([[1], [0]])})
    runs.loc[runs["status"] != "ok", "cost_s"] = 1.0
    (sample,) = samples(runs, pd.DataFrame({"problem_digest": ["digest-001"], "value_s": [2.5]}))
    np.testing.assert_allclose(sample.excess[:, 0, 0], [0.0, -0.2])
    assert "over the best known cost on 1 instances, over the best in this store on 1" in sample.scope()


def test_every_table_can_say_what_it_rests_on(make_runs: MakeRuns) -> None:
    """The scope names suite, digest and budget, instances and seeds, failures, rule for ties, family of tests."""
    failed = {"a": np.array([[True, False], [False, False]])}
    (sample,) = samples(make_runs({"a": np.ones((2, 2)), "b": np.ones((2, 2))}, failed=failed))
    for words in (
        "suite made",
        "dddddddddddd",
        "1000-evaluations",
        "2 instances × 2 seeds",
        "1 of 8 runs failed",
        "tie",
        "Holm",
    ):
        assert words in sample.scope()


def test_suites_and_budgets_never_mix(make_runs: MakeRuns) -> None:
    """Rows of two digests and two budgets make three samples, each with its own runs only."""
    tables = [
        make_runs({"a": np.ones((2, 1))}, suite_digest="x"),
        make_runs({"a": np.ones((2, 1)) * 2}, suite_digest="y"),
        make_runs({"a": np.ones((2, 1)) * 3}, suite_digest="y", budget="1-cpu-seconds"),
    ]
    result = samples(pd.concat(tables, ignore_index=True))
    assert [(s.suite_digest, s.budget, float(s.score_s.mean())) for s in result] == [
        ("x", "1000-evaluations", 1.0),
        ("y", "1000-evaluations", 2.0),
        ("y", "1-cpu-seconds", 3.0),
    ]


def test_stale_code_is_not_mixed_in(make_runs: MakeRuns) -> None:
    """Once an entrant's code has changed, its older results are out, also on instances that it has not run again."""
    old = make_runs({"a": np.ones((3, 1)), "b": np.ones((3, 1))})
    new = make_runs({"a": np.full((2, 1), 2.0)}).assign(code_hash="new", started_at="2026-02-01T00:00:00")
    (sample,) = samples(pd.concat([old, new], ignore_index=True))
    assert sample.instances == ("instance-000", "instance-001")
    assert (sample.score_s[:, sample.entrants.index("a")] == 2.0).all()


def test_code_that_changed_for_one_suite_leaves_the_others_alone(make_runs: MakeRuns) -> None:
    """A suite that was not run again is still ranked by what was run on it: boards are never compared."""
    old = make_runs({"a": np.ones((3, 1)), "b": np.ones((3, 1))}, suite_digest="x")
    new = make_runs({"a": np.full((2, 1), 2.0)}, suite_digest="y").assign(code_hash="new")
    before, after = samples(pd.concat([old, new], ignore_index=True))
    assert (before.entrants, len(before.instances)) == (("a", "b"), 3)
    assert (after.score_s == 2.0).all()


def test_one_run_of_a_deterministic_strategy_stands_for_every_seed(make_runs: MakeRuns) -> None:
    """Its only run fills all seeds of the array, and is counted once."""
    (sample,) = samples(make_runs({"fixed": np.full((2, 1), 7.0), "drawn": np.arange(1.0, 7.0).reshape(2, 3)}))
    fixed, drawn = sample.entrants.index("fixed"), sample.entrants.index("drawn")
    np.testing.assert_array_equal(sample.score_s[:, fixed], np.full((2, 3), 7.0))
    np.testing.assert_array_equal(sample.score_s[:, drawn], [[1, 2, 3], [4, 5, 6]])
    assert sample.n_runs[[fixed, drawn]].tolist() == [2, 6]


def test_an_entrant_far_behind_is_unranked_and_named(make_runs: MakeRuns) -> None:
    """While a campaign goes on, one that has few instances does not shrink the others' comparison."""
    costs_s = {"a": np.ones((10, 1)), "b": np.ones((9, 1)), "late": np.ones((2, 1))}
    (sample,) = samples(make_runs(costs_s))
    assert sample.entrants == ("a", "b")
    assert len(sample.instances) == 9
    assert sample.unranked == {"late": 2}
    assert "late (2)" in sample.scope()


def test_the_order_of_rows_does_not_matter(make_runs: MakeRuns, rng: np.random.Generator) -> None:
    """A shuffled table of runs has the same leaderboard to the last bit, intervals included."""
    runs = make_runs({name: rng.uniform(1, 2, (8, 3)) for name in ("a", "b", "megatron")})
    (sample,), (shuffled,) = samples(runs), samples(runs.sample(frac=1, random_state=1, ignore_index=True))
    pd.testing.assert_frame_equal(leaderboard(shuffled, draws=50), leaderboard(sample, draws=50), check_exact=True)


def test_leaderboard_is_sorted_by_mean_rank(make_sample: Callable[..., Sample], rng: np.random.Generator) -> None:
    """Best first, equal ranks by name; intervals hold their estimates, and somebody is best for certain."""
    costs_s = {
        name: 1 + factor * rng.uniform(0.9, 1.1, (12, 3)) for name, factor in (("a", 0.3), ("b", 0.1), ("c", 0.2))
    }
    table = leaderboard(make_sample(costs_s), draws=200)
    assert table["strategy"].tolist() == ["b", "c", "a"]
    assert (table["mean_rank_low"] <= table["mean_rank"]).all()
    assert (table["mean_rank"] <= table["mean_rank_high"]).all()
    assert table["p_best"].sum() == 1.0
