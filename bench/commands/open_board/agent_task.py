"""`agent-task`: begin a search for strategies by a system that writes programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def agent_task(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.", show_default=False)],
    evaluations: Annotated[
        int, typer.Option("--evaluations", min=1, metavar="N", help="Budget of each run: scored candidates.")
    ] = 300,
) -> None:
    """Write a task for OpenEvolve, ShinkaEvolve and the like: a program with a marked region, and its evaluator."""
    from tasklet_bench.bench.scaffold.agent_task import write_agent_task

    for path in write_agent_task(folder, evaluations):
        typer.echo(f"written: {path}")
    typer.echo(f"\nnext:\n  cd {folder}\n  python evaluator.py --few")
