"""The work of `solve`: which problem is meant, and which kind of answer is asked for, with all runs in one process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from tasklet_bench.bench import plugins
from tasklet_bench.bench.campaigns.solver import Solver, portfolio_entrants
from tasklet_bench.bench.commands import inputs
from tasklet_bench.bench.commands.placement import robustly, seconds, shape_table, what_if
from tasklet_bench.bench.commands.placement.solution_answer import Answer, print_answer
from tasklet_bench.bench.commands.placement.watching import Watch
from tasklet_bench.bench.execution import postprocess

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.shape_choice import Choice
    from tasklet_bench.bench.commands.placement.asked import Asked
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.bench.runs.spec import Entrant, ProblemRef
    from tasklet_bench.problems.problem import Problem

NOTHING_FOUND_STATUS = 1
Tell = Callable[[], None]
"""Prints an answer, once nothing moves on the terminal any more."""


@dataclass(frozen=True)
class _Meant:
    """The formal problem, how a run finds it, where a search begins; and what it was before devices left."""

    problem: Problem
    ref: ProblemRef
    start: dict[str, Any] | None = None
    choice: Choice | None = None
    loss: what_if.Loss | None = None
    before: Problem | None = None


def solve_asked(asked: Asked) -> None:
    """Solve what was asked, print it and write its files; raises `BadInput` before anything is searched."""
    shapes = shape_table.open_shapes(asked)
    given = _given(asked) if shapes is None else None
    example = given or _at_shape(next(shape.resolved for shape in shapes or () if shape.resolved is not None))
    entrants = _entrants(asked, example)
    with (
        Watch(asked.budget) as watch,
        Solver(entrants, [example.ref], watch.improvement, watch.compiling) as solver,
    ):
        if given is None:
            choice = shape_table.choose(asked, shapes or [], solver.run)
            given = replace(_at_shape(choice.resolved), start=choice.candidate, choice=choice)
            asked = replace(asked, budget=asked.budget.part(1 - shape_table.CHOICE_SHARE))
        reported = _kind_of(asked, given)(asked, given, solver)
    reported()


def _given(asked: Asked) -> _Meant:
    """The problem that was named, without the devices that leave."""
    resolved = plugins.resolve(asked.problem)
    problem, ref = resolved.problem, resolved.ref
    lost = plugins.devices_named(problem, asked.leaving, "options --without and --lose") if asked.leaving else ()
    if not lost:
        return _Meant(problem, ref, asked.start_candidate(problem))
    left, left_ref = plugins.without_devices(problem, ref, lost)
    stands = asked.start_candidate(problem)
    loss = None if stands is None else what_if.Loss(problem, left, lost, stands, asked.moves)
    return _Meant(left, left_ref, None, loss=loss, before=problem)


def _at_shape(resolved: plugins.Resolved) -> _Meant:
    return _Meant(resolved.problem, resolved.ref)


def _entrants(asked: Asked, meant: _Meant) -> list[Entrant]:
    """Who searches; raises `BadInput` for one that does not take the problem, and for ranks that it has not."""
    if asked.rank_map is not None:
        inputs.placement(meant.problem, "--rank-map")
    if asked.robust is not None:
        return [asked.entrant(meant.problem, by_default=True), asked.entrant(_robust(asked, meant)[0])]
    searched = _searched(asked, meant)[0]
    named = asked.entrant(searched)
    if meant.loss is not None or (asked.strategy is not None and searched is meant.problem):
        return [named]
    return [*portfolio_entrants(meant.problem), named]


def _kind_of(asked: Asked, meant: _Meant) -> Callable[[Asked, _Meant, Solver], Tell]:
    if asked.robust is not None:
        return _solve_robustly
    return _solve_plainly if meant.loss is None else _repair


def _robust(asked: Asked, meant: _Meant) -> tuple[Problem, ProblemRef]:
    quantile = plugins.robust_quantile(asked.robust or "")
    return plugins.robust_problem(meant.problem, meant.ref, quantile, robustly.noise_of(asked))


def _solve_robustly(asked: Asked, meant: _Meant, solver: Solver) -> Tell:
    plain_spec = asked.spec(meant.problem, meant.ref, start=meant.start, by_default=True)
    plain, robust = robustly.solve_robustly(plain_spec, asked.spec(*_robust(asked, meant)), solver.run)
    if robust.candidate is None:
        return lambda: _say_nothing_found(robust)
    return lambda: robustly.tell_robust(asked, meant.problem, plain, robust)


def _repair(asked: Asked, meant: _Meant, solver: Solver) -> Tell:
    loss = meant.loss
    assert loss is not None  # noqa: S101 - `_kind_of` looked
    afresh = solver.run(asked.spec(meant.problem, meant.ref))
    return lambda: what_if.tell_repair(loss, afresh, asked)


def _searched(asked: Asked, meant: _Meant) -> tuple[Problem, ProblemRef]:
    """The problem by the objective that is made small."""
    goal = asked.objective or plugins.default_objective(meant.problem)
    return plugins.in_seconds(meant.problem, meant.ref.content) if goal == "seconds" else (meant.problem, meant.ref)


def _solve_plainly(asked: Asked, meant: _Meant, solver: Solver) -> Tell:
    formal = meant.problem
    searched, ref = _searched(asked, meant)
    start = meant.start
    if asked.start is not None and searched is not formal:
        start = asked.start_candidate(searched)
    spec = asked.spec(searched, ref, start=start)
    compared = {}
    if searched is formal:
        solved = solver.solve(formal, spec, asked.strategy is None)
    else:
        formal_spec = asked.spec(formal, meant.ref, start=meant.start, by_default=True)
        solved, optimum = seconds.solve_in_seconds(formal, formal_spec, searched, spec, solver)
        if solved.record.candidate is not None:
            compared = seconds.compare_objectives(searched, solved.record, optimum)
    if asked.bound_seconds is not None:
        solved = replace(solved, record=postprocess.tighten_bound(searched, solved.record, asked.bound_seconds))
    if solved.record.candidate is None:
        return lambda: _say_nothing_found(solved.record)
    answer = Answer(solved, formal, searched, compared, meant.choice, meant.before)
    return lambda: print_answer(asked, answer)


def _say_nothing_found(record: RunRecord) -> None:
    """Say so, and end with the status for it."""
    sys.stderr.write(f"tasklet-bench: {record.spec.label}: {record.status}, nothing found\n{record.error or ''}\n")
    raise typer.Exit(NOTHING_FOUND_STATUS)
