"""How a campaign is going, for people: a bar with time left, failures and the leader; plain lines where there is none.

>>> # with Progress() as progress:
>>> #     conduct(campaign, store, on_event=progress)
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from statistics import fmean, median
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from tasklet_bench.bench.engines.events import Event, Finished, Kind, Planned, Started, kind
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.tolerances import SAME_COST

LINE_EVERY_S = 10.0
"""Between two plain lines."""
REFRESH_PER_S = 2.0
TELLING_SHARE = 0.05
"""No time left is reported before this share of the runs has been made."""


class Progress:
    """Listens to an engine's events and shows where the campaign is, on standard error unless set otherwise."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bars: Bars | None = None
        self._standing = _Standing()
        self._total = self._before = self._made = self._failed = 0
        self._start = self._last_line = time.monotonic()
        self._begun = self._compiling = False
        self._left: Counter[Kind] = Counter()
        self._prepared_s: list[float] = []
        self._searched_s: dict[Kind, list[float]] = defaultdict(list)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars = Bars(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                _TimeLeft(self),
                TextColumn("{task.fields[news]}"),
                console=self._console,
                refresh_per_second=REFRESH_PER_S,
            )
            self._task = self._bars.add_task("runs", total=None, news="")
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
        elif self._made:
            self._line()

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, Planned):
            self._total, self._before = event.total, event.done
            self._left = Counter(event.to_make)
            self._show()
        elif isinstance(event, Compiling):
            self._show_compiling(event)
        elif isinstance(event, Started) and not self._begun:
            self._begun, self._start = True, time.monotonic()
            self._show_compiling(None)
        elif isinstance(event, Finished) and event.record.status != "interrupted":
            self._made += 1
            self._failed += event.record.status != "ok"
            self._standing.add(event.record)
            self._prepared_s.append(event.record.prepare_s or 0.0)
            self._searched_s[kind(event.record.spec)].append(event.record.wall_s)
            self._left[kind(event.record.spec)] -= 1
            self._show()

    @property
    def left_s(self) -> float | None:
        """Seconds left if runs to come take as long as those of their kind did, compiling left out.

        None while too few runs have ended to tell.
        """
        to_make = self._total - self._before - self._made
        if self._made < max(1, TELLING_SHARE * (to_make + self._made)):
            return None
        elapsed_s = time.monotonic() - self._start
        searched_s = sum(map(sum, self._searched_s.values()))
        spent_s = sum(self._prepared_s) + searched_s
        if spent_s <= 0:
            return elapsed_s / self._made * to_make
        to_spend_s = to_make * median(self._prepared_s) + self._to_search_s(to_make, searched_s / self._made)
        return elapsed_s * to_spend_s / spent_s

    def _to_search_s(self, runs: int, mean_s: float) -> float:
        """Seconds that so many runs to come will search, one after the other; those of a new kind for the mean."""
        seconds = mean_s * runs
        for known, searched_s in self._searched_s.items():
            seconds += max(0, self._left[known]) * (fmean(searched_s) - mean_s)
        return seconds

    @property
    def news(self) -> str:
        """Failures so far and the current leader, in words."""
        failed = f"{self._failed} failed" if self._failed else ""
        return ", ".join(filter(None, (failed, self._standing.leader())))

    def _show_compiling(self, event: Compiling | None) -> None:
        """Say that code is compiled, once or as often as plain lines come; None when it is done."""
        if self._bars is not None:
            self._bars.update(self._task, description="runs" if event is None else str(event))
        elif event is not None and not (self._compiling and time.monotonic() - self._last_line < LINE_EVERY_S):
            self._compiling, self._last_line = True, time.monotonic()
            self._console.print(str(event), highlight=False, markup=False)

    def _show(self) -> None:
        if self._bars is not None:
            done = self._before + self._made
            self._bars.update(self._task, total=self._total, completed=done, news=self.news)
        elif time.monotonic() - self._last_line >= LINE_EVERY_S:
            self._line()

    def _line(self) -> None:
        self._last_line = time.monotonic()
        left_s = self.left_s
        left = "" if left_s is None or left_s == 0 else f"about {duration(left_s)} left"
        done = f"{self._before + self._made}/{self._total} runs"
        self._console.print(", ".join(filter(None, (done, left, self.news))), highlight=False, markup=False)


def duration(seconds: float) -> str:
    """Seconds in words: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


class _TimeLeft(ProgressColumn):
    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def render(self, task: Task) -> Text:  # noqa: ARG002 - the interface is rich's
        left_s = self._progress.left_s
        return Text("" if left_s is None else f"{duration(left_s)} left")


class _Standing:
    """Who leads: whose mean cost over seeds is the lowest, on how many of the instances (with each budget)."""

    def __init__(self) -> None:
        self._costs_s: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._best: dict[tuple[str, str], set[str]] = {}

    def add(self, record: RunRecord) -> None:
        spec = record.spec
        instance = (spec.problem.digest, spec.budget.name)
        cost_s = record.cost_s if record.status == "ok" and record.cost_s is not None else float("inf")
        costs_s = self._costs_s[instance]
        costs_s[spec.entrant.name].append(cost_s)
        means_s = {name: sum(values) / len(values) for name, values in costs_s.items()}
        lowest_s = min(means_s.values())
        self._best[instance] = {name for name, mean_s in means_s.items() if mean_s <= _as_low_as(lowest_s)}

    def leader(self) -> str:
        """The leader so far in words; empty while nobody has a rival."""
        if not any(len(costs_s) > 1 for costs_s in self._costs_s.values()):
            return ""
        wins = Counter(name for names in self._best.values() for name in names)
        name, times = wins.most_common(1)[0]
        return f"{name} leads on {times} of {len(self._best)}"


def _as_low_as(lowest_s: float) -> float:
    """Up to which mean cost an entrant is as good as the best; infinite where all have failed."""
    return lowest_s + SAME_COST * abs(lowest_s)
