"""Write the table of docs/starts.md: what a known start adds to each search, from the runs in results/starts.

python docs/starts_table.py
"""

from __future__ import annotations

import re
from pathlib import Path

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.results.merge import results_at
from tasklet_bench.bench.stats.excess import excess_table
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.stats.starts import starts_table

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "results" / "starts"
PAGE = ROOT / "docs" / "starts.md"
_TABLE = re.compile(r"(<!-- starts: written by docs/starts_table.py -->\n).*?(<!-- end of starts -->)", re.DOTALL)


def table_of(sample: Sample) -> str:
    """One budget's table as Markdown, with the entrants that have no partner beneath."""
    excess = excess_table(sample)
    pairs = starts_table(excess)
    alone = [name for name in excess.index if name not in pairs.index and not name.endswith("start=known]")]
    rows = [
        f"| `{name}` | {percent(row['own'])} | {percent(row['known'])} | {percent(row['gain'])} |"
        for name, row in pairs.sort_values("known").iterrows()
    ]
    rows += [f"| `{name}` | {percent(excess['excess'][name])} | – | – |" for name in sorted(alone)]
    head = ["| search | from its own start | from a known start | difference |", "| --- | ---: | ---: | ---: |"]
    seeds = f"{len(sample.seeds)} seed{'s' if len(sample.seeds) > 1 else ''}"
    title = f"{sample.budget}, {len(sample.instances)} instances × {seeds}:"
    return "\n".join([title, "", *head, *rows])


def tables() -> str:
    """The tables of all budgets."""
    with results_at(RUNS) as store:
        results = results_of(store)
    return "\n\n".join(table_of(sample) for sample in results.samples)


def written(text: str) -> str:
    """The page with the tables in their place."""
    return _TABLE.sub(lambda match: f"{match[1]}\n{tables()}\n\n{match[2]}", text)


def write() -> None:
    """Write the page anew: its excesses also change where a best known cost does."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
