"""`run`: make what is missing of a campaign, print the leaderboard, write store and page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.boards.published import WithOption, published_results
from tasklet_bench.bench.commands.boards.report import PAGE_NAME
from tasklet_bench.bench.commands.inputs import budget_typed
from tasklet_bench.bench.commands.open_board.seal import CommitmentsOption, suite_of_secret
from tasklet_bench.bench.commands.options import (
    LOCAL,
    CpuSecondsOption,
    EvaluationsOption,
    JsonOption,
    LargeOption,
    MemoryOption,
    ResultsOption,
    WallSecondsOption,
)
from tasklet_bench.bench.commands.output import print_json, stopped, text_console
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.text import clean

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.campaign import Campaign
    from tasklet_bench.bench.campaigns.runner import Outcome
    from tasklet_bench.bench.report.kept_rankings import Summary
    from tasklet_bench.bench.report.results import Results


def run(
    what: Annotated[str, typer.Argument(metavar="SUITE|FILE", help="A suite, or a campaign file (TOML).")] = "quick",
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "-s",
            "--strategy",
            metavar="STRATEGY",
            help="Only this one: a name, `third-party`, `everybody`, or path/to/file.py:Class.",
        ),
    ] = None,
    problems: Annotated[
        list[str] | None,
        typer.Option("-p", "--problem", metavar="PROBLEM", help="Only this one of the suite's; `*` matches any text."),
    ] = None,
    evaluations: EvaluationsOption = None,
    cpu_seconds: CpuSecondsOption = None,
    wall_seconds: WallSecondsOption = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=1_000_000, metavar="K", help="Seeds 0 to K-1.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and make nothing.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make failed runs again.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="One run at a time, pinned, for fair clocks.")] = False,
    engine: Annotated[Literal["local", "dask"], typer.Option(help="Where the runs are made.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler; a local cluster without one.")
    ] = None,
    tls_ca: Annotated[
        Path | None, typer.Option("--tls-ca", metavar="FILE", help="Whom an encrypted scheduler's connection trusts.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="Our certificate for it, as PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="The certificate's key.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=4096, metavar="W", help="Runs at a time; as many as cores by default.")
    ] = None,
    memory_gb: MemoryOption = None,
    untrusted: Annotated[
        bool,
        typer.Option(
            "--untrusted", help="Separate runs by Linux namespaces: no network, tables, stores, nor other processes."
        ),
    ] = False,
    beside: WithOption = None,
    secret: Annotated[
        Path | None, typer.Option("--secret", metavar="FILE", help="What the instances of `sealed` follow from.")
    ] = None,
    commitments: CommitmentsOption = None,
    out: ResultsOption = LOCAL,
    as_json: JsonOption = False,
    _large: LargeOption = False,
) -> None:
    """Run a suite: every strategy on every problem, from every seed. What is stored already is not run again."""
    from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of

    changes = Changes(
        strategies=tuple(strategies or ()),
        problems=tuple(problems or ()),
        budget=budget_typed(evaluations, cpu_seconds, wall_seconds),
        seeds=seeds,
        memory_bytes=None if memory_gb is None else int(memory_gb * 2**30),
        timing=timing,
        sealed=suite_of_secret(secret, commitments),
    )
    campaign = campaign_of(what, changes)
    if dry_run:
        _print_plan(campaign, out, retry_failed, workers, as_json)
        return
    published = None if beside is None else _published(campaign, beside)
    makes_runs = _engine(engine, scheduler, (tls_ca, tls_cert, tls_key))
    if untrusted:
        from tasklet_bench.bench.campaigns.hidden import hidden_folders

        makes_runs = partial(makes_runs, hidden=hidden_folders([out], campaign.entrants))
    outcome = _conduct(campaign, out, retry_failed, workers, makes_runs)
    _report(campaign, outcome, out, as_json, published)
    if outcome.changed:
        raise typer.Exit(1)
    if not outcome.finished:
        stopped()


def _published(campaign: Campaign, beside: str) -> Results:
    """The results to set these among; refused before anything is run where they have nothing in common."""
    from tasklet_bench.bench.report.beside import check_comparable

    published = published_results(beside)
    digests = [ref.digest for ref, _ in campaign.problems]
    check_comparable(digests, [budget.name for budget in campaign.budgets], published)
    return published


def _engine(name: str, scheduler: str | None, tls: tuple[Path | None, Path | None, Path | None]) -> Callable[..., bool]:
    """Who makes the runs; `tls` are the files for an encrypted scheduler: CA, certificate, key."""
    if name == "local":
        for option, given in (("--scheduler", scheduler), ("--tls-ca, --tls-cert, --tls-key", any(tls) or None)):
            if given is not None:
                raise BadInput.at(f"option {option}", "engine", "local", "--engine dask")
        from tasklet_bench.bench.engines.local import run_all

        return run_all
    try:
        from tasklet_bench.bench.engines import dask
    except ModuleNotFoundError as missing:
        raise BadInput(f"--engine dask needs {missing.name}: install tasklet-bench[dask]") from None
    ca, cert, key = tls
    if ca is None and cert is None and key is None:
        return partial(dask.run_all, scheduler=scheduler)
    if scheduler is None or ca is None or cert is None or key is None:
        raise BadInput("options --tls-ca, --tls-cert, --tls-key: found some, expected all three, and --scheduler")
    from tasklet_bench.bench.engines.dask_address import TlsFiles

    return partial(dask.run_all, scheduler=scheduler, tls=TlsFiles(ca, cert, key))


def _conduct(
    campaign: Campaign, out: Path, retry_failed: bool, workers: int | None, engine: Callable[..., bool]
) -> Outcome:
    from tasklet_bench.bench.campaigns.progress import Progress
    from tasklet_bench.bench.campaigns.runner import conduct
    from tasklet_bench.bench.commands.boards.shown import COSTS, PAGE, RANKS, importing
    from tasklet_bench.bench.results.store import Store

    with Store(out, writing=True) as store, Progress() as progress:
        return conduct(
            campaign,
            store,
            retry_failed=retry_failed,
            workers=workers,
            on_event=progress,
            engine=engine,
            meanwhile=importing(*COSTS, *RANKS, *PAGE),
        )


def _print_plan(campaign: Campaign, out: Path, retry_failed: bool, workers: int | None, as_json: bool) -> None:
    """What would be made: runs, how many of them are stored already, and how long the rest should take."""
    from tasklet_bench.bench.campaigns.estimate import expectation
    from tasklet_bench.bench.campaigns.progress import duration
    from tasklet_bench.bench.campaigns.runner import plan
    from tasklet_bench.bench.results.store import FILE_NAME, Store

    with Store(out) if (out / FILE_NAME).exists() else nullcontext() as store:
        specs, missing = plan(campaign, store, retry_failed=retry_failed)
        expected = expectation(missing, store, 1 if campaign.timing else workers, _say_compiling)
    figures = {
        "suite": campaign.suite,
        "problems": len(campaign.problems),
        "entrants": [entrant.name for entrant in campaign.entrants],
        "budgets": [budget.name for budget in campaign.budgets],
        "seeds": list(campaign.seeds),
        "runs": len(specs),
        "done": len(specs) - len(missing),
        "to_make": len(missing),
    }
    if as_json:
        print_json(figures | {"expected_s": expected.seconds})
        return
    for name, value in figures.items():
        typer.echo(f"{name.replace('_', ' '):<10} {', '.join(map(str, value)) if isinstance(value, list) else value}")
    typer.echo(f"{'time':<10} about {duration(expected.seconds)}")


def _say_compiling(event: object) -> None:
    """Say once that code is compiled, which may take longer than the trial runs themselves."""
    from tasklet_bench.bench.execution.compiling import Compiling

    if isinstance(event, Compiling) and event.done == 0:
        typer.echo(str(event), err=True)


def _report(campaign: Campaign, outcome: Outcome, out: Path, as_json: bool, published: Results | None) -> None:
    """The leaderboard of each budget, what was made, and where it is; writes the page."""
    from tasklet_bench.bench.commands.boards.shown import shown

    summary, kept = shown(campaign, out, published)
    if as_json:
        print_json(
            {
                "suite": campaign.suite,
                "runs": outcome.total,
                "made": outcome.made,
                "failed": outcome.failed,
                "finished": outcome.finished,
                "results": str(out),
                "changed": list(outcome.changed),
                "beats_best_known": list(summary.news),
                "leaderboards": [
                    {"budget": ranking.budget, "scope": ranking.scope, "rows": _finite(ranking.rows)}
                    for ranking in summary.rankings
                ],
            }
        )
        return
    _print(summary, outcome, out, kept=kept)


def _print(summary: Summary, outcome: Outcome, out: Path, *, kept: bool) -> None:
    from tasklet_bench.bench.report import terminal

    console = text_console()
    for ranking in summary.rankings:
        console.print(terminal.render(ranking))
        console.print()
    if outcome.made == 0 and outcome.finished:
        console.print(f"nothing to do: all {outcome.total} runs were done already")
    else:
        failed = f", {outcome.failed} of them failed" if outcome.failed else ""
        left = f", {outcome.left} are left" if outcome.left else ""
        console.print(f"{outcome.made} runs made{failed}, {outcome.already} were done already{left}")
    if outcome.strays:
        strays = ", ".join(map(clean, outcome.strays))
        console.print(f"files that are not the store's own: {strays}", style="yellow", markup=False)
    for label in outcome.changed:
        sentence = f"{label}: its record was changed by somebody else while runs were on; nothing here can be trusted"
        console.print(sentence, style="red", markup=False, soft_wrap=True)
    for sentence in summary.news:
        console.print(sentence, style="green", markup=False, soft_wrap=True)
    if summary.news:
        console.print(f"tasklet-bench best-known --update {out} takes it in", markup=False, soft_wrap=True)
    as_it_was = " (as it was: nothing that it shows has changed)" if kept else ""
    console.print(f"results: {out}, page: {out / PAGE_NAME}{as_it_was}", markup=False, soft_wrap=True)


def _finite(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: null for what is not finite."""
    import math

    return [
        {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
        for row in rows
    ]
