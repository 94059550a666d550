"""`best-known`: the table that excess is measured against, and how it is brought up to date."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tasklet_bench.bench.commands.options import JsonOption
from tasklet_bench.bench.commands.output import print_json, text_console

if TYPE_CHECKING:
    from tasklet_bench.bench.results.best_known import BestKnown


def best_known(
    update: Annotated[
        Path | None, typer.Option("--update", metavar="DIR", help="Take in what the runs of this store improve.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the best-known cost of every instance, with its proof or its gap.

    `--update` scores every better allocation again with the cost model before it takes it in, and says what changed.
    """
    from tasklet_bench.bench.results import best_known as table
    from tasklet_bench.bench.results.merge import results_at
    from tasklet_bench.problems.certificates.files import certified_bounds_s

    if update is None:
        known = table.read()
    else:
        with results_at(update) as store, table.locked():
            known = table.read()
            result = [*table.improvements(store.runs(), known), *table.planted(known)]
            known, changes = table.merged(known, result)
            if changes:
                table.write(known.values())
        typer.echo("\n".join(changes) or "nothing new", err=True)
    certified_s = certified_bounds_s()
    rows = [
        {key: value for key, value in asdict(entry).items() if key != "grid"}
        | {"gap": entry.gap, "proven": entry.proven, "proof": table.proof_of(entry, certified_s)}
        for entry in sorted(known.values(), key=lambda entry: entry.problem)
    ]
    if as_json:
        print_json(rows)
    else:
        _print([(entry, table.proof_of(entry, certified_s)) for entry in known.values()])


def _print(entries: list[tuple[BestKnown, str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("problem", overflow="fold")
    for heading in ("cost (s)", "gap"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("proof")
    table.add_column("found by", no_wrap=True)
    for entry, proof in entries:
        gap = "0" if entry.proven else f"{entry.gap:.2%}"
        table.add_row(escape(entry.problem), f"{entry.cost_s:.6g}", gap, proof, escape(entry.found_by))
    text_console().print(table)
