"""`solve`: search for the best allocation of one problem, and say how far from a proven bound it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tasklet_bench.bench.commands.inputs import budget_typed, parameters_typed
from tasklet_bench.bench.commands.options import (
    DEFAULT_NOISE,
    CpuSecondsOption,
    EvaluationsOption,
    JsonOption,
    LargeOption,
    MemoryOption,
    OutOption,
    ParametersOption,
    ProblemArgument,
    SeedOption,
    WallSecondsOption,
)

DEFAULT_CPU_S = 10.0


def solve(
    problem: ProblemArgument,
    strategy: Annotated[
        str | None,
        typer.Option(
            "-s",
            "--strategy",
            metavar="STRATEGY",
            help="A name, or path/to/file.py:Class. Unless one is named several work in turn: enumeration of small "
            "problems, annealing from known structures, a solver that proves.",
        ),
    ] = None,
    parameters: ParametersOption = None,
    evaluations: EvaluationsOption = None,
    cpu_seconds: CpuSecondsOption = None,
    wall_seconds: WallSecondsOption = None,
    seed: SeedOption = 0,
    memory_gb: MemoryOption = None,
    start: Annotated[Path | None, typer.Option(metavar="ALLOCATION", help="Start from this allocation file.")] = None,
    rank_map: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write which device runs which rank as CSV; `launch` writes the files of a launcher."
        ),
    ] = None,
    bound_seconds: Annotated[
        float | None,
        typer.Option(
            min=0.001, metavar="S", help="After the search, spend so many CPU seconds on a better proven bound."
        ),
    ] = None,
    objective: Annotated[
        Literal["formal", "seconds"] | None,
        typer.Option(help="What is made small; unless said, seconds where devices differ in speed or have a profile."),
    ] = None,
    moves: Annotated[
        int | None,
        typer.Option(min=0, metavar="M", help="With --start: move at most M of its devices, and search nothing else."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="Solve without this site, or host; may be repeated. With --start: a repair."),
    ] = None,
    lose: Annotated[
        list[str] | None,
        typer.Option(metavar="DEVICE", help="The same without a device, by its number or SITE/0; may be repeated."),
    ] = None,
    robust: Annotated[
        str | None,
        typer.Option(metavar="pNN", help="Minimise this percentile of the cost over drawn networks, such as p90."),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=3.0, help=f"With --robust: spread of the logarithm of the factors drawn ({DEFAULT_NOISE})."
        ),
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    _large: LargeOption = False,
) -> None:
    """Find the best allocation that a budget allows (10 CPU seconds unless said otherwise), and stop at a proof.

    Simulated seconds are searched over whole grids, from a formal optimum that takes a fifth of the budget, and both
    objectives are shown for what was found, of the order of the host list and of the formal optimum.

    Ctrl-C ends the search early and prints the best so far. `--out` writes an allocation file. `--bound-seconds` is
    for devices without sites, where the bound that every problem comes with is weak: it bounds both terms of the cost
    together, outside the search's budget and clocks, and the gap is to the better bound.

    A file without a grid gets the shape that is best; half of the budget goes into that. `--without` and `--lose`
    take devices away; with `--start` what stands there is repaired by moving as few others as can be.
    """
    from tasklet_bench.bench.commands.placement.asked import Asked
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES

    asked = Asked(
        problem,
        budget_typed(evaluations, cpu_seconds, wall_seconds) or Budget(cpu_s=DEFAULT_CPU_S),
        DEFAULT_MEMORY_BYTES if memory_gb is None else int(memory_gb * 2**30),
        seed=seed,
        strategy=strategy,
        parameters=parameters_typed(parameters),
        start=start,
        out=out,
        rank_map=rank_map,
        bound_seconds=bound_seconds,
        objective=objective,
        moves=moves,
        leaving=(*(without or ()), *(lose or ())),
        robust=robust,
        noise=noise,
        as_json=as_json,
    )
    asked.require_consistent()
    if moves is not None and not asked.leaving:
        from tasklet_bench.bench import plugins
        from tasklet_bench.bench.commands.placement.few_moves import change_few

        change_few(plugins.resolve(problem).problem, start, moves, out, as_json)
        return
    from tasklet_bench.bench.commands.placement.solving import solve_asked

    solve_asked(asked)
