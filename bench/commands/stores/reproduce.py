"""`reproduce`: make published runs again, and see whether every digit comes back."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasklet_bench.bench.commands.options import JsonOption, ResultsArgument, TrustOption
from tasklet_bench.bench.commands.output import MISMATCH_STATUS, print_json, text_console

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.reproduce import Again, Reproduction

REFERENCE = Path("results/reference")


def reproduce(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help="An entrant among the results.")],
    results: ResultsArgument = REFERENCE,
    budget: Annotated[
        str | None, typer.Option(metavar="BUDGET", help="Only runs under this one; all that count evaluations.")
    ] = None,
    problems: Annotated[
        list[str] | None,
        typer.Option("-p", "--problem", metavar="PROBLEM", help="Only on this one; `*` matches any text."),
    ] = None,
    as_target: Annotated[
        str | None,
        typer.Option("--as", metavar="FILE:Class", help="Run this code as the strategy, whatever made the results."),
    ] = None,
    trust: TrustOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=4096, metavar="W", help="Runs at a time; as many as cores by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a strategy's stored runs again at equal seeds, and compare to the last digit; status 1 on any difference.

    A strategy or problem that is a file is loaded only if that file is named here: `--trust FILE` if its code is the
    recorded one, `--as FILE:Class` in any case.
    """
    from tasklet_bench.bench.campaigns.progress import Progress
    from tasklet_bench.bench.campaigns.reproduce import reproduce as reproduced
    from tasklet_bench.bench.results.merge import results_at

    with results_at(results) as store, Progress() as progress:
        result = reproduced(
            store,
            strategy,
            budget,
            problems or (),
            as_target=as_target,
            trusted=trust or (),
            workers=workers,
            on_event=progress,
        )
    if as_json:
        print_json(_figures(result))
    else:
        _print(result, strategy)
    if not result.finished or result.same < len(result.runs):
        raise typer.Exit(MISMATCH_STATUS)


def _print(result: Reproduction, strategy: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = text_console()
    for budget in dict.fromkeys(run.spec.budget.name for run in result.runs):
        table = Table(box=None, pad_edge=False)
        table.add_column(escape(f"{strategy}, {budget}"), overflow="fold")
        for heading in ("stored cost (s)", "made again", "same to the digit"):
            table.add_column(heading, justify="right")
        for problem, runs in _by_problem(result.runs, budget).items():
            same = sum(run.same for run in runs)
            table.add_row(
                escape(problem),
                _median([run.stored_s for run in runs]),
                _median([run.cost_s for run in runs]),
                f"{same} of {len(runs)}" if same == len(runs) else f"[red]{same} of {len(runs)}[/red]",
            )
        console.print(table)
        console.print()
    for run in result.runs:
        if not run.same:
            console.print(f"{run.spec.label}: {run.stored_s!r} s stored, {run.cost_s!r} s now", markup=False)
    if result.other_code:
        console.print(f"the code of {strategy} is not the one that made the stored results", markup=False)
    if result.clocked:
        console.print(f"{result.clocked} runs were ended by a clock and not made again")
    stopped = "" if result.finished else ", stopped before the end"
    console.print(f"{result.same} of {len(result.runs)} runs came out the same to the last digit{stopped}")


def _by_problem(runs: tuple[Again, ...], budget: str) -> dict[str, list[Again]]:
    result: dict[str, list[Again]] = {}
    for run in runs:
        if run.spec.budget.name == budget:
            result.setdefault(run.spec.problem.name, []).append(run)
    return dict(sorted(result.items()))


def _median(costs_s: list[float | None]) -> str:
    known = [cost_s for cost_s in costs_s if cost_s is not None]
    return f"{median(known):.9g}" if known else "–"


def _figures(result: Reproduction) -> dict[str, Any]:
    return {
        "runs": [
            {
                "problem": run.spec.problem.name,
                "strategy": run.spec.entrant.name,
                "budget": run.spec.budget.name,
                "seed": run.spec.seed,
                "stored_s": run.stored_s,
                "cost_s": run.cost_s,
                "same": run.same,
            }
            for run in result.runs
        ],
        "same": result.same,
        "clocked": result.clocked,
        "other_code": list(result.other_code),
        "finished": result.finished,
    }
