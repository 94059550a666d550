"""Tuning finds better parameters where there are any, says what they are worth elsewhere, and can be stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.campaigns.tune import judge_winner, space, tune
from tasklet_bench.bench.plugins import BrokenPlugin
from tasklet_bench.bench.results.store import Store
from tasklet_bench.problems.bad_input import BadInput

TIMID = '''
"""A strategy that uses a share of its budget, by default very little."""
from dataclasses import dataclass, field
from typing import Literal

@dataclass(frozen=True)
class Timid:
    """Random partitions."""
    name = "timid"
    share: float = field(default=0.02, metadata={"low": 0.01, "high": 1.0, "log": True})
    least: int = field(default=1, metadata={"low": 1, "high": 4})
    mood: Literal["calm", "bold"] = "calm"
    pace: str = field(default="even", metadata={"choices": ("even", "odd")})
    label: str = "untouched"

    def __post_init__(self):
        if self.mood == "bold" and self.share < 0.05:
            raise ValueError(f"share is {self.share}, expected at least 0.05 of the bold")

    def search(self, problem, run, rng):
        for _ in range(max(self.least, int(self.share * run.remaining.evaluations))):
            run.evaluate(problem.random(rng))

@dataclass(frozen=True)
class Settled:
    """Nothing to tune."""
    name = "settled"
    depth: int = 3

    def search(self, problem, run, rng):
        run.evaluate(problem.random(rng))
'''
TRAIN = 'name = "half"\nproblems = ["generated/uniform?n=8&dp=2&seed=1", "generated/uniform?n=12&dp=3&seed=1"]\n'
TEST = TRAIN.replace("seed=1", "seed=2").replace("half", "other half")


@pytest.fixture
def timid(tmp_path: Path) -> str:
    """The strategy's target."""
    file = tmp_path / "timid.py"
    file.write_text(TIMID, encoding="utf-8")
    return f"{file}:Timid"


@pytest.fixture
def halves(tmp_path: Path) -> tuple[Path, Path]:
    """Two campaign files of two small instances each."""
    files = tmp_path / "train.toml", tmp_path / "test.toml"
    for file, text in zip(files, (TRAIN, TEST), strict=True):
        file.write_text(text, encoding="utf-8")
    return files


def campaign(file: Path, target: str) -> Campaign:
    """A campaign of one entrant, 100 evaluations, three seeds."""
    from tasklet_bench.bench.runs.budget import Budget

    return campaign_of(str(file), Changes(strategies=(target,), budget=Budget(evaluations=100), seeds=3))


def test_what_can_be_tuned_is_what_is_declared(timid: str) -> None:
    """Numbers with limits, and choices; no other fields, and none that stand in brackets."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    assert space(timid) == {
        "share": FloatDistribution(0.01, 1.0, log=True),
        "least": IntDistribution(1, 4),
        "mood": CategoricalDistribution(("calm", "bold")),
        "pace": CategoricalDistribution(("even", "odd")),
    }
    assert set(space(f"{timid}[share=0.5,mood=bold]")) == {"least", "pace"}
    alike = {"alike_hot", "alike_cold", "alike_stages", "alike_shortest", "alike_growth"}
    known = {"refine", "refine_hot", "refine_cold", "refine_most"}
    own = {"hot", "cold", "credit", "stages", "reversals", "shortest", "growth", "short"}
    assert set(space("annealing")) == own | alike | known
    with pytest.raises(BadInput, match="none to tune"):
        space(timid.replace("Timid", "Settled"))
    with pytest.raises((BadInput, BrokenPlugin), match="nothing of that name"):
        space(timid.replace("Timid", "Bold"))


@pytest.mark.slow
def test_better_parameters_are_found_and_judged_elsewhere(
    timid: str, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    """The default is the first trial; what does not go together is passed over; a second call makes no run again."""
    train, test = (campaign(file, timid) for file in halves)
    with Store(tmp_path / "store", writing=True) as store:
        tuning = tune(timid, train, store, trials=4)
        assert tuning.finished
        assert [trial.number for trial in tuning.trials] == list(range(5))
        assert (tuning.trials[0].entrant, tuning.trials[0].difference) == (tuning.default, 0.0)
        assert (tuning.best.difference or 0.0) < -0.01
        assert tuning.best.entrant.parameters["share"] > 0.02
        assert tuning.best.entrant.parameters["label"] == "untouched"
        duel = judge_winner(tuning, test, store)
        assert duel is not None
        assert duel.overall.n_instances == 2
        assert duel.overall.difference_low <= duel.overall.difference <= duel.overall.difference_high
        assert duel.overall.difference < 0
        rows = len(store.table("runs"))
        assert tune(timid, train, store, trials=4) == tuning
        assert len(store.table("runs")) == rows


def test_it_is_stopped_and_goes_on(timid: str, halves: tuple[Path, Path], tmp_path: Path) -> None:
    """Ctrl-C leaves with status 130 and everything stored; the same command then ends, and its TOML can be planned."""
    out = tmp_path / "tuning"
    words = ["tune", timid, "--trials", "3", "--evaluations", "100", "--seeds", "2", "--json"]
    words += ["--train", str(halves[0]), "--test", str(halves[1]), "--out", str(out)]
    command = [sys.executable, "-c", "from tasklet_bench.bench.cli import main; main()", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        assert first.stderr.readline().startswith("trial 1: ")
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
    assert first.returncode == 130
    with Store(out) as store:
        stored = len(store.table("runs"))
    assert stored >= 8
    second = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ)
    assert second.returncode == 0, second.stderr
    reported = json.loads(second.stdout)
    assert (reported["default"], reported["trials"], reported["finished"]) == ("timid", 3, True)
    planned = campaign_of(reported["file"])
    assert [entrant.name for entrant in planned.entrants] == list(dict.fromkeys(["timid", reported["tuned"]]))
    assert [ref.name for ref, _ in planned.problems] == [ref.name for ref, _ in campaign(halves[1], timid).problems]


def test_what_was_tuned_on_is_not_reported_on(timid: str, halves: tuple[Path, Path], tmp_path: Path) -> None:
    """The same instances on both sides leave nothing to say; that is refused before anything runs."""
    from typer.testing import CliRunner

    from tasklet_bench.bench.commands.app import app

    words = ["tune", timid, "--train", str(halves[0]), "--test", str(halves[0]), "--out", str(tmp_path / "none")]
    refused = CliRunner().invoke(app, words)
    assert isinstance(refused.exception, BadInput)
    assert "only those of --train" in str(refused.exception)


def test_nothing_is_tuned_on_a_base_of_the_report() -> None:
    """Of the suite `train`, the generated instances go, as `test` has others of their kinds; measured tables stay."""
    from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
    from tasklet_bench.bench.commands.plug_ins.tune import _disjoint

    changes = Changes(strategies=("random-grid",))
    train, test = campaign_of("train", changes), campaign_of("test", changes)
    on, at = _disjoint(train, test)
    bases = [{ref.name.partition("?")[0] for ref, _ in campaign.problems} for campaign in (on, at)]
    assert not bases[0] & bases[1]
    assert at.problems == test.problems
    assert 15 < len(on.problems) < len(train.problems)
