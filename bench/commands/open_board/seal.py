"""`seal`: the suite of a secret, its commitment, and whether results are of that suite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tasklet_bench.bench.commands.options import JsonOption
from tasklet_bench.bench.commands.output import MISMATCH_STATUS, print_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.instances.catalogue import Suite

SecretOption = Annotated[
    Path, typer.Option("--secret", metavar="FILE", help="The secret: the file's text without blanks around it.")
]
CommitmentsOption = Annotated[
    Path | None,
    typer.Option("--commitments", metavar="FILE", help="Where commitments stand; the project's own by default."),
]


def seal(
    secret: SecretOption,
    commitments: CommitmentsOption = None,
    results: Annotated[
        Path | None, typer.Option("--results", metavar="DIR", help="Check that these results are of the sealed suite.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a secret seals: its commitment, and 40 instances; with results, whether these are of that suite."""
    from tasklet_bench.problems.instances import sealed

    text = sealed.read_secret(secret)
    path = commitments or sealed.COMMITMENTS
    rounds = {known.sha256: known.number for known in sealed.read_rounds(path)}
    commitment = sealed.commitment(text)
    number = rounds.get(commitment)
    if number is None and results is not None:
        sealed.round_of(text, path)
    suite = sealed.sealed_suite(text, number or 1 + max(rounds.values(), default=0))
    foreign = [] if results is None else _foreign_runs(results, suite)
    if as_json:
        shown = {"commitment": commitment, "round": number, "suite": suite.name, "suite_digest": suite.digest}
        print_json({**shown, "problems": list(suite.problems), "foreign": foreign if results else None})
    else:
        _print(commitment, number, path, suite)
        if results is not None:
            typer.echo("\n".join(foreign) or f"all results in {results} are of this suite; `verify` scores them again")
    if foreign:
        raise typer.Exit(MISMATCH_STATUS)


def suite_of_secret(secret: Path | None, commitments: Path | None) -> Suite | None:
    """The sealed suite of a secret's file, None without one; its commitment must be written down."""
    from tasklet_bench.problems.instances import sealed

    if secret is None:
        if commitments is not None:
            raise BadInput.at("option --commitments", "--secret", "nothing", "it beside it")
        return None
    text = sealed.read_secret(secret)
    return sealed.sealed_suite(text, sealed.round_of(text, commitments or sealed.COMMITMENTS).number)


def _print(commitment: str, number: int | None, path: Path, suite: Suite) -> None:
    typer.echo(f"commitment   {commitment}")
    if number is None:
        typer.echo(f"written down nowhere in {path}: before anybody is scored, add")
        typer.echo(f'\n[[round]]\nnumber = {suite.name.rpartition("-")[2]}\nsha256 = "{commitment}"\n')
    else:
        typer.echo(f"written down as round {number} in {path}")
    typer.echo(f"suite digest {suite.digest}")
    for name in suite.problems:
        typer.echo(f"  {name}")


def _foreign_runs(results: Path, suite: Suite) -> list[str]:
    """What in a folder of results is not of the suite, one line each."""
    from tasklet_bench.bench.results.merge import results_at
    from tasklet_bench.problems.instances.digests import digest

    own = {digest(name): name for name in suite.problems}
    with results_at(results) as store:
        runs = store.runs(suite.digest)
    if runs.empty:
        return [f"{results}: no run of the suite with digest {suite.digest}"]
    wrong = runs.loc[[name != own.get(of) for name, of in zip(runs["problem"], runs["problem_digest"], strict=True)]]
    return [f"{name}: not an instance of the sealed suite, or another one of that name" for name in wrong["problem"]]
