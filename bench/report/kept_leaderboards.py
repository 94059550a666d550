"""Leaderboards that were worked out before, kept for as long as all that they are made from is as it was.

They lie where compiled code does, in a folder of this user's alone, one for each folder of results, suite and budget.
Each names the hash of what it was made from (`standing.made_from`): after any change it is worked out again.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.code import private_folder, read_sealed, sealed

if TYPE_CHECKING:
    import pandas as pd


def kept_leaderboard(results: Path, origin: str | None, sample: Sample, champion: str | None) -> pd.DataFrame:
    """The leaderboard of a sample of the results in a folder, worked out unless one of the same origin is there.

    `origin` is what `standing.made_from` says of these results and this champion; None where it cannot be said.
    """
    if origin is None:
        return leaderboard(sample, champion)
    place = hashlib.sha256(f"{results.resolve()}\0{sample.suite_digest}\0{sample.budget}".encode()).hexdigest()
    file = private_folder("leaderboards") / f"{place}.json"
    table = _read(file, origin)
    if table is None:
        table = leaderboard(sample, champion)
        _write(file, origin, table)
    return table


def _read(file: Path, origin: str) -> pd.DataFrame | None:
    import pandas as pd

    content = read_sealed(file)
    kept = {} if content is None else json.loads(content)
    if kept.get("origin") != origin:
        return None
    return pd.DataFrame(kept["columns"]).astype(kept["types"])


def _write(file: Path, origin: str, table: pd.DataFrame) -> None:
    """Keep a table; where that cannot be done, it is worked out again next time."""
    columns = {str(name): column.tolist() for name, column in table.items()}
    types = {str(name): str(kind) for name, kind in table.dtypes.items()}
    draft = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        draft.write_bytes(sealed(json.dumps({"origin": origin, "columns": columns, "types": types}).encode()))
        draft.replace(file)
