"""What was stored by earlier versions, as the tables of the present schema.

Schema 1 had columns for the two parts of the formal cost and for a grid; since schema 2 a record keeps parts by name
and the candidate as its problem writes it, and names the libraries that its key counts. Rows keep their keys: they
stay the results of the code that made them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.results.database import Database
from tasklet_bench.bench.results.schema import COLUMNS, SCHEMA, TABLE_COLUMNS
from tasklet_bench.problems.bad_input import BadInput
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


def is_of_schema_1(name: str, table: pd.DataFrame) -> bool:
    """Whether a table of an export has the columns that make it one of schema 1."""
    own = {"runs": ("allocation", "data_parallel_s", "pipeline_s"), "instances": ("digest", "name")}.get(name)
    return own is not None and set(own) <= set(table.columns) and not {"parts_s", "facts"} & set(table.columns)


def upgrade_table(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table of an export of schema 1 as one of the present schema."""
    import pandas as pd

    plain = table.astype(object).where(table.notna(), None)
    rows = ({str(column): value for column, value in row.items()} for row in plain.to_dict("records"))
    return pd.DataFrame([UPGRADES[name](row) for row in rows])


def migrate(old: Database, new: Database) -> None:
    """Copy a store of schema 1 into an empty file, or into memory; raises `BadInput` if its tables are others."""
    new.script(f"BEGIN; {SCHEMA} COMMIT;")
    with new.transaction():
        for name, columns in TABLE_COLUMNS.items():
            result = old.columns(name)
            upgrade = UPGRADES.get(name, dict)
            listed, marks = ", ".join(columns), ", ".join("?" * len(columns))
            for row in old.rows(f"SELECT * FROM {name} ORDER BY rowid"):  # noqa: S608 - one of four names
                try:
                    upgraded = upgrade(dict(zip(result, row, strict=True)))
                    values = [upgraded[column] for column in columns]
                    new.write(f"INSERT INTO {name} ({listed}) VALUES ({marks})", values)  # noqa: S608
                except (KeyError, ValueError, TypeError, sqlite3.IntegrityError) as fault:
                    raise BadInput(f"{old.source}: table {name}: no table of schema 1: {fault!r}") from None
