"""`evaluate`: score allocations with the cost of their problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.bench.commands.options import AllocationArgument, JsonOption, LargeOption, OutOption, ProblemArgument
from tasklet_bench.bench.commands.output import print_json, text_console, write_json

if TYPE_CHECKING:
    from tasklet_bench.problems import Candidate, Cost
    from tasklet_bench.problems.problem import Problem


def evaluate(
    problem: ProblemArgument,
    allocation: AllocationArgument,
    as_json: JsonOption = False,
    out: OutOption = None,
    _large: LargeOption = False,
) -> None:
    """Score one candidate of a problem of any family, or a list of them.

    A grid is scored as it is wired; groups are scored at their best wiring and order. Costs are seconds.
    """
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.problems.files import read_allocations

    found = resolve(problem).problem
    candidates = read_allocations(allocation, found)
    several = isinstance(candidates, list)
    scored = [(candidate, found.cost(candidate)) for candidate in (candidates if several else [candidates])]
    rows = [{"cost_s": cost.total_s, **cost.parts_s} for _, cost in scored]
    if out:
        write_json(out, rows if several else rows[0])
    if as_json:
        print_json(rows if several else rows[0])
    else:
        _print_table(found, scored)


def _print_table(problem: Problem, scored: list[tuple[Candidate, Cost]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    bound_s = problem.bound()
    table = Table(title=escape(problem.name), title_justify="left", caption_justify="left")
    table.caption = f"proven lower bound {bound_s:.6g} s; nothing costs less"
    parts = [name.removesuffix("_s").replace("_", " ") for name in scored[0][1].parts_s] if scored else []
    for heading in ("#", "cost (s)", *(f"{part} (s)" for part in parts), "at most above optimum"):
        table.add_column(heading, justify="right")
    table.add_column("as")
    for number, (candidate, cost) in enumerate(scored):
        gap = 0.0 if cost.total_s == 0 else 1 - bound_s / cost.total_s
        as_written = problem.complete(candidate) is candidate
        table.add_row(
            str(number),
            f"{cost.total_s:.6f}",
            *(f"{part:.6f}" for part in cost.parts_s.values()),
            f"{gap:.1%} of the cost",
            ("written" if as_written else "completed") + ("" if cost.exact else ", upper bound"),
        )
    text_console().print(table)
