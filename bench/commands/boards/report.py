"""`report` and `compare`: read a store, also while a run is still going on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tasklet_bench.bench.commands.boards.published import REFERENCE, WithOption, published_folder, published_results
from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.commands.options import LOCAL, ResultsArgument, TrustOption
from tasklet_bench.bench.commands.output import text_console
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.report.results import Results
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
ClusterOption = Annotated[
    Literal["none", "base"],
    typer.Option(
        help="`base`: instances made from one table, scenario or drawn network are related, and count as one fact in "
        "intervals and tests.",
    ),
]


def report(
    results: ResultsArgument = LOCAL,
    form: Annotated[Literal["html", "md"], typer.Option("--format", help="One page, or tables for a README.")] = "html",
    out: Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write it.")] = None,
    equal_within: EqualWithinOption = None,
    beside: WithOption = None,
    trust: TrustOption = None,
    cluster: ClusterOption = "none",
    verify: Annotated[
        bool, typer.Option("--verify", help="Score every stored candidate again first, and say so on the page.")
    ] = False,
    site: Annotated[
        Path | None,
        typer.Option("--site", metavar="DIR", help="Write a static site: the page, a page an instance, and the docs."),
    ] = None,
) -> None:
    """Write the page of a store: one HTML file that works offline (or print Markdown, or write a site)."""
    from tasklet_bench.bench.report import markdown, page
    from tasklet_bench.bench.report.beside import set_beside
    from tasklet_bench.bench.results.merge import results_at

    if site is not None and (form != "html" or out is not None):
        raise BadInput("--site DIR: writes a folder of pages, so it goes with neither --format md nor --out")
    with results_at(results) as store:
        result = results_of(store, equal_within=equal_within, trusted=trust or (), cluster=cluster, verify=verify)
    unknown = sorted(set(result.runs["problem"]) - set(result.problems))
    if unknown:
        said = f"{len(unknown)} problems cannot be made here ({', '.join(unknown)[:200]})"
        typer.echo(f"{said}; those of a plug-in's file need --trust FILE", err=True)
    if beside is not None:
        result = set_beside(result, published_results(beside, cluster))
    if site is not None:
        from tasklet_bench.bench.report.site import write_site

        for line in write_site(result, site):
            typer.echo(line)
    elif form == "html":
        path = out or results / PAGE_NAME
        page.write(result, path)
        typer.echo(f"page: {path}")
    elif out:
        out.write_text(markdown.render(result), encoding="utf-8")
        typer.echo(f"written: {out}")
    else:
        typer.echo(markdown.render(result))


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="An entrant among the results.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    results: Annotated[
        Path, typer.Option("--results", metavar="DIR", help="Folder of a store, or of exports.")
    ] = LOCAL,
    equal_within: EqualWithinOption = None,
    beside: WithOption = None,
    trust: TrustOption = None,
    cluster: ClusterOption = "none",
) -> None:
    """Compare two strategies: per instance and overall, under every budget that both ran with."""
    from tasklet_bench.bench.report import terminal
    from tasklet_bench.bench.results.merge import results_at

    with results_at(results) as store:
        own = results_of(store, equal_within=equal_within, trusted=trust or (), cluster=cluster)
    duels = _duels(_with_published(own, a, b, beside).samples, a, b)
    console = text_console()
    for duel in duels:
        console.print(terminal.render_duel(duel))
        console.print()


def _with_published(own: Results, a: str, b: str, beside: str | None) -> Results:
    """The results with published ones beside them: where that is asked for, or where one of the two is only there."""
    from tasklet_bench.bench.report.beside import set_beside

    known = set(own.runs["strategy"])
    if beside is None and len(known & {a, b}) != 1:
        return own
    try:
        both = set_beside(own, published_results(beside or REFERENCE))
    except BadInput:
        if beside is not None:
            raise
        return own
    for name in {a, b} - known & set(both.runs["strategy"]):
        typer.echo(f"{name}: from the published results in {published_folder(beside or REFERENCE)}", err=True)
    return both


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
