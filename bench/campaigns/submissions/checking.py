"""Check a submission: nothing in it is trusted, and its code runs only where it is asked to run again."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tasklet_bench.bench.campaigns.submissions.form import EXPORT_NAME, FILE_NAME, Submission, read_submission
from tasklet_bench.bench.campaigns.submissions.paths import machine_paths
from tasklet_bench.bench.plugins.code_identity import plugin_identity
from tasklet_bench.bench.plugins.files import file_of
from tasklet_bench.bench.results.repeatable import repeatable
from tasklet_bench.bench.results.schema import TABLE_COLUMNS
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.bench.stats.doubts import doubts

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store

RERUN_SHARE = 0.1
"""Share of the runs that evaluations ended, drawn by a seed, which are made again."""
_TEXT_FILES = (".py", ".pyi", ".toml", ".md", ".json", ".txt")
_MOST_TEXT_BYTES = 1 << 20


@dataclass(frozen=True)
class Checked:
    """What one thing that was looked at came to; `said` is a sentence."""

    what: str
    status: Literal["holds", "refused", "remark"]
    said: str


Rerun = Callable[["Store", "pd.DataFrame", str], list[str]]
"""Make runs again with the strategy of a target; returns in words those that came out otherwise."""


def check_submission(folder: Path, rerun: Rerun | None = None, seed: int = 0) -> Iterator[Checked]:
    """Look at everything in a submission, one finding after the other; with `rerun`, make a tenth of it again.

    Raises `BadInput` where the statement or the export cannot be read at all.
    """
    from tasklet_bench.bench.results.merge import results_at

    form = read_submission(folder)
    with results_at(folder / EXPORT_NAME) as store:
        runs = store.table("runs")
        yield _entrant(form, runs)
        yield _code(form, folder, runs)
        yield _chain(form, folder)
        yield _scores(store)
        yield _division(form, runs)
        yield _suite(store, runs)
        yield _paths(folder, store)
        yield _flags(runs)
        if rerun is not None:
            yield _again(form, folder, store, rerun, seed)


def _entrant(form: Submission, runs: pd.DataFrame) -> Checked:
    names = sorted(runs["strategy"].unique())
    if names != [form.entrant]:
        return Checked(
            "entrant", "refused", f"the export holds runs of {', '.join(names) or 'nobody'}, expected {form.entrant}"
        )
    failed = int((runs["status"] != "ok").sum())
    return Checked("entrant", "holds", f"{len(runs):,} runs of {form.entrant}, {failed} of them failed")


def _code(form: Submission, folder: Path, runs: pd.DataFrame) -> Checked:
    """Whether the code that was handed in is what the runs were made with; it is read and not imported."""
    hashes = set(runs["code_hash"])
    file = file_of(form.strategy)
    if file is None:
        return Checked("code", "remark", f"{form.strategy} is a distribution; install it to make its runs again")
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return Checked("code", "refused", f"{form.strategy}: no file of this folder")
    identity = plugin_identity(path)
    if hashes != {identity.hash}:
        return Checked(
            "code", "refused", f"{file}: has code {identity.hash[:12]}, the runs {_few(h[:12] for h in hashes)}"
        )
    return Checked("code", "holds", f"{file} is what all runs were made with (code {identity.hash[:12]})")


def _chain(form: Submission, folder: Path) -> Checked:
    from tasklet_bench.bench.results.merge import chains_at

    [chain] = chains_at(folder / EXPORT_NAME)
    if chain.head is None:
        return Checked("chain", "refused", "the export has no hash chain")
    if chain.faults:
        return Checked("chain", "refused", chain.faults[0])
    if chain.head != form.chain:
        return Checked("chain", "refused", f"its head is {chain.head[:12]}, {FILE_NAME} says {form.chain[:12]}")
    return Checked("chain", "holds", f"every row is linked, head {chain.head[:12]}")


def _scores(store: Store) -> Checked:
    result = verify(store)
    if result.mismatches:
        return Checked("scores", "refused", f"{len(result.mismatches)} mismatches, the first: {result.mismatches[0]}")
    return Checked("scores", "holds", f"{result.checked:,} candidates scored again, 0 mismatches")


def _division(form: Submission, runs: pd.DataFrame) -> Checked:
    """Whether the runs and the imports are those of the division that was named."""
    if runs["start"].notna().any() and form.division == "open":
        return Checked("division", "refused", "runs begin from known starts: that is division known-starts")
    foreign = sorted(_libraries(runs) - _own_libraries())
    if foreign and form.division != "third-party-library":
        return Checked(
            "division", "refused", f"the code imports {', '.join(foreign)}: that is division third-party-library"
        )
    return Checked("division", "holds", form.division)


def _libraries(runs: pd.DataFrame) -> set[str]:
    return {_normal(name) for text in runs["libraries"].unique() for name in json.loads(text)}


def _own_libraries() -> set[str]:
    """What this project requires itself, without its extras."""
    needed = metadata.requires("tasklet-bench") or []
    own = {_normal(re.split(r"[ ;<>=!~\[(]", line, maxsplit=1)[0]) for line in needed if "extra ==" not in line}
    return own | {"tasklet-bench"}


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _suite(store: Store, runs: pd.DataFrame) -> Checked:
    """Whether the instances are the catalogue's, and each was run under each budget from equally many seeds."""
    from tasklet_bench.problems.instances.digests import digest

    inline = [ref.name for ref in store.instances().values() if ref.content is not None]
    if inline:
        return Checked("instances", "refused", f"{_few(inline)}: not of the catalogue")
    for ref in store.instances().values():
        if digest(ref.name) != ref.digest:
            return Checked("instances", "refused", f"{ref.name}: has another digest here")
    cells = runs.groupby(["problem", "budget"])["seed"].nunique()
    budgets = runs["budget"].nunique()
    problems = runs["problem"].nunique()
    if len(cells) < problems * budgets or cells.nunique() > 1:
        return Checked(
            "instances", "refused", "some instances were run under fewer budgets or from fewer seeds than others"
        )
    return Checked("instances", "holds", f"{problems} instances × {budgets} budgets × {cells.iloc[0]} seeds")


def _paths(folder: Path, store: Store) -> Checked:
    """Whether a path of the author's machine is left anywhere."""
    for where, text in (*_texts_of_files(folder), *_texts_of_tables(store)):
        for result in machine_paths(text):
            return Checked("paths", "refused", f"{where}: names {result[:80]}, a path of somebody's machine")
    return Checked("paths", "holds", "none of anybody's machine")


def _texts_of_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TEXT_FILES and not path.is_symlink() and path.stat().st_size <= _MOST_TEXT_BYTES:
            yield str(path.relative_to(folder)), path.read_text(encoding="utf-8", errors="replace")


def _texts_of_tables(store: Store) -> Iterator[tuple[str, str]]:
    for name in ("runs", "instances", "suites"):
        table = store.table(name)
        for column in (column for column, kind in TABLE_COLUMNS[name].items() if kind.startswith("TEXT")):
            yield from ((f"{EXPORT_NAME}: {column}", str(value)) for value in table[column].dropna().unique())


def _flags(runs: pd.DataFrame) -> Checked:
    """What the judge found odd about the runs when it made them."""
    kinds = runs["flags"].map(doubts)
    flagged = kinds[kinds.map(bool)]
    if flagged.empty:
        return Checked("flags", "holds", "no run is flagged")
    return Checked("flags", "remark", f"{len(flagged):,} runs are flagged: {', '.join(sorted(set(flagged.explode())))}")


def _again(form: Submission, folder: Path, store: Store, rerun: Rerun, seed: int) -> Checked:
    """Make a seeded tenth of what evaluations ended again."""
    runs = store.runs()
    counted = runs[repeatable(runs) & (runs["status"] == "ok")]
    if counted.empty:
        return Checked("again", "remark", "a clock ended all runs: none can be repeated to the digit")
    size = max(1, round(RERUN_SHARE * len(counted)))
    chosen = counted.iloc[sorted(random.Random(seed).sample(range(len(counted)), size))]  # noqa: S311 - a sample
    target = form.strategy if file_of(form.strategy) is None else str((folder / form.strategy).resolve())
    others = rerun(store, chosen, target)
    if others:
        return Checked("again", "refused", f"{len(others)} of {size} runs came out otherwise, the first: {others[0]}")
    return Checked("again", "holds", f"{size} of {len(counted)} runs made again, the same to the last digit")


def _few(values: Any) -> str:
    texts = sorted(set(map(str, values)))
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
