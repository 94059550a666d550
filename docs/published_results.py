"""Write everything that shows the published results, from the exports in results/reference.

python docs/published_results.py

That is the page, the tables in Markdown, the pictures, the machine, the findings, what known starts add, and the
leaderboards between the two marks in the README, each of those that have runs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import published_boards
import published_figures
import published_pictures
import starts_table
from findings.published import BUDGETS, LARGE, REFERENCE, Published
from published_boards import Boards

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report import markdown, page
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.results.merge import results_at

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
README = ROOT / "README.md"
MARKS = ("<!-- leaderboard: written by docs/published_results.py -->", "<!-- end of leaderboard -->")


def pictures(results: Results, boards: Boards) -> dict[str, str]:
    """Text of each picture by its file's name; what has no runs yet has no picture."""
    core = boards.get("core", {})
    drawn = {}
    if core.keys() >= BUDGETS.keys():
        by_words = {words: core[budget].table for budget, words in BUDGETS.items()}
        drawn["leaderboard.svg"] = published_pictures.leaderboard(by_words)
        drawn["findings-flips.svg"] = published_pictures.flips(by_words)
    published = Published(results)
    if "scale" in published.suites():
        costs_s = published.costs_s("scale", LARGE)
        drawn["findings-scale.svg"] = published_pictures.scale(costs_s, published.devices())
    return drawn


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
    boards = published_boards.boards_of(results)
    for name, text in pictures(results, boards).items():
        (HERE / name).write_text(text, encoding="utf-8")
    about = json.dumps(machine(results.distinct_runs), indent=2) + "\n"
    (REFERENCE / "machine.json").write_text(about, encoding="utf-8")
    published_figures.PAGE.write_text(published_figures.written(results), encoding="utf-8")
    starts_table.write()
    readme = with_rows(README.read_text(encoding="utf-8"), published_boards.rows(boards))
    README.write_text(readme, encoding="utf-8")
    sys.stdout.write(f"{len(results.distinct_runs)} runs shown\n")


if __name__ == "__main__":
    main()
