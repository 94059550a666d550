"""How commands print: JSON in full precision, or text for people."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED_STATUS = 130
MISMATCH_STATUS = 1
"""What is stored does not hold, or does not come out again."""
PIPED_COLUMNS = 132
"""Width of tables that no terminal limits, unless the variable COLUMNS says another."""


def text_console() -> Console:
    """Standard output for tables and coloured text; wide where it goes to a file or a pipe."""
    from rich.console import Console

    limited = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if limited else PIPED_COLUMNS)


def print_json(data: Any) -> None:
    """Print data as indented JSON, floats in full double precision."""
    typer.echo(json.dumps(data, indent=2, allow_nan=False))


def write_json(path: Path, data: Any) -> None:
    """Write data as JSON to a file, and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    typer.echo(f"written: {path}", err=True)


def stopped() -> NoReturn:
    """End a command that was interrupted between runs; raises `typer.Exit`."""
    typer.echo("stopped; every finished run is stored, the same command goes on from here", err=True)
    raise typer.Exit(INTERRUPTED_STATUS)
