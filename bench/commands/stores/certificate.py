"""`certificate check`: whether certificates of lower bounds hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

certificate = typer.Typer(no_args_is_help=True, help="Certificates of lower bounds that anybody can check.")


@certificate.callback()
def _certificate() -> None:
    """Certificates of lower bounds that anybody can check."""


@certificate.command()
def check(
    target: Annotated[str, typer.Argument(metavar="[FILE|all]", help="A certificate, or all published ones.")] = "all",
) -> None:
    """Check certificates with the independent checker, one sentence each; exit status 1 if one is refused."""
    from tasklet_bench.problems.bad_input import BadInput
    from tasklet_bench.problems.certificates.checker import Refused
    from tasklet_bench.problems.certificates.files import FOLDER, check_file

    paths = sorted(FOLDER.glob("*.json")) if target == "all" else [Path(target)]
    if not paths:
        raise BadInput(f"{FOLDER}: expected certificates, none is there")
    refused = False
    for path in paths:
        try:
            typer.echo(f"accepted: {check_file(path)}")
        except Refused as reason:
            refused = True
            typer.echo(f"refused: {path.name}: {reason}")
    raise typer.Exit(int(refused))


@certificate.command()
def write(
    problems: Annotated[
        list[str] | None, typer.Argument(metavar="[PROBLEM]...", help="Instances of the catalogue; all proven ones.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the files; that of the published ones.")
    ] = None,
) -> None:
    """Write a certificate for each best-known cost of an allocation that is proven, or say why it admits none.

    Each one is checked before it is written. An instance that is not proven gets one of the best bound that is known.
    """
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.problems.bad_input import BadInput
    from tasklet_bench.problems.certificates.checker import Refused
    from tasklet_bench.problems.certificates.files import FOLDER, emit, has_kind
    from tasklet_bench.problems.loading import load_problem

    known = {entry.problem: entry for entry in best_known.read().values()}
    for name in problems or [name for name, entry in known.items() if entry.proven]:
        if name not in known:
            raise BadInput.unknown("problem", name, known)
        problem = load_problem(name)
        if not has_kind(problem):
            continue
        entry = known[name]
        try:
            path = emit(problem, entry.cost_s if entry.proven else entry.bound_s, out or FOLDER)
            typer.echo(f"{name}: {path}")
        except Refused as reason:
            typer.echo(f"{name}: none, {reason}")
