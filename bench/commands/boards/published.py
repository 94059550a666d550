"""The published results, to compare with: those of a checkout, or of any folder that a user names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import tasklet_bench
from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.report.results import Results

REFERENCE = "reference"
FOLDER = Path("results") / "reference"
WithOption = Annotated[
    str | None,
    typer.Option(
        "--with",
        metavar="reference|DIR",
        help="Set these results among the published ones, or those of a folder: on the same instances, under the same "
        "budgets, with your own entrants highlighted. Nothing is run again.",
    ),
]


def published_results(name: str, cluster: str | None = None) -> Results:
    """All results of `reference` or of a folder, `cluster` as in `results_of`; raises `BadInput` if there are none."""
    from tasklet_bench.bench.results.merge import results_at

    with results_at(published_folder(name)) as store:
        return results_of(store, cluster=cluster)


def published_folder(name: str) -> Path:
    """The folder behind `reference` (below the current folder, else in the checkout), or the one that was named."""
    if name != REFERENCE:
        return Path(name)
    for root in (Path(), Path(tasklet_bench.__file__).resolve().parents[2]):
        if (root / FOLDER).is_dir():
            return root / FOLDER
    raise BadInput(f"--with {REFERENCE}: no folder {FOLDER} here, and installed packages hold none; name a folder")
