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
