"""Write everything that shows the published results, from the exports in results/reference.

python docs/published_results.py

That is the page, the tables in Markdown, the pictures, the machine, and the rows between the two marks in the README.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import published_pictures
from published_figures import REFERENCE, device_counts, entry, median_costs

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report import markdown, page
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.results.merge import results_at
from tasklet_bench.bench.stats.leaderboard import leaderboard

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
README = ROOT / "README.md"
MARKS = ("<!-- leaderboard: written by docs/published_results.py -->", "<!-- end of leaderboard -->")
SUITE = "core"
BUDGETS = {"1000-evaluations": "1,000 evaluations", "2-cpu-seconds": "2 CPU seconds"}


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
    return rank, percent(entry(table, name, "excess"))


def machine(runs: pd.DataFrame) -> dict[str, object]:
    """Where and with what the runs were made; a value that differs among them is a list."""

    def of(column: str) -> list[str]:
        return sorted(runs[column].unique().tolist())

    versions = [json.loads(text) for text in of("versions")]
    return {
        "machine": of("machine"),
        "versions": versions[0] if len(versions) == 1 else versions,
        "timing": of("timing_mode"),
        "first_run": runs["started_at"].min(),
        "last_run": runs["started_at"].max(),
        "runs": len(runs),
        "cpu_hours": round(float(runs["cpu_s"].sum()) / 3600, 2),
    }


def with_rows(readme: str, rows: str) -> str:
    """The README with the rows between its marks."""
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n{rows}\n{MARKS[1]}{after}"


def main() -> None:
    """Read the exports once, and write what shows them."""
    with results_at(REFERENCE) as store:
        results = results_of(store, verify=True)
    page.write(results, REFERENCE / "report.html")
    (REFERENCE / "leaderboard.md").write_text(markdown.render(results), encoding="utf-8")
    tables = boards(results)
    by_words = {BUDGETS[budget]: table for budget, table in tables.items()}
    (HERE / "leaderboard.svg").write_text(published_pictures.leaderboard(by_words), encoding="utf-8")
    (HERE / "findings-flips.svg").write_text(published_pictures.flips(by_words), encoding="utf-8")
    (large,) = (sample for sample in results.samples if sample.suite == "scale")
    text = published_pictures.scale(median_costs(large), device_counts(results))
    (HERE / "findings-scale.svg").write_text(text, encoding="utf-8")
    about = json.dumps(machine(results.distinct_runs), indent=2) + "\n"
    (REFERENCE / "machine.json").write_text(about, encoding="utf-8")
    README.write_text(with_rows(README.read_text(encoding="utf-8"), readme_rows(tables)), encoding="utf-8")
    sys.stdout.write(f"{len(results.distinct_runs)} runs shown\n")


if __name__ == "__main__":
    main()
