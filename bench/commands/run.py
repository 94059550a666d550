"""`run`: make what is missing of a campaign, print the leaderboard, write store and page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bench.commands.options import (
    CpuSecondsOption,
    EvaluationsOption,
    JsonOption,
    MemoryOption,
    ResultsOption,
    WallSecondsOption,
)
from bench.commands.output import print_json

if TYPE_CHECKING:
    from bench.campaign import Campaign
    from bench.conduct import Outcome
    from bench.store import Store

INTERRUPTED_STATUS = 130


def run(
    what: Annotated[str, typer.Argument(metavar="SUITE|FILE", help="A suite, or a campaign file (TOML).")] = "quick",
    strategies: Annotated[
        list[str] | None,
        typer.Option("-s", "--strategy", metavar="STRATEGY", help="Only this one: a name, or path/to/file.py:Class."),
    ] = None,
    problems: Annotated[
        list[str] | None,
        typer.Option("-p", "--problem", metavar="PROBLEM", help="Only this one of the suite's (`*` matches any text)."),
    ] = None,
    evaluations: EvaluationsOption = None,
    cpu_seconds: CpuSecondsOption = None,
    wall_seconds: WallSecondsOption = None,
    seeds: Annotated[int | None, typer.Option(min=1, metavar="K", help="Seeds 0 to K-1.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and make nothing.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make failed runs again.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="One run at a time, pinned, for fair clocks.")] = False,
    engine: Annotated[Literal["local", "dask"], typer.Option(help="Where the runs are made.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler; without one a local cluster.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, metavar="W", help="Runs at a time; the cores by default.")] = None,
    memory_gb: MemoryOption = 4.0,
    out: ResultsOption = Path("results/local"),
    as_json: JsonOption = False,
) -> None:
    """Run a suite: every strategy on every problem, from every seed. What is stored already is not run again."""
    from bench.budget import Budget
    from bench.campaign_file import Changes, campaign_of

    budget = None
    if evaluations is not None or cpu_seconds is not None or wall_seconds is not None:
        budget = Budget(evaluations, cpu_seconds, wall_seconds)
    changes = Changes(
        strategies=tuple(strategies or ()),
        problems=tuple(problems or ()),
        budget=budget,
        seeds=seeds,
        memory_bytes=int(memory_gb * 2**30),
        timing=timing,
    )
    campaign = campaign_of(what, changes)
    if dry_run:
        _print_plan(campaign, out, retry_failed, workers, as_json)
        return
    raise NotImplementedError
