"""Write everything that shows the published results, from the exports in results/reference.

python docs/published_results.py

That is the page, the tables in Markdown, the picture, and the rows between the two marks in the README.
"""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
import pandas as pd

from bench.commands.results import results_of
from bench.leaderboard import leaderboard
from bench.merge import results_at
from bench.report import markdown, page
from bench.report.results import Results
from bench.report.wording import percent

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "results" / "reference"
PICTURE = Path(__file__).parent / "leaderboard.svg"
README = ROOT / "README.md"
MARKS = ("<!-- leaderboard: written by docs/published_results.py -->", "<!-- end of leaderboard -->")
SUITE = "core"
BUDGETS = {"1000-evaluations": "1,000 evaluations", "2-cpu-seconds": "2 CPU seconds"}
SMALLEST_SHOWN = 0.002
"""Excess at which the picture's logarithmic scale begins."""


def boards(results: Results) -> dict[str, pd.DataFrame]:
    """The leaderboard of each of the two budgets, by the budget's name."""
    samples = {sample.budget: sample for sample in results.samples if sample.suite == SUITE}
    return {budget: leaderboard(samples[budget], results.champions.get(SUITE)) for budget in BUDGETS}


def readme_rows(tables: dict[str, pd.DataFrame]) -> str:
    """Both leaderboards side by side, as a table in Markdown, in the order of the latter's ranks."""
    by_budget = {budget: table.set_index("strategy") for budget, table in tables.items()}
    order = by_budget[list(BUDGETS)[-1]].index
    heads = [f"{words}: mean rank (95 %) | cost above the best known" for words in BUDGETS.values()]
    lines = [f"| strategy | {' | '.join(heads)} |", "| --- |" + " ---: |" * 4]
    for name in order:
        cells = [cell for table in by_budget.values() for cell in _cells(table, name)]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(table: pd.DataFrame, name: str) -> tuple[str, str]:
    if name not in table.index:
        return "–", "–"
    row = table.loc[name]
    rank = f"{row['mean_rank']:.2f} ({row['mean_rank_low']:.2f}–{row['mean_rank_high']:.2f})"
    return rank, percent(row["excess"])


def picture(tables: dict[str, pd.DataFrame]) -> alt.LayerChart:
    """Excess over the best known cost of each strategy with its 95 % interval, under both budgets."""
    frame = pd.concat([table.assign(budget=BUDGETS[budget]) for budget, table in tables.items()], ignore_index=True)
    for column in ("excess", "excess_low", "excess_high"):
        frame[column] = frame[column].clip(lower=SMALLEST_SHOWN)
    order = tables[list(BUDGETS)[-1]]["strategy"].tolist()
    scale = alt.Scale(type="log", domain=[SMALLEST_SHOWN, float(frame["excess_high"].max()) * 1.1], nice=False)
    ticks = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
    base = alt.Chart(frame, width=520, height=26 * len(order)).encode(
        alt.Y("strategy:N", sort=order, title=None, axis=alt.Axis(labelLimit=240)),
        alt.YOffset("budget:N", sort=list(BUDGETS.values())),
        alt.Color("budget:N", sort=list(BUDGETS.values()), title=None).legend(orient="top"),
    )
    title = "cost above the best known: interquartile mean over the instances of core, with its 95 % interval"
    axis = alt.Axis(format="~%", values=ticks)
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        alt.X("excess_low:Q", scale=scale, title=title, axis=axis), alt.X2("excess_high:Q")
    )
    return whiskers + base.mark_point(filled=True, size=60, opacity=1).encode(alt.X("excess:Q", scale=scale))


def with_rows(readme: str, rows: str) -> str:
    """The README with the rows between its marks."""
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n{rows}\n{MARKS[1]}{after}"


def main() -> None:
    """Read the exports once, and write what shows them."""
    with results_at(REFERENCE) as store:
        results = results_of(store)
    page.write(results, REFERENCE / "report.html")
    (REFERENCE / "leaderboard.md").write_text(markdown.render(results), encoding="utf-8")
    tables = boards(results)
    picture(tables).save(PICTURE)
    README.write_text(with_rows(README.read_text(encoding="utf-8"), readme_rows(tables)), encoding="utf-8")
    sys.stdout.write(f"{len(results.distinct_runs)} runs shown\n")


if __name__ == "__main__":
    main()
