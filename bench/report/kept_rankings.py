"""What `run` prints of results, kept for as long as all that it was worked out from is as it was.

It lies where compiled code does, in a folder of this user's alone: one file for each folder of results, suite and set
of budgets. Each names the hash of what it was made from (`standing.made_from`); after any change it counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tasklet_bench.bench.report.ranking import Ranking
from tasklet_bench.problems.code import private_folder, read_sealed, sealed


@dataclass(frozen=True)
class Summary:
    """The rankings of the budgets in question, and sentences on what is better than the best known."""

    rankings: tuple[Ranking, ...]
    news: tuple[str, ...]


def place_of(results: Path, suite_digest: str, budgets: Sequence[str]) -> Path:
    """The file for these results of a folder, whether it is there or not."""
    asked = "\0".join([str(results.resolve()), suite_digest, *budgets])
    return private_folder("rankings") / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"


def read(place: Path, origin: str | None) -> Summary | None:
    """What was kept of results of this origin; None where nothing was, or the origin is not known."""
    content = read_sealed(place)
    kept = {} if content is None else json.loads(content)
    if origin is None or kept.get("origin") != origin:
        return None
    rankings = (Ranking(**{**ranking, "places": tuple(map(tuple, ranking["places"]))}) for ranking in kept["rankings"])
    return Summary(tuple(rankings), tuple(kept["news"]))


def keep(place: Path, origin: str | None, summary: Summary) -> None:
    """Keep what there is to print of results; where that cannot be done, it is worked out again next time."""
    if origin is None:
        return
    draft = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        draft.write_bytes(sealed(json.dumps({"origin": origin, **asdict(summary)}).encode()))
        draft.replace(place)
