"""What was stored by earlier versions, as the tables of the present schema.

Schema 1 had columns for the two parts of the formal cost and for a grid; since schema 2 a record keeps parts by name
and the candidate as its problem writes it, and names the libraries that its key counts. Rows keep their keys: they
stay the results of the code that made them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.results.schema import COLUMNS, SCHEMA
from tasklet_bench.problems.families import ROOMS

if TYPE_CHECKING:
    import pandas as pd

FIRST_SCHEMA = 1
_FAMILY = "allocation"


def upgrade_run(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `runs` of schema 1 as one of the present schema."""
    from tasklet_bench.bench.runs.canonical import canonical_json

    parts_s = {name: row[name] for name in ("data_parallel_s", "pipeline_s") if row[name] is not None}
    added = {
        "libraries": "{}",
        "parts_s": canonical_json(parts_s),
        "candidate": None if row["allocation"] is None else f'{{"grid":{row["allocation"]}}}',
        "start": None,
        "refused": 0,
        "flags": "[]",
    }
    return {name: added.get(name, row.get(name)) for name in COLUMNS}


def upgrade_instance(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `instances` of schema 1; facts and kinds were not kept then."""
    prefix = str(row["name"]).partition("/")[0]
    return {**row, "family": prefix if prefix in ROOMS else _FAMILY, "facts": "{}", "kinds": "{}"}


UPGRADES = {"runs": upgrade_run, "instances": upgrade_instance}


def upgrade_table(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table of an export of schema 1 as one of the present schema; one of the present schema stays as it is."""
    import pandas as pd

    if name not in UPGRADES or "parts_s" in table.columns or "facts" in table.columns:
        return table
    plain = table.astype(object).where(table.notna(), None)
    rows = ({str(column): value for column, value in row.items()} for row in plain.to_dict("records"))
    return pd.DataFrame([UPGRADES[name](row) for row in rows])


def migrate(old: sqlite3.Connection, path: Path | None) -> sqlite3.Connection:
    """Copy a store of schema 1 into a new one at `path`, or in memory where that is None."""
    new = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
    new.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    new.execute("BEGIN")
    for name in ("runs", "trajectories", "instances", "suites"):
        cursor = old.execute(f"SELECT * FROM {name}")  # noqa: S608 - one of four names
        columns = [column[0] for column in cursor.description]
        upgrade = UPGRADES.get(name, dict)
        _insert(new, name, (upgrade(dict(zip(columns, row, strict=True))) for row in cursor))
    new.execute("COMMIT")
    return new


def _insert(db: sqlite3.Connection, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
