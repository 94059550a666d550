"""`solve`: search for the best allocation of one problem, and say how far from a proven bound it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.inputs import budget_typed, parameters_typed, placement
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
from tasklet_bench.bench.commands.output import print_json, write_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.portfolio import Solved
    from tasklet_bench.bench.commands.solving import Gain
    from tasklet_bench.bench.execution.compiling import Compiling
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import Entrant, ProblemRef, RunSpec
    from tasklet_bench.problems.problem import Problem

DEFAULT_CPU_S = 10.0
NOTHING_FOUND_STATUS = 1


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
        float, typer.Option(min=0.0, max=3.0, help="With --robust: spread of the logarithm of the factors drawn.")
    ] = DEFAULT_NOISE,
    out: OutOption = None,
    as_json: JsonOption = False,
    _large: LargeOption = False,
) -> None:
    """Find the best allocation that a budget allows (10 CPU seconds unless said otherwise), and stop at a proof.

    Simulated seconds are searched over whole grids, from a formal optimum that takes a fifth of the budget, and both
    objectives are reported of what was found, of the order of the host list and of the formal optimum.

    Ctrl-C ends the search early and prints the best so far. `--out` writes an allocation file. `--bound-seconds` is
    for devices without sites, where the bound that every problem comes with is weak: it bounds both terms of the cost
    together, outside the search's budget and clocks, and the gap is measured to the better bound.

    A file without a grid gets the shape that is best; half of the budget goes into that. `--without` and `--lose`
    take devices away; with `--start` what stands there is repaired by moving as few others as can be.
    """
    from tasklet_bench.bench import execution, plugins
    from tasklet_bench.bench.commands import seconds, shape_table, solving
    from tasklet_bench.bench.commands.few_moves import change_few
    from tasklet_bench.bench.commands.pricing import describe_price, price_of
    from tasklet_bench.bench.commands.robustly import report_robust, solve_robustly
    from tasklet_bench.bench.commands.what_if import Loss, report_repair
    from tasklet_bench.bench.execution import postprocess
    from tasklet_bench.bench.report import solution
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES, RunSpec

    _require_apart(problem, start, out, rank_map)
    budget = budget_typed(evaluations, cpu_seconds, wall_seconds) or Budget(cpu_s=DEFAULT_CPU_S)
    memory_bytes = DEFAULT_MEMORY_BYTES if memory_gb is None else int(memory_gb * 2**30)

    def quick(problem: Problem, ref: ProblemRef, budget: Budget) -> RunSpec:
        return RunSpec(ref, _entrant(problem, None, {}), seed, budget, memory_bytes=memory_bytes)

    choice = shape_table.choose(problem, budget, quick, execution.run)
    resolved = plugins.resolve(problem) if choice is None else choice.resolved
    if choice is not None:
        budget = budget.part(1 - shape_table.CHOICE_SHARE)
    result, found_ref = resolved.problem, resolved.ref
    if robust is not None:
        robust_spec = quick(*plugins.robust_problem(result, found_ref, plugins.robust_quantile(robust), noise), budget)
        plain, record = solve_robustly(quick(result, found_ref, budget), robust_spec, execution.run)
        if record.candidate is None:
            _say_nothing_found(robust_spec, record)
        report_robust(result, plain, record, noise, out, as_json)
        return
    lost = plugins.devices_named(result, [*(without or []), *(lose or [])], "options --without and --lose")
    if lost:
        before = result
        result, found_ref = plugins.without_devices(result, found_ref, lost)
        if start is not None:
            asked = Loss(before, result, lost, _start(before, start), moves)
            report_repair(asked, execution.run(quick(result, found_ref, budget)), out, as_json)
            return
    if moves is not None:
        change_few(result, start, moves, out, as_json)
        return
    begin = None if choice is None or lost else choice.candidate
    goal = objective or plugins.default_objective(result)
    placed = placement(result, "--rank-map") if rank_map else None

    def spec_of(problem: Problem, ref: ProblemRef, name: str | None) -> RunSpec:
        return RunSpec(
            ref,
            _entrant(problem, name, parameters_typed(parameters) if name == strategy else {}),
            seed,
            budget,
            memory_bytes=memory_bytes,
            start=begin if start is None else _start(problem, start),
        )

    compared: dict[str, dict[str, float]] = {}
    formal, ref = result, found_ref
    if goal == "seconds":
        result, ref = plugins.in_seconds(formal, found_ref.content)
    spec = spec_of(result, ref, strategy)
    with _Watch(spec.budget) as watch:
        if result is formal:
            solved = solving.solve_spec(result, spec, strategy is None, watch, watch.compiling)
        else:
            formal_spec = spec_of(formal, found_ref, None)
            solved, optimum = seconds.solve_in_seconds(formal, formal_spec, result, spec, watch, watch.compiling)
    record = solved.record
    if result is not formal and record.candidate is not None:
        compared = seconds.compare_objectives(result, record, optimum)
    if bound_seconds is not None:
        record = postprocess.tighten_bound(result, record, bound_seconds)
    if record.candidate is None:
        _say_nothing_found(spec, record)
        return
    if out:
        write_json(out, record.candidate)
    if rank_map and placed is not None:
        from tasklet_bench.problems.launch import ranks, write_rank_map

        write_rank_map(ranks(placed, placed.complete(placed.candidate_from_json(record.candidate))), rank_map)
    price = price_of(result, result.candidate_from_json(record.candidate))
    gain = solving.gain_of(formal, record.candidate)
    if as_json:
        reported: dict[str, Any] = {"objective": goal, "compared": compared} if compared else {}
        reported |= {} if price is None else {"price": price.to_json()}
        reported |= {} if choice is None else shape_table.shapes_json(choice)
        print_json({**_answer(record), **_about(solved, gain), **reported})
    else:
        if choice is not None:
            typer.echo("\n".join(shape_table.table_of(choice)))
        if result is not formal and objective is None:
            typer.echo("devices differ in speed or have a profile: simulated seconds are made small")
        solution.show(result, record)
        typer.echo("\n".join(_sentences(solved, record, gain, compared)))
        if compared:
            typer.echo("\n".join(seconds.describe_comparison(compared)))
        if price is not None:
            typer.echo(describe_price(price))
    if rank_map:
        typer.echo(f"written: {rank_map}", err=True)


def _require_apart(problem: str, start: Path | None, out: Path | None, rank_map: Path | None) -> None:
    """Raise `BadInput` if one of the files that are written would overwrite another, or what is read."""
    from tasklet_bench.problems.files import rank_map as ranks

    read = {"the problem": Path(problem), "--start": start}
    written = {"--out": out, "--rank-map": rank_map, "its host list": rank_map and ranks.host_list_path(rank_map)}
    taken = {path.resolve(): name for name, path in read.items() if path is not None and path.is_file()}
    for name, path in written.items():
        if path is not None:
            first = taken.setdefault(path.resolve(), name)
            if first != name:
                raise BadInput.at(name, "file", path, f"another than that of {first}, which it would overwrite")


def _say_nothing_found(spec: RunSpec, record: RunRecord) -> None:
    """Say so, and end with the status for it."""
    sys.stderr.write(f"tasklet-bench: {spec.label}: {record.status}, nothing found\n{record.error or ''}\n")
    raise typer.Exit(NOTHING_FOUND_STATUS)


def _entrant(problem: Problem, strategy: str | None, parameters: dict[str, str]) -> Entrant:
    """Who searches; raises `BadInput` if it does not take this family of problems."""
    from tasklet_bench.bench import plugins

    result = plugins.entrant(strategy or plugins.default_strategy(problem.family), parameters)
    if not result.takes(problem.family):
        raise BadInput.at(f"strategy {result.name}", "families", ", ".join(result.families), f"{problem.family} or *")
    if not result.takes_decision(problem.decision.kind):
        raise BadInput.at(f"strategy {result.name}", "decisions", ", ".join(result.decisions), problem.decision.kind)
    return result


def _start(problem: Problem, path: Path) -> dict[str, Any]:
    """The candidate of an allocation file, complete."""
    from tasklet_bench.problems.files import read_allocations

    candidate = read_allocations(path, problem)
    if isinstance(candidate, list):
        raise BadInput.at(str(path), "the whole of it", "a list", "one allocation to start from")
    return problem.candidate_to_json(problem.complete(candidate))


def _answer(record: RunRecord) -> dict[str, Any]:
    candidate = record.candidate or {}
    return {
        "cost_s": record.cost_s,
        "parts_s": record.parts_s,
        **record.parts_s,
        "bound_s": record.bound_s,
        "gap": record.gap,
        "proven": record.proven,
        **(candidate if "grid" in candidate else {"candidate": candidate}),
        "status": record.status,
        "evaluations": record.evaluations,
        "cpu_s": record.cpu_s,
        "wall_s": record.wall_s,
    }


def _about(solved: Solved, gain: Gain | None) -> dict[str, Any]:
    """Who found and who proved it, and what is gained over the order of the host list."""
    return {
        "found_by": solved.found_by,
        "proven_by": solved.proven_by,
        **(gain.to_json() if gain is not None else {}),
        "members": [{"entrant": name, "cpu_s": cpu_s} for name, cpu_s in solved.members],
    }


def _sentences(solved: Solved, record: RunRecord, gain: Gain | None, compared: dict[str, Any]) -> list[str]:
    from tasklet_bench.bench.commands.solving import advice

    by = {"problem": "the problem's own bound"}.get(solved.proven_by or "", solved.proven_by)
    said = [f"found by {solved.found_by}" + (f", proven by {by}" if record.proven and by else "")]
    said += [] if gain is None or compared else gain.sentences()
    reported = None if record.proven else advice(solved)
    return said + ([] if reported is None else [reported])


class _Watch:
    """One line on standard error, while the search goes on, with the best so far; silent when it is no terminal."""

    def __init__(self, budget: Budget) -> None:
        from rich.console import Console

        self._status = Console(stderr=True).status(f"searching, budget {budget.name}")
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> _Watch:
        if self._shown:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._status.stop()

    def compiling(self, news: Compiling) -> None:
        """Show that code is compiled, which comes before the search; once where there is no terminal."""
        if self._shown:
            self._status.update(str(news))
        elif news.done == 0:
            typer.echo(str(news), err=True)

    def __call__(self, row: Any) -> None:
        """Show an improvement."""
        self._status.update(
            f"best {row.cost_s:.6g} s, bound {row.bound_s:.6g} s, after {row.evaluations:,} evaluations and "
            f"{row.cpu_s:.1f} CPU s (Ctrl-C keeps the best)"
        )
