"""`submit`: bundle a strategy with its results for others, and check such a bundle."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tasklet_bench.bench.campaigns.submissions.division import Division
from tasklet_bench.bench.commands.options import LOCAL, JsonOption
from tasklet_bench.bench.commands.output import MISMATCH_STATUS, print_json
from tasklet_bench.problems.bad_input import BadInput

_SIGNS = {"holds": "✓", "remark": "•", "refused": "✗"}


def submit(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to write, such as results/submissions/NAME; or to check.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Check the folder instead of writing it.")] = False,
    strategy: Annotated[
        str | None, typer.Option("-s", "--strategy", metavar="STRATEGY", help="Whose runs: a file with its class.")
    ] = None,
    results: Annotated[Path, typer.Option("--results", metavar="DIR", help="Where the runs are stored.")] = LOCAL,
    division: Annotated[
        Division, typer.Option(help="known-starts for runs with start=known, third-party-library for other imports.")
    ] = "open",
    author: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Who made it; may be repeated.")] = None,
    statement: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The idea, and what was tuned on what, in a sentence or two.")
    ] = None,
    licence: Annotated[str, typer.Option(metavar="NAME", help="Licence of the code.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where the idea is published.")] = "",
    rerun: Annotated[
        bool, typer.Option("--rerun/--no-rerun", help="With --check: make a seeded tenth of the runs again.")
    ] = True,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="With --check: make them without separation, where Linux refuses it.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --check: seed of that tenth.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Bundle code, campaign, runs and a statement for others to check; or check such a folder (status 1 if refused)."""
    if check:
        _check(folder, rerun, trusted, seed, as_json)
        return
    asked = {"-s": strategy, "--author": author, "--statement": statement}
    if missing := [name for name, value in asked.items() if not value]:
        raise BadInput(f"submit: lacks {', '.join(missing)} (or --check, to check a folder)")
    _write(folder, results, str(strategy), division, author or [], str(statement), licence, source)


def _write(
    folder: Path,
    results: Path,
    strategy: str,
    division: Division,
    author: list[str],
    statement: str,
    licence: str,
    source: str,
) -> None:
    from tasklet_bench.bench.campaigns.submissions.writing import Statement, write_submission
    from tasklet_bench.bench.results.merge import results_at

    said = Statement(division, tuple(author), statement, licence, source)
    with results_at(results) as store:
        written = write_submission(folder, store, strategy, said)
    typer.echo(f"{folder}: {written.entrant}, division {written.division}, chain {written.chain[:12]}")
    typer.echo(f"tasklet-bench submit {folder} --check")


def _check(folder: Path, rerun: bool, trusted: bool, seed: int, as_json: bool) -> None:
    from tasklet_bench.bench.campaigns.submissions.checking import check_submission
    from tasklet_bench.bench.campaigns.submissions.rerun import make_again

    again = partial(make_again, untrusted=not trusted)
    checked = []
    for one in check_submission(folder, again if rerun else None, seed):
        checked.append(one)
        if not as_json:
            typer.echo(f"{_SIGNS[one.status]} {one.what:<10} {one.said}")
    refused = [one.what for one in checked if one.status == "refused"]
    if as_json:
        print_json({"refused": bool(refused), "checked": [vars(one) for one in checked]})
    else:
        typer.echo(f"refused: {', '.join(refused)}" if refused else "accepted")
    if refused:
        raise typer.Exit(MISMATCH_STATUS)
