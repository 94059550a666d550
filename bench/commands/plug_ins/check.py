"""`check`: whether a strategy or a problem keeps to the contract."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from tasklet_bench.bench.commands.inputs import parameters_typed
from tasklet_bench.bench.commands.options import JsonOption, ParametersOption
from tasklet_bench.bench.commands.output import print_json, text_console
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasklet_bench.bench.contract import Finding

BROKEN_STATUS = 1
_SIGNS = {"kept": ("✓", "green"), "remark": ("!", "yellow"), "broken": ("✗", "red"), "n/a": ("·", None)}


def check(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="STRATEGY|PROBLEM",
            help="A name, path/to/file.py:NAME, or a problem file.",
            show_default=False,
        ),
    ] = None,
    parameters: ParametersOption = None,
    problems: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--problem", metavar="PROBLEM", help="Check the strategy on this instance; may be repeated."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CLAUSE", help="Only this clause; may be repeated.")
    ] = None,
    list_clauses: Annotated[bool, typer.Option("--list", help="List the clauses and check nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a strategy or a problem against the contract that all keep to, clause by clause; status 1 if one is broken.

    A strategy is tried on small instances of the first family that it takes, or on those that `--problem` names.
    """
    from tasklet_bench.bench.contract import checking, problem_checking

    if list_clauses:
        _list_clauses(as_json)
        return
    if target is None:
        raise BadInput.at("check", "STRATEGY|PROBLEM", "nothing", "a name, path/to/file.py:NAME, or a problem file")

    from tasklet_bench.bench.plugins import entrant, kind_of, resolve

    if kind_of(target) == "problem":
        chosen = problem_checking.choose_problem_clauses(only or ())
        name = resolve(target).problem.name
        findings = problem_checking.check_problem(lambda: resolve(target).problem, target, chosen)
        width = max(len(problem_checking.clause_name(clause)) for clause in chosen)
        _show(name, "problem", findings, width, as_json)
        return
    clauses = checking.chosen(only or ())
    of = entrant(target, parameters_typed(parameters))
    again = checking.command_of(target, parameters or ())
    findings = checking.check(of, clauses, again, tuple(problems or ()))
    _show(of.name, "strategy", findings, max(len(clause.name) for clause in clauses), as_json)


def _show(name: str, kind: str, findings: Iterator[Finding], width: int, as_json: bool) -> None:
    """Print findings as they come, and a line about all of them; ends with status 1 if a clause is broken."""
    began = time.monotonic()
    shown: list[Finding] = []
    for finding in findings:
        if not as_json:
            _print(finding, width, brief=any(before.status == "broken" for before in shown))
        shown.append(finding)
    broken = [finding.clause for finding in shown if finding.status == "broken"]
    seconds = time.monotonic() - began
    if as_json:
        print_json(
            {kind: name, "kept": not broken, "seconds": seconds, "clauses": [vars(finding) for finding in shown]}
        )
    else:
        summary = f"{len(broken)} broken: {', '.join(broken)}" if broken else "all kept"
        typer.echo(f"\n{name}: {len(shown)} clauses in {seconds:.1f} s, {summary}")
    if broken:
        raise typer.Exit(BROKEN_STATUS)


def _list_clauses(as_json: bool) -> None:
    from tasklet_bench.bench.contract import checking, problem_checking
    from tasklet_bench.bench.contract.problem_clauses import CLAUSES

    of_strategies = {clause.name: clause.promise for clause in checking.chosen(())}
    of_problems = {problem_checking.clause_name(clause): problem_checking.promise(clause) for clause in CLAUSES}
    if as_json:
        rows = [("strategy", of_strategies), ("problem", of_problems)]
        print_json(
            [{"of": kind, "clause": name, "promise": text} for kind, known in rows for name, text in known.items()]
        )
        return
    for kind, promises in (("strategies", of_strategies), ("problems", of_problems)):
        text_console().print(f"of {kind}:")
        _print_clauses(promises)


def _print(finding: Finding, width: int, *, brief: bool) -> None:
    """One line; a broken clause in words below it, `brief` without what its run said before its last line."""
    sign, colour = _SIGNS[finding.status]
    mark = typer.style(sign, fg=colour)
    if finding.status == "broken":
        typer.echo(f"{mark} {finding.clause}\n    " + finding.text(brief=brief).replace("\n", "\n    "))
    else:
        typer.echo(f"{mark} {finding.clause:<{width}}  {finding.found}")


def _print_clauses(promises: dict[str, str]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for name, promise in promises.items():
        table.add_row(name, promise)
    text_console().print(table)
