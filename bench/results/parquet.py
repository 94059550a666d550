"""One table of an export, read with care: an export can be somebody else's, an edited one, or half a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.results.contents import check_columns
from tasklet_bench.bench.results.migrations import is_of_schema_1, upgrade_table
from tasklet_bench.bench.results.schema import COLUMNS, FIELDS, TABLE_COLUMNS
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

LARGEST_BYTES = 2**29
"""Of a table as the file says that it unpacks to."""
MOST_VALUES = 2**27
"""Rows × columns: repeated values take next to nothing in the file, and eight bytes each here."""
_TRAJECTORIES = {"key": "TEXT", "attempt": "INTEGER", **dict.fromkeys(FIELDS, "REAL"), "evaluations": "INTEGER"}


def read(path: Path, table: str) -> pd.DataFrame:
    """The table in the columns of the present schema; raises `BadInput` that names the file."""
    import pyarrow as pa

    if not path.is_file():
        raise BadInput(f"{path}: no such file, expected a table of an export")
    try:
        return _checked(_read(path), str(path), table)
    except BadInput:
        raise
    except MemoryError:
        raise BadInput(f"{path}: needs more memory than there is") from None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, ArithmeticError, UnicodeError) as error:
        raise BadInput(f"{path}: damaged, or no table of an export: {_first_line(error)}") from None
    except RecursionError:
        raise BadInput(f"{path}: damaged, or no table of an export: nested too deeply") from None


def _read(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    with pq.ParquetFile(
        path, thrift_string_size_limit=2**24, thrift_container_size_limit=2**20, page_checksum_verification=True
    ) as file:
        about = file.metadata
        unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        if about.num_columns > 2 * len(COLUMNS):
            raise BadInput.at(str(path), "columns", about.num_columns, f"at most {2 * len(COLUMNS)}")
        if not 0 <= unpacked <= LARGEST_BYTES or about.num_rows * about.num_columns > MOST_VALUES:
            result = f"{about.num_rows:,} rows, {unpacked:,} bytes"
            raise BadInput.at(str(path), "size", result, f"at most {LARGEST_BYTES:,} bytes, {MOST_VALUES:,} values")
        frame: pd.DataFrame = file.read(use_threads=False).to_pandas(ignore_metadata=True)
    return frame


def _checked(frame: pd.DataFrame, source: str, table: str) -> pd.DataFrame:
    import pandas as pd

    frame = frame[[name for name in frame.columns if not str(name).startswith("__index_level")]]
    if table != "trajectories":
        if is_of_schema_1(table, frame):
            frame = upgrade_table(table, frame)
        check_columns(source, table, map(str, frame.columns), TABLE_COLUMNS[table])
        return frame[list(TABLE_COLUMNS[table])]
    check_columns(source, table, map(str, frame.columns), _TRAJECTORIES)
    for name, kind in _TRAJECTORIES.items():
        values: pd.Series[Any] = frame[name]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        if not (kind == "TEXT" or numeric or values.empty):
            raise BadInput.at(source, f"column {name}", str(values.dtype), "numbers")
        if kind == "INTEGER" and not ((values >= 0) & (values < 2**53) & (values % 1 == 0)).all():
            raise BadInput.at(source, f"column {name}", "others", "whole numbers of at least 0")
        if kind == "TEXT" and not values.map(lambda value: isinstance(value, str)).all():
            raise BadInput.at(source, f"column {name}", "others", "texts")
    return frame


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
