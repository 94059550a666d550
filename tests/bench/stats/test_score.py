"""One number for a strategy, and CPU seconds of several machines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.runs.machine import fingerprint, without_calibration
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.machines import calibrated_cpu_s, several_machines
from tasklet_bench.bench.stats.metrics import score
from tasklet_bench.bench.stats.sample import samples
from tasklet_bench.problems.calibration import REFERENCE_S, calibration_s, split_calibration

BEST_S = {"digest-000": 2.0, "digest-001": 3.0}


def test_the_score_is_recomputed_from_the_runs(make_runs: Any) -> None:
    """Mean over instances and seeds of best known over cost: 1 at most, 0 for a failed run, within its interval."""
    costs_s = {"a": np.array([[4.0, 2.0], [3.0, 6.0]]), "b": np.array([[1.0, 8.0], [3.0, 3.0]])}
    failed = {"a": np.array([[False, False], [False, True]])}
    (sample,) = samples(make_runs(costs_s, failed), BEST_S)
    board = leaderboard(sample, draws=200).set_index("strategy")
    assert board["score"].to_dict() == pytest.approx({"a": (0.5 + 1 + 1 + 0) / 4, "b": (1 + 0.25 + 1 + 1) / 4})
    by_hand = sample.runs.assign(own=[BEST_S[digest] for digest in sample.runs["problem_digest"]])
    by_hand["own"] = np.where(by_hand["status"] == "ok", np.minimum(1, by_hand["own"] / by_hand["cost_s"]), 0)
    assert by_hand.groupby("strategy")["own"].mean().to_dict() == pytest.approx(board["score"].to_dict())
    assert (board["score_low"] <= board["score"]).all()
    assert (board["score"] <= board["score_high"]).all()


def test_a_score_is_a_share() -> None:
    """A cost of 0 scores 1, as does one below the best known; an infinite one scores 0."""
    costs_s, best_s = np.array([0.0, 1.0, 4.0, np.inf]), np.array([0.0, 2.0, 2.0, 2.0])
    assert score(costs_s, best_s).tolist() == [1.0, 1.0, 0.5, 0.0]


def test_cpu_seconds_of_a_slow_machine_are_calibrated(make_runs: Any) -> None:
    """A machine that takes twice the reference's time for the job has its seconds halved; unknown ones have none."""
    runs = make_runs({"a": np.ones((1, 3))})
    slow = f"Linux x86_64, some processor, 2 cores; calibration {2000 * REFERENCE_S:.3g} ms"
    runs["machine"] = [slow, "Linux x86_64, another, 4 cores", f"Linux; calibration {1000 * REFERENCE_S:.3g} ms"]
    np.testing.assert_allclose(calibrated_cpu_s(runs), [0.5, np.nan, 1.0])
    (sample,) = samples(runs)
    assert leaderboard(sample, draws=20)["cpu_calibrated_s"].tolist() == [0.75]


def test_a_table_that_mixes_machines_says_so(make_runs: Any) -> None:
    """Two machines are named with their runs; one machine that was calibrated twice is one."""
    runs = make_runs({"a": np.ones((2, 2))})
    runs["machine"] = ["one; calibration 15 ms"] * 2 + ["one; calibration 16 ms"] * 2
    assert several_machines(runs) == ""
    runs.loc[0, "machine"] = "two"
    assert "2 machines" in several_machines(runs)
    assert "one (3 runs), two (1 runs)" in samples(runs)[0].scope()


def test_this_machine_is_calibrated_in_its_line() -> None:
    """The line of a record holds what the job took here, to three digits."""
    kind, seconds = split_calibration(fingerprint())
    assert "calibration" not in kind
    assert seconds == pytest.approx(calibration_s(), rel=0.01)


def test_a_machine_can_be_named_without_how_fast_it_is() -> None:
    """For records that nobody keeps; the next one has it again."""
    calibrated = fingerprint()
    with without_calibration():
        kind, seconds = split_calibration(fingerprint())
    assert seconds is None
    assert (kind, True) == (split_calibration(calibrated)[0], calibrated == fingerprint())
