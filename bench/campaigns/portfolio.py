"""Solve one problem by several strategies in turn, each within its share of one budget, until a proof or the end.

Each member begins from the best so far. Its run is a run like any other: isolated, metered, scored again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.execution.postprocess import certify
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.bench.runs.tolerances import SAME_COST

if TYPE_CHECKING:
    from tasklet_bench.bench.plugins.portfolios import Member
    from tasklet_bench.bench.runs.spec import Entrant, ProblemRef
    from tasklet_bench.problems.problem import Problem

LEAST_SHARE = 0.02
"""Share of the budget below which nobody begins any more."""
Runner = Callable[[RunSpec, Callable[[Improvement], None]], RunRecord]


@dataclass(frozen=True)
class Solved:
    """The best of all members in one record, with what they spent together, and who found and who proved it.

    `proven_by` is None where nothing is proven, and `problem` where the bound that the problem comes with is met.
    `members` are the entrants that ran, with the CPU seconds of each.
    """

    record: RunRecord
    found_by: str
    proven_by: str | None
    members: tuple[tuple[str, float], ...]


def solve_by_portfolio(
    problem: Problem,
    ref: ProblemRef,
    members: Sequence[tuple[Member, Entrant]],
    budget: Budget,
    run: Runner,
    *,
    seed: int = 0,
    memory_bytes: int,
    start: dict[str, Any] | None = None,
    on_improvement: Callable[[Improvement], None] = lambda _: None,
) -> Solved:
    """Let the members work in turn; `run` makes a run, `start` is a candidate to begin from.

    A member that fails, such as an enumeration that finds the problem out of its reach, is passed over while another
    has found something. Ctrl-C ends the run that is on and the portfolio with it.
    """
    solved: Solved | None = None
    able = _able(members, budget)
    for number, (member, of) in enumerate(able):
        left = budget
        if solved is not None:
            spent = solved.record
            rest = budget.less(spent.evaluations, spent.cpu_s, spent.wall_s)
            if rest is None:
                break
            left = rest
        part = left if number == len(able) - 1 else left.part(member.share)
        if solved and not _worth_it(part, budget, member.needs_s):
            continue
        begin = start if solved is None or solved.record.candidate is None else solved.record.candidate
        spec = RunSpec(ref, of, seed + number, part, memory_bytes=memory_bytes, start=begin)
        record = certify(problem, run(spec, on_improvement))
        solved = _joined(solved, record, problem.bound())
        if solved.record.proven or record.status == "interrupted":
            break
    assert solved is not None  # noqa: S101 - a portfolio has members, and the first one always runs
    return solved


def _joined(before: Solved | None, record: RunRecord, own_bound_s: float) -> Solved:
    """The better of both results, with the better of both bounds and the sum of what was spent."""
    name = record.spec.entrant.name
    if before is None:
        proven_by = _prover(record, name, own_bound_s) if record.proven else None
        return Solved(record, name, proven_by, ((name, record.cpu_s),))
    old = before.record
    is_better = record.cost_s is not None and (old.cost_s is None or record.cost_s < old.cost_s * (1 - SAME_COST))
    best = record if is_better else old
    bounded = record if record.bound_s > old.bound_s else old
    joined = replace(
        best,
        status=record.status if record.status == "interrupted" else best.status,
        bound_s=max(old.bound_s, record.bound_s),
        evaluations=old.evaluations + record.evaluations,
        refused=old.refused + record.refused,
        cpu_s=old.cpu_s + record.cpu_s,
        wall_s=old.wall_s + record.wall_s,
    )
    found_by = name if is_better else before.found_by
    by = name if bounded is record else before.proven_by or before.found_by
    proven_by = _prover(joined, by, own_bound_s) if joined.proven else None
    return Solved(joined, found_by, proven_by, (*before.members, (name, record.cpu_s)))


def _prover(record: RunRecord, name: str, own_bound_s: float) -> str:
    """Who closed the gap: the entrant whose bound is above the problem's own, else the problem."""
    return name if record.bound_s > own_bound_s * (1 + SAME_COST) else "problem"


def _able(members: Sequence[tuple[Member, Entrant]], budget: Budget) -> list[tuple[Member, Entrant]]:
    """The members that this budget is long enough for; searches of one kind that are left side by side are one."""
    limit_s = budget.cpu_s if budget.cpu_s is not None else budget.wall_s
    able = [one for one in members if limit_s is None or limit_s * one[0].share / 2 >= one[0].needs_s]
    return able if any(member.proves for member, _ in able) else able[:1]


def _worth_it(part: Budget, whole: Budget, needs_s: float) -> bool:
    """Whether a part is long enough to begin with."""
    if part.cpu_s is not None and whole.cpu_s is not None:
        return part.cpu_s >= max(needs_s, LEAST_SHARE * whole.cpu_s)
    if part.wall_s is not None and whole.wall_s is not None:
        return part.wall_s >= max(needs_s, LEAST_SHARE * whole.wall_s)
    return part.evaluations is None or whole.evaluations is None or part.evaluations >= LEAST_SHARE * whole.evaluations
