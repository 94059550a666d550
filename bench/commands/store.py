"""`verify`, `export` and `merge`: what can be done with a store of results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tasklet_bench.bench.commands.options import LOCAL, JsonOption, ResultsArgument
from tasklet_bench.bench.commands.output import MISMATCH_STATUS, print_json


def verify(
    results: ResultsArgument = LOCAL,
    sample: Annotated[
        int | None, typer.Option(min=1, max=2**63 - 1, metavar="N", help="Only N of the runs, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of that draw.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Score every stored allocation again, as a grid, with the readable cost model; status 1 on any mismatch."""
    from tasklet_bench.bench.results.merge import results_at
    from tasklet_bench.bench.results.verify import verify as verified

    with results_at(results) as store:
        found = verified(store, sample=sample, seed=seed)
    if as_json:
        print_json(
            {
                "checked": found.checked,
                "mismatches": list(found.mismatches),
                "without_allocation": found.without_allocation,
                "whole": found.whole,
            }
        )
    else:
        for mismatch in found.mismatches:
            typer.echo(mismatch)
        damage = "" if found.whole else ", and the file of the store is damaged"
        typer.echo(
            f"{found.checked} allocations scored again, {len(found.mismatches)} mismatches; "
            f"{found.without_allocation} runs have none{damage}"
        )
    if found.mismatches or not found.whole:
        raise typer.Exit(MISMATCH_STATUS)


def export(
    results: ResultsArgument = LOCAL,
    form: Annotated[
        Literal["parquet", "csv", "iohprofiler"],
        typer.Option("--format", help="IOHanalyzer reads iohprofiler."),
    ] = "parquet",
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")] = Path("export"),
) -> None:
    """Write the runs and trajectories of a store in a format that other tools read."""
    from tasklet_bench.bench.results.export import export as exported
    from tasklet_bench.bench.results.merge import results_at

    with results_at(results) as store:
        files = exported(store, out, form)
    typer.echo(f"{len(files)} files written to {out}")


def merge(
    source: Annotated[
        Path, typer.Argument(metavar="FROM", help="Folder of a store, of an export, or of several exports.")
    ],
    results: Annotated[Path, typer.Argument(metavar="INTO", help="Folder of the store that takes it in.")] = LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Take the runs of another store in; status 1 where both hold differing records of one run (the earlier stays)."""
    from tasklet_bench.bench.results.merge import merge as merged
    from tasklet_bench.bench.results.store import Store

    with Store(results, writing=True) as store:
        done = merged(store, source)
    if as_json:
        print_json({"added": done.added, "clashes": list(done.clashes)})
    else:
        for clash in done.clashes:
            typer.echo(clash)
        typer.echo(f"{done.added} runs added, {len(done.clashes)} clashes")
    if done.clashes:
        raise typer.Exit(MISMATCH_STATUS)
