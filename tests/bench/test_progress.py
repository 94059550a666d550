"""Progress says how far a campaign is, how long it will take, what failed and who leads."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tasklet_bench.bench.campaigns import progress as progress_module
from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.estimate import OVERHEAD_S, START_S, _whole_s, expectation
from tasklet_bench.bench.campaigns.progress import Progress, duration
from tasklet_bench.bench.campaigns.runner import conduct, plan
from tasklet_bench.bench.engines.events import Finished, Planned, Started
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.execution.outcome import build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

PROBLEM = catalogue.load("paper/regional")
CAMPAIGN = Campaign(
    suite="s",
    suite_digest="d",
    problems=((problem_ref(PROBLEM), PROBLEM.family),),
    entrants=(entrant("aligned"), entrant("megatron"), entrant("random-grid")),
    budgets=(Budget(evaluations=5),),
    seeds=(0,),
)


def _finished(name: str, cost_s: float | None, status: str = "ok") -> Finished:
    spec = replace(next(CAMPAIGN.specs()), entrant=entrant(name))
    return Finished(replace(build_record(spec, ReceivedMessages(), None), status=status, cost_s=cost_s))


def _console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=120)


def test_plain_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs done of all, those of earlier included; failures; the leader; and no control characters."""
    monkeypatch.setattr(progress_module, "LINE_EVERY_S", 0.0)
    console = _console(terminal=False)
    with Progress(console) as progress:
        progress(Planned(total=10, done=4))
        progress(_finished("aligned", 5.0))
        progress(_finished("megatron", 7.0))
        progress(_finished("random-grid", 1.0, "crashed"))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("4/10 runs")
    assert lines[-1].startswith("7/10 runs, about ")
    assert lines[-1].endswith(" left, 1 failed, aligned leads on 1 of 1")
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_bar_on_a_terminal() -> None:
    """It shows the whole campaign."""
    console = _console(terminal=True)
    with Progress(console) as progress:
        progress(Planned(total=3, done=1))
        progress(_finished("aligned", 5.0))
        progress(_finished("megatron", None, "crashed"))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "3/3" in shown
    assert "1 failed" in shown


def test_interrupted_runs_do_not_count() -> None:
    """They are neither done nor failed."""
    progress = Progress(_console(terminal=False))
    progress(Planned(total=3, done=0))
    progress(_finished("aligned", 5.0, "interrupted"))
    assert progress.left_s is None
    assert progress.news == ""


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_said_in_words(seconds: float, said: str) -> None:
    """In the two largest units."""
    assert duration(seconds) == said


def test_the_expected_time_is_right_within_a_factor_of_two(tmp_path: Path) -> None:
    """From trial runs before anything is known, and from the store afterwards; runs of 50 ms are the yardstick."""
    burns = f"{Path(__file__).parent / 'faulty.py'}:burns_50_ms"
    campaign = replace(CAMPAIGN, entrants=(entrant(burns),), seeds=tuple(range(30)))
    with Store(tmp_path, writing=True) as store:
        specs, _ = plan(campaign, store)
        guessed = expectation(specs, workers=1)
        conduct(campaign, store, workers=1)
        measured = expectation(specs, store, workers=1)
        taken_s = sum(seconds for *_, seconds in store.durations())
    assert guessed.trials == 1
    assert measured.trials == 0
    assert taken_s / 2 < guessed.seconds - START_S - 30 * OVERHEAD_S < taken_s * 2
    assert taken_s * 0.99 < measured.seconds - START_S - 30 * OVERHEAD_S < taken_s * 1.01


def test_nothing_to_do_takes_no_time() -> None:
    """An empty plan needs no trial."""
    assert expectation([]).seconds == 0.0


def test_compiling_once_does_not_stretch_the_time_left() -> None:
    """Nothing is said before one run in twenty has ended, and a first run that compiled for long is not the pace."""
    progress = Progress(_console(terminal=False))
    progress(Planned(total=100, done=0))
    slow = _finished("aligned", 5.0)
    progress(replace(slow, record=replace(slow.record, prepare_s=100.0)))
    assert progress.left_s is None
    progress._start -= 100.0
    for _ in range(9):
        progress(_finished("aligned", 5.0))
    assert progress.left_s is not None
    assert progress.left_s < 100.0


def test_compiling_is_said_once_and_is_not_in_the_time_left() -> None:
    """Where there is no terminal, one line says what takes so long, and the clock of the runs begins with the first."""
    console = _console(terminal=False)
    progress = Progress(console)
    progress(Planned(total=10, done=0))
    progress(Compiling(0, 8, 24.4))
    progress(Compiling(1, 8, 20.0))
    progress._start -= 1000.0
    progress(Started(next(CAMPAIGN.specs())))
    progress(_finished("aligned", 5.0))
    assert console.file.getvalue() == "compiling once for this machine, about 24 s (0 of 8 done)\n"  # type: ignore[attr-defined]
    assert progress.left_s is not None
    assert progress.left_s < 100.0


def test_the_time_left_knows_who_is_slow() -> None:
    """Quick runs that came first do not set the pace of slow ones: what is left counts, kind by kind."""
    quick, slow = (
        replace(done, record=replace(done.record, wall_s=wall_s, prepare_s=0.0))
        for done, wall_s in ((_finished("aligned", 5.0), 0.1), (_finished("megatron", 5.0), 10.0))
    )
    progress = Progress(_console(terminal=False))
    progress(Planned.of(100, [*[quick.record.spec] * 50, *[slow.record.spec] * 50]))
    progress._start -= 50 * 0.1 + 10.0
    for done in [*[quick] * 50, slow]:
        progress(done)
    assert progress.left_s == pytest.approx(49 * 10.0, rel=0.01)


def test_a_search_that_slows_down_is_foreseen() -> None:
    """Where the n-th evaluation takes n times the first, twice the evaluations are four times the seconds."""
    short, long = (
        replace(_finished("tpe", 5.0).record, evaluations=n, cpu_s=n**2 * 2e-4, wall_s=n**2 * 2e-4, prepare_s=0.0)
        for n in (50, 100)
    )
    assert _whole_s(Budget(evaluations=200), short, long) == pytest.approx(8.0 + OVERHEAD_S)
    assert _whole_s(Budget(evaluations=200, cpu_s=4.0), short, long) == pytest.approx(4.0 + OVERHEAD_S)
