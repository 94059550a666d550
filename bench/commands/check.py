"""`check`: whether a strategy keeps to the contract."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from tasklet_bench.bench.commands.inputs import parameters_typed
from tasklet_bench.bench.commands.options import JsonOption, ParametersOption
from tasklet_bench.bench.commands.output import print_json, text_console
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.contract import Verdict

BROKEN_STATUS = 1
_SIGNS = {"kept": ("✓", "green"), "remark": ("!", "yellow"), "broken": ("✗", "red")}


def check(
    strategy: Annotated[
        str | None, typer.Argument(metavar="STRATEGY", help="A name, or path/to/file.py:Class.", show_default=False)
    ] = None,
    parameters: ParametersOption = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CLAUSE", help="Only this clause; may be repeated.")
    ] = None,
    list_clauses: Annotated[bool, typer.Option("--list", help="List the clauses and check nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a strategy against the contract that all keep to, clause by clause; status 1 if one is broken."""
    from tasklet_bench.bench.contract import checking

    clauses = checking.chosen(only or ())
    if list_clauses:
        if as_json:
            print_json([{"clause": clause.name, "promise": clause.promise} for clause in clauses])
        else:
            _print_clauses({clause.name: clause.promise for clause in clauses})
        return
    if strategy is None:
        raise BadInput.at("check", "STRATEGY", "nothing", "a name, or path/to/file.py:Class")

    from tasklet_bench.bench.plugins import entrant

    of = entrant(strategy, parameters_typed(parameters))
    began = time.monotonic()
    verdicts: list[Verdict] = []
    for verdict in checking.check(of, clauses, checking.command_of(strategy, parameters or ())):
        if not as_json:
            again = any(before.status == "broken" for before in verdicts)
            _print(verdict, max(len(clause.name) for clause in clauses), brief=again)
        verdicts.append(verdict)
    broken = [verdict.clause for verdict in verdicts if verdict.status == "broken"]
    seconds = time.monotonic() - began
    if as_json:
        rows = [vars(verdict) for verdict in verdicts]
        print_json({"strategy": of.name, "kept": not broken, "seconds": seconds, "clauses": rows})
    else:
        told = f"{len(broken)} broken: {', '.join(broken)}" if broken else "all kept"
        typer.echo(f"\n{of.name}: {len(verdicts)} clauses in {seconds:.1f} s, {told}")
    if broken:
        raise typer.Exit(BROKEN_STATUS)


def _print(verdict: Verdict, width: int, *, brief: bool) -> None:
    """One line; a broken clause in words below it, `brief` without what its run said before its last line."""
    sign, colour = _SIGNS[verdict.status]
    mark = typer.style(sign, fg=colour)
    if verdict.status == "broken":
        typer.echo(f"{mark} {verdict.clause}\n    " + verdict.text(brief=brief).replace("\n", "\n    "))
    else:
        typer.echo(f"{mark} {verdict.clause:<{width}}  {verdict.found}")


def _print_clauses(promises: dict[str, str]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for name, promise in promises.items():
        table.add_row(name, promise)
    text_console().print(table)
