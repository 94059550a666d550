"""`new`: begin a plug-in of one's own with files that work at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from tasklet_bench.bench.scaffold.naming import Kind, Names


def new(
    kind: Annotated[Literal["strategy", "problem"], typer.Argument(help="What to begin.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: patient-climber.", show_default=False)],
    package: Annotated[
        bool, typer.Option("--package", help="A whole project that can be installed, instead of one file.")
    ] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")] = Path(),
) -> None:
    """Write a strategy or a problem that runs at once, with its test; no file that exists is touched."""
    from tasklet_bench.bench.scaffold.files import found_as, write
    from tasklet_bench.bench.scaffold.naming import Names

    names = Names.of(kind, name)
    for path in write(kind, names, out, package=package):
        typer.echo(f"written: {path}")
    typer.echo("\nnext:")
    if out != Path() or package:
        typer.echo(f"  cd {out / names.name if package else out}")
    for command in _next(kind, names, found_as(kind, names, package=package), package=package):
        typer.echo(f"  {command}")


def _next(kind: Kind, names: Names, target: str, *, package: bool) -> list[str]:
    """What to type next, in the folder that was written to."""
    first = ["pip install -e '.[test]'", "pytest"] if package else [f"pytest test_{names.module}.py"]
    if kind == "strategy":
        return [*first, f"tasklet-bench check {target}", f"tasklet-bench run -s {target} -s random-partition"]
    return [*first, f"tasklet-bench run -p {target}/3x4 -s random-partition -s annealing"]
