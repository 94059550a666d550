"""How commands print: JSON in full precision, or text for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import typer

INTERRUPTED_STATUS = 130


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
