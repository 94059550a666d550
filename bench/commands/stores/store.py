"""`verify`, `export` and `merge`: what can be done with a store of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.options import LOCAL, JsonOption, ResultsArgument, TrustOption
from tasklet_bench.bench.commands.output import MISMATCH_STATUS, print_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.results.chain import ChainCheck


def verify(
    results: ResultsArgument = LOCAL,
    sample: Annotated[
        int | None, typer.Option(min=1, max=2**63 - 1, metavar="N", help="Only N of the runs, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of that draw.")] = 0,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="The head of the export's hash chain, as it was published elsewhere."),
    ] = None,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score every stored allocation again, as a grid, with the readable cost model; status 1 on any mismatch.

    Status, evaluations, clocks, penalties and trajectories are looked at too, and in an export the hash chain, which
    names rows that were edited, added or dropped.
    """
    from tasklet_bench.bench.results.merge import chains_at, results_at
    from tasklet_bench.bench.results.verify import verify as verified

    with results_at(results) as store:
        result = verified(store, sample=sample, seed=seed, trusted=trust or ())
    chains = chains_at(results)
    mismatches = [
        *result.mismatches,
        *(fault for chain in chains for fault in chain.faults),
        *_head_fault(chains, head),
    ]
    if as_json:
        figures: dict[str, Any] = {
            "checked": result.checked,
            "mismatches": mismatches,
            "without_allocation": result.without_allocation,
            "whole": result.whole,
        }
        if chains:
            figures["chains"] = {str(chain.folder): chain.head for chain in chains}
        print_json(figures)
    else:
        for mismatch in mismatches:
            typer.echo(mismatch)
        damage = "" if result.whole else ", and the file of the store is damaged"
        typer.echo(
            f"{result.checked} allocations scored again, {len(mismatches)} mismatches; "
            f"{result.without_allocation} runs have none{damage}"
        )
        for chain in chains:
            broken = f", {len(chain.faults)} rows do not hold" if chain.faults else ""
            typer.echo(f"{chain.folder}: {f'chain {chain.head}{broken}' if chain.head else 'no chain'}")
    if mismatches or not result.whole:
        raise typer.Exit(MISMATCH_STATUS)


def _head_fault(chains: list[ChainCheck], head: str | None) -> list[str]:
    """What is wrong with the published head; raises `BadInput` where there is not one chain to compare it with."""
    if head is None:
        return []
    if len(chains) != 1:
        raise BadInput.at("option --head", "exports", len(chains) or "a store, which has no chain", "one export")
    stored = chains[0].head
    return [] if stored == head else [f"{chains[0].folder}: the head of its chain is {stored or 'none'}, not {head}"]


def export(
    results: ResultsArgument = LOCAL,
    form: Annotated[
        Literal["parquet", "csv", "iohprofiler"],
        typer.Option("--format", help="IOHanalyzer reads iohprofiler."),
    ] = "parquet",
    store_itself: Annotated[
        bool, typer.Option("--store", help="Copy the store itself, also while a campaign writes to it.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")] = Path("export"),
) -> None:
    """Write the runs and trajectories of a store in a format that other tools read.

    An older export in DIR is replaced when the new one is complete. Parquet comes with a hash chain, whose head can be
    published: `verify --head` compares.
    """
    from tasklet_bench.bench.results.chain import head_of
    from tasklet_bench.bench.results.export import export as exported
    from tasklet_bench.bench.results.merge import results_at
    from tasklet_bench.bench.results.store import Store

    if store_itself:
        with Store(results) as store:
            copied = store.copy_to(out)
        typer.echo(f"{copied} is a copy of {results}")
        return
    with results_at(results) as store:
        files = exported(store, out, form)
    typer.echo(f"{len(files)} files written to {out}")
    if form == "parquet":
        typer.echo(f"head of its hash chain: {head_of(out)}")


def merge(
    source: Annotated[
        Path, typer.Argument(metavar="FROM", help="Folder of a store, of an export, or of several exports.")
    ],
    results: Annotated[Path, typer.Argument(metavar="INTO", help="Folder of the store that takes it in.")] = LOCAL,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the runs of another store in; status 1 where both hold differing records of one run (the earlier stays).

    Every new run is scored again first; if one does not hold, nothing is taken in.
    """
    from tasklet_bench.bench.results.merge import merge as merged
    from tasklet_bench.bench.results.store import Store

    with Store(results, writing=True) as store:
        done = merged(store, source, trusted=trust or ())
    if as_json:
        print_json({"added": done.added, "clashes": list(done.clashes)})
    else:
        for clash in done.clashes:
            typer.echo(clash)
        typer.echo(f"{done.added} runs added, {len(done.clashes)} clashes")
    if done.clashes:
        raise typer.Exit(MISMATCH_STATUS)
