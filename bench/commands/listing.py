"""`list`: the strategies, problems and suites that there are, without importing any of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from bench.commands.options import JsonOption
from bench.commands.output import print_json


def list_names(
    what: Annotated[Literal["strategies", "problems", "suites"], typer.Argument(help="What to list.")],
    as_json: JsonOption = False,
) -> None:
    """List the strategies, problems or suites by name."""
    rows = {"strategies": _strategies, "problems": _problems, "suites": _suites}[what]()
    if as_json:
        print_json(rows)
    else:
        _print_table(rows)


def _strategies() -> list[dict[str, Any]]:
    from strategies.registry import ENTRANTS, STRATEGIES

    return [
        {
            "name": name,
            "idea": entry.summary,
            "entrants": [entrant for entrant in ENTRANTS if entrant.split("[")[0] == name],
        }
        for name, entry in STRATEGIES.items()
    ]


def _problems() -> list[dict[str, Any]]:
    from problems.instances import catalogue

    return [
        {
            "name": name,
            "shape": str(catalogue.shape(name)),
            "devices": catalogue.shape(name).n_devices,
            "tags": list(catalogue.tags(name)),
        }
        for name in catalogue.names()
    ]


def _suites() -> list[dict[str, Any]]:
    from problems.instances import catalogue

    suites = [catalogue.suite(name) for name in catalogue.suites()]
    return [
        {"name": suite.name, "problems": len(suite.problems), "champion": suite.champion, "summary": suite.summary}
        for suite in suites
    ]


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for row in rows:
        table.add_row(*(escape(", ".join(cell) if isinstance(cell, list) else str(cell)) for cell in row.values()))
    Console().print(table)
