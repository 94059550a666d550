"""`report` and `compare`: read a store, also while a run is still going on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tasklet_bench.bench.commands.options import LOCAL, ResultsArgument, TrustOption
from tasklet_bench.bench.commands.output import text_console
from tasklet_bench.bench.commands.results import results_of
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.stats.compare import Duel

PAGE_NAME = "report.html"
EqualWithinOption = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE|fidelity",
        help="Differences of cost that count as none, 0.005 by default; `fidelity` measures on the instances from "
        "which difference on the order means something in simulated seconds.",
    ),
]


def report(
    results: ResultsArgument = LOCAL,
    form: Annotated[Literal["html", "md"], typer.Option("--format", help="One page, or tables for a README.")] = "html",
    out: Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write it.")] = None,
    equal_within: EqualWithinOption = None,
    trust: TrustOption = None,
) -> None:
    """Write the page of a store: one HTML file that works offline (or print Markdown)."""
    from tasklet_bench.bench.report import markdown, page
    from tasklet_bench.bench.results.merge import results_at

    with results_at(results) as store:
        found = results_of(store, equal_within=equal_within, trusted=trust or ())
    unknown = sorted(set(found.runs["problem"]) - set(found.problems))
    if unknown:
        said = f"{len(unknown)} problems cannot be made here ({', '.join(unknown)[:200]})"
        typer.echo(f"{said}; those of a plug-in's file need --trust FILE", err=True)
    if form == "html":
        path = out or results / PAGE_NAME
        page.write(found, path)
        typer.echo(f"page: {path}")
    elif out:
        out.write_text(markdown.render(found), encoding="utf-8")
        typer.echo(f"written: {out}")
    else:
        typer.echo(markdown.render(found))


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="An entrant among the results.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    results: Annotated[
        Path, typer.Option("--results", metavar="DIR", help="Folder of a store, or of exports.")
    ] = LOCAL,
    equal_within: EqualWithinOption = None,
    trust: TrustOption = None,
) -> None:
    """Compare two strategies: per instance and overall, under every budget that both ran with."""
    from tasklet_bench.bench.report import terminal
    from tasklet_bench.bench.results.merge import results_at

    with results_at(results) as store:
        duels = _duels(results_of(store, equal_within=equal_within, trusted=trust or ()).samples, a, b)
    console = text_console()
    for duel in duels:
        console.print(terminal.render_duel(duel))
        console.print()


def _duels(samples: list, a: str, b: str) -> list[Duel]:  # type: ignore[type-arg]
    """The comparison in each sample that holds both; raises `BadInput` with the nearest name where none does."""
    from tasklet_bench.bench.stats.compare import duel

    known = {name for sample in samples for name in sample.runs["strategy"]}
    for name in (a, b):
        if name not in known:
            raise BadInput.unknown("strategy among these results", name, known)
    both = [sample for sample in samples if {a, b} <= set(sample.runs["strategy"])]
    if not both:
        raise BadInput(f"compare: {a!r} and {b!r} never ran under one budget on one suite here")
    return [duel(sample, a, b) for sample in both]
