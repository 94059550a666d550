"""A leaderboard as plain data: what a terminal or JSON shows of it, without the runs that it was worked out from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.report.summary import place_sentence, too_few_instances

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.stats.sample import Sample


@dataclass(frozen=True)
class Ranking:
    """One suite and budget: a row for each entrant, best first, and what the figures rest on in words.

    `rows` are those of `stats.leaderboard`, without NumPy's types. `too_few`: a sentence where there are too few
    instances for a verdict. `places`: for each entrant that stands out, its name and in words where it stands.
    """

    suite: str
    budget: str
    rows: list[dict[str, Any]]
    scope: str
    too_few: str = ""
    places: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, table: pd.DataFrame, sample: Sample, highlighted: Collection[str] = ()) -> Ranking:
        """The ranking that the leaderboard `table` of a sample is; `highlighted` entrants stand out."""
        rows = [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]
        own = [row["strategy"] for row in rows if row["strategy"] in highlighted]
        places = tuple((name, place_sentence(name, table)) for name in own)
        return cls(sample.suite, sample.budget, rows, sample.scope(), too_few_instances(table, sample), places)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
