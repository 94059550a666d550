"""`import`: results of other tools, from a CSV file, beside those of a store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tasklet_bench.bench.commands.options import LOCAL, JsonOption, ResultsArgument, TrustOption
from tasklet_bench.bench.commands.output import print_json


def import_results(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV: strategy, problem, seed, evaluations, cost (s), allocation (JSON)."),
    ],
    results: ResultsArgument = LOCAL,
    budget: Annotated[
        str | None,
        typer.Option(metavar="BUDGET", help="Compare under this one, such as 1000-evaluations; the store's only one."),
    ] = None,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take results of other tools in; allocations are scored again, what has none is marked as unverified."""
    from tasklet_bench.bench.results.csv_import import import_csv
    from tasklet_bench.bench.results.store import Store
    from tasklet_bench.bench.runs.budget import Budget

    with Store(results, writing=True) as store:
        done = import_csv(store, file, Budget.parse(budget) if budget else None, trusted=trust or ())
    if as_json:
        print_json(asdict(done))
        return
    runs = done.added + done.known
    typer.echo(f"{done.added} runs added under {done.budget}, {done.known} were there already")
    typer.echo(f"{done.verified} verified by their allocations, {runs - done.verified} unverified")
    if done.cut:
        typer.echo(f"{done.cut} rows left out: beyond the budget")
    typer.echo(f"to compare: tasklet-bench report {results}, or compare '{done.entrants[0]}' with an entrant there")
