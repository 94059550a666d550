"""`list`: the strategies, problems and suites that there are.

The project's own are listed without importing any of them; installed plug-ins are imported, so that a broken one stands
there with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.options import JsonOption
from tasklet_bench.bench.commands.output import print_json, text_console

if TYPE_CHECKING:
    from tasklet_bench.bench.plugins import Installed

_OWN = {"package": "tasklet-bench", "fault": None}


def list_names(
    what: Annotated[Literal["strategies", "problems", "suites", "families"], typer.Argument(help="What to list.")],
    as_json: JsonOption = False,
) -> None:
    """List the strategies, problems, suites or families by name, those of installed packages among them."""
    rows = {"strategies": _strategies, "problems": _problems, "suites": _suites, "families": _families}[what]()
    if as_json:
        print_json(rows)
    else:
        _print_table(rows)


def _strategies() -> list[dict[str, Any]]:
    from tasklet_bench.bench.plugins import installed_strategies, strategy_class_of
    from tasklet_bench.strategies.registry import ENTRANTS, STRATEGIES

    def row(name: str, idea: str, package: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "idea": idea, "entrants": [e for e in ENTRANTS if e.split("[")[0] == name], **package}

    rows = [row(name, entry.summary, _OWN) for name, entry in STRATEGIES.items()]
    for name, plugin in installed_strategies().items():
        idea, fault = _looked_at(plugin, lambda plugin: strategy_class_of(plugin.target))
        rows.append(row(name, idea, {"package": plugin.source, "fault": fault}))
    return rows


def _problems() -> list[dict[str, Any]]:
    from tasklet_bench.bench.plugins import installed_problems
    from tasklet_bench.problems.instances import catalogue

    def row(name: str, package: dict[str, Any]) -> dict[str, Any]:
        shape = catalogue.shape(name)
        return {
            "name": name,
            "shape": str(shape),
            "devices": shape.n_devices,
            "tags": list(catalogue.tags(name)),
        } | package

    rows = [row(name, _OWN) for name in catalogue.names()]
    for prefix, plugin in installed_problems().items():
        idea, fault = _looked_at(plugin, lambda plugin: plugin.load())
        facts: dict[str, Any] = {"name": f"{prefix}/…", "shape": None, "devices": None, "tags": [], "idea": idea}
        rows.append({**facts, "package": plugin.source, "fault": fault})
    return rows


def _suites() -> list[dict[str, Any]]:
    from tasklet_bench.problems.instances import catalogue

    suites = [catalogue.suite(name) for name in catalogue.suites()]
    return [
        {"name": suite.name, "problems": len(suite.problems), "champion": suite.champion, "summary": suite.summary}
        for suite in suites
    ]


def _families() -> list[dict[str, Any]]:
    from tasklet_bench.bench.plugins import installed_problems
    from tasklet_bench.problems.families import ROOMS, SUMMARIES
    from tasklet_bench.problems.instances import catalogue

    suites = set(catalogue.suites())

    def row(name: str) -> dict[str, Any]:
        suite = name if name in suites else {"iteration-time": "seconds", "allocation": "core"}.get(name, "")
        named = f"{name}/NAME?key=value" if name in ROOMS else "NAME?key=value"
        return {"name": name, "decides": SUMMARIES[name], "names": named, "suite": suite if suite in suites else ""}

    rows: list[dict[str, Any]] = [row(name) for name in SUMMARIES]
    for prefix, plugin in installed_problems().items():
        idea, fault = _looked_at(plugin, lambda plugin: plugin.load())
        rows.append({"name": prefix, "decides": idea, "names": f"{prefix}/…", "suite": "", "package": plugin.source,
                     "idea": idea, "fault": fault})  # fmt: skip
    return rows


def _looked_at(plugin: Installed, load: Any) -> tuple[str, str | None]:
    """The first line of a plug-in's docstring, or why it cannot be used, which is returned beside it."""
    from tasklet_bench.problems.bad_input import BadInput

    try:
        lines = (load(plugin).__doc__ or "").strip().splitlines()
    except BadInput as fault:
        return f"broken: {fault}", str(fault)
    return lines[0] if lines else "", None


def _print_table(rows: list[dict[str, Any]]) -> None:
    """The project's own, and beneath them those of installed packages."""
    installed = [row for row in rows if row.get("package", _OWN["package"]) != _OWN["package"]]
    own = [row for row in rows if row not in installed]
    _print_columns(own, [heading for heading in own[0] if heading not in _OWN])
    if installed:
        _print_columns(installed, ["name", "idea", "package"], title="\nof installed packages")


def _print_columns(rows: list[dict[str, Any]], headings: list[str], title: str | None = None) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row[heading])) for heading in headings))
    text_console().print(table)


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
