"""`evaluate`: score allocations with the cost of their problem."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasklet_bench.bench.commands.options import (
    DEFAULT_NOISE,
    AllocationArgument,
    JsonOption,
    LargeOption,
    OutOption,
    ProblemArgument,
    SeedOption,
)
from tasklet_bench.bench.commands.output import print_json, text_console, write_json

if TYPE_CHECKING:
    from tasklet_bench.problems import Candidate, Cost
    from tasklet_bench.problems.problem import Problem


def evaluate(
    problem: ProblemArgument,
    allocation: AllocationArgument,
    draws: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, metavar="N", help="Score it on N drawn networks as well: median, p90, worst."),
    ] = None,
    noise: Annotated[
        float,
        typer.Option(min=0.0, max=3.0, help="Spread of the logarithm of the factors on delays and bandwidths drawn."),
    ] = DEFAULT_NOISE,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    out: OutOption = None,
    _large: LargeOption = False,
) -> None:
    """Score one candidate of a problem of any family, or a list of them.

    A grid is scored as it is wired; groups are scored at their best wiring and order. Costs are seconds. Where sites
    have prices, the price of an iteration of its simulated seconds is reported, too.
    """
    from tasklet_bench.bench.commands.placement.pricing import price_of
    from tasklet_bench.bench.plugins import costs_over_draws, resolve
    from tasklet_bench.problems.files import read_allocations

    result = resolve(problem).problem
    candidates = read_allocations(allocation, result)
    several = isinstance(candidates, list)
    scored = [(candidate, result.cost(candidate)) for candidate in (candidates if several else [candidates])]
    rows: list[dict[str, Any]] = [{"cost_s": cost.total_s, **cost.parts_s} for _, cost in scored]
    for row, (candidate, _) in zip(rows, scored, strict=True):
        if (price := price_of(result, candidate)) is not None:
            row["price"] = price.to_json()
        if draws is not None:
            from tasklet_bench.problems.robust.draws import spread_of

            row["over_draws"] = asdict(spread_of(costs_over_draws(result, candidate, draws, noise, seed)))
    if out:
        write_json(out, rows if several else rows[0])
    if as_json:
        print_json(rows if several else rows[0])
    else:
        _print_table(result, scored, rows)


def _print_table(problem: Problem, scored: list[tuple[Candidate, Cost]], rows: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    bound_s = problem.bound()
    table = Table(title=escape(problem.name), title_justify="left", caption_justify="left")
    table.caption = f"proven lower bound {bound_s:.6g} s; nothing costs less"
    parts = [name.removesuffix("_s").replace("_", " ") for name in scored[0][1].parts_s] if scored else []
    for heading in ("#", "cost (s)", *(f"{part} (s)" for part in parts), "at most above optimum"):
        table.add_column(heading, justify="right")
    priced, drawn = any("price" in row for row in rows), any("over_draws" in row for row in rows)
    for heading in (["price"] if priced else []) + (["median of draws", "95 % interval", "p90"] if drawn else []):
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
            *_more(rows[number]),
            ("written" if as_written else "completed") + ("" if cost.exact else ", upper bound"),
        )
    text_console().print(table)


def _more(row: dict[str, Any]) -> list[str]:
    """The cells of a row's price and of its spread over draws, those that there are."""
    cells = [f"{row['price']['total']:.6g}"] if "price" in row else []
    if "over_draws" in row:
        spread = row["over_draws"]
        low, high = spread["interval_s"]
        cells += [f"{spread['median_s']:.6f}", f"{low:.6g}–{high:.6g}", f"{spread['p90_s']:.6f}"]
    return cells
