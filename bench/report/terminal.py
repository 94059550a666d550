"""The leaderboard, and a comparison of two, in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from tasklet_bench.bench.report.ranking import Ranking
from tasklet_bench.bench.report.summary import verdict_sentence
from tasklet_bench.bench.report.wording import percent

if TYPE_CHECKING:
    from tasklet_bench.bench.stats.compare import Duel

_SIGNS = {
    "better": ("▲ better", "green"),
    "worse": ("▼ worse", "red"),
    "practically equal": ("= equal", ""),
    "not separated": ("? unclear", "dim"),
    "": ("–", "dim"),
}


@dataclass(frozen=True)
class _Leaderboard:
    """Renders itself to the width that there is: figures that can be missed leave first, the names stay."""

    ranking: Ranking

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows, highlighted = self.ranking.rows, {own for own, _ in self.ranking.places}
        room = options.max_width - max((len(row["strategy"]) for row in rows), default=0)
        columns = [
            column for column in _COLUMNS if room >= column.room and (column.shown is None or column.shown(rows))
        ]
        shown = _table(f"{self.ranking.suite} · {self.ranking.budget}")
        shown.add_column("", justify="right")
        shown.add_column("strategy", overflow="fold", min_width=min(20, options.max_width // 3))
        for column in columns:
            shown.add_column(column.title, justify="left" if column.words else "right", no_wrap=True)
        for place, row in enumerate(rows, start=1):
            cells = [column.cell(row) for column in columns]
            own = row["strategy"] in highlighted
            style = "bold cyan" if own else "bold" if place == 1 else ""
            shown.add_row(f"▶ {place}" if own else str(place), Text(row["strategy"]), *cells, style=style)
        yield shown
        for _, sentence in self.ranking.places:
            yield Text(sentence)
        yield Text(" ".join(filter(None, [self.ranking.too_few, self.ranking.scope])), style="dim")


def render(ranking: Ranking) -> RenderableType:
    """The leaderboard as a rich renderable, with what it rests on beneath it; own entrants stand out among others."""
    return _Leaderboard(ranking)


def render_duel(duel: Duel) -> Group:
    """Two entrants per instance and overall."""
    a, b = duel.overall.a, duel.overall.b
    shown = _table(f"{a} against {b} · {duel.sample.suite} · {duel.sample.budget}")
    shown.add_column("instance", overflow="fold")
    for heading in (a, b, "difference"):
        shown.add_column(Text(heading), justify="right")
    shown.add_column("")
    for row in duel.instances.to_dict("records"):
        style = {"win": "green", "loss": "red", "tie": "dim"}[row["outcome"]]
        costs = [_cost(row[f"{side}_s"], row[f"{side}_failed"]) for side in ("a", "b")]
        shown.add_row(Text(row["problem"]), *costs, percent(row["difference"]), Text(row["outcome"], style=style))
    return Group(shown, *_overall(duel), Text(duel.sample.scope(), style="dim"))


def _table(title: str) -> Table:
    return Table(
        title=Text(title), title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold"
    )


def _failed(row: dict[Any, Any]) -> Text:
    return Text(f"{row['failed']} of {row['runs']}", style="red") if row["failed"] else Text("–")


def _flagged(row: dict[Any, Any]) -> Text:
    return Text(f"{row['flagged']} of {row['runs']}", style="yellow") if row["flagged"] else Text("–")


def _verdict(key: str) -> Callable[[dict[Any, Any]], Text]:
    return lambda row: Text(*_SIGNS[row[key]])


@dataclass(frozen=True)
class _Column:
    """A column, where there is `room` beside the names and the table is one that it is `shown` for."""

    title: str
    cell: Callable[[dict[Any, Any]], Text]
    room: int = 0
    words: bool = False
    shown: Callable[[list[dict[str, Any]]], bool] | None = None


def _any_in(column: str) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda rows: any(row[column] for row in rows)


_COLUMNS = (
    _Column("start", lambda row: Text(row["start"]), 80, True, lambda rows: len({row["start"] for row in rows}) > 1),
    _Column("mean rank", lambda row: Text(f"{row['mean_rank']:.2f}")),
    _Column("95 %", lambda row: Text(f"{row['mean_rank_low']:.2f}–{row['mean_rank_high']:.2f}"), room=65),
    _Column("median excess", lambda row: Text(percent(row["excess_median"])), room=42),
    _Column("score", lambda row: Text(f"{row['score']:.3f}"), room=50),
    _Column("wins", lambda row: Text(str(row["wins"]))),
    _Column("failed", _failed),
    _Column("flagged", _flagged, shown=_any_in("flagged")),
    _Column("CPU s", lambda row: Text(f"{row['cpu_s']:.2f}"), room=73),
    _Column("vs champion", _verdict("vs_champion"), 106, True, _any_in("vs_champion")),
    _Column("vs Megatron", _verdict("vs_megatron"), 94, True, _any_in("vs_megatron")),
)


def _cost(cost_s: float, failed: bool) -> Text:
    return Text("failed", style="red") if failed else Text(f"{cost_s:.6g} s")


def _overall(duel: Duel) -> list[RenderableType]:
    overall = duel.overall
    row = {**vars(overall), "strategy": overall.a, "against": overall.b, "verdict": duel.verdict}
    chance = f"{overall.p_improvement:.2f} (95 % {overall.p_improvement_low:.2f} to {overall.p_improvement_high:.2f})"
    lines = [
        verdict_sentence({**row, "p_holm": overall.p_value, "family": 1}),
        f"On the same instance, a run of {overall.a} beats one of {overall.b} with probability {chance}.",
    ]
    if duel.posterior is not None:
        lines.append(
            f"Bayesian signed rank: {overall.a} cheaper with probability {duel.posterior.first:.3f}, "
            f"practically equal {duel.posterior.equal:.3f}, {overall.b} cheaper {duel.posterior.second:.3f}."
        )
    return [Text(""), *map(Text, lines)]
