"""Check one problem against the clauses for problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from tasklet_bench.bench.contract.checking import Finding, command_of
from tasklet_bench.bench.contract.clause import Broken, NotApplicable
from tasklet_bench.bench.contract.problem_clauses import CLAUSES, ProblemTrial
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem

ProblemClause = Callable[[ProblemTrial], str]


def clause_name(clause: ProblemClause) -> str:
    """`cost_is_a_function` as it is typed: `cost-is-a-function`."""
    return clause.__name__.replace("_", "-")


def promise(clause: ProblemClause) -> str:
    """What a clause asks for, in one sentence."""
    return " ".join((clause.__doc__ or "").split())


def choose_problem_clauses(names: Iterable[str]) -> tuple[ProblemClause, ...]:
    """The clauses of some names, all for none; raises `BadInput` with the nearest name for an unknown one."""
    known = {clause_name(clause): clause for clause in CLAUSES}
    for name in names:
        if name not in known:
            raise BadInput.unknown("clause", name, known)
    wanted = set(names)
    return tuple(clause for name, clause in known.items() if not wanted or name in wanted)


def check_problem(
    load: Callable[[], Problem], target: str, clauses: Iterable[ProblemClause] = CLAUSES
) -> Iterator[Finding]:
    """Check a problem clause by clause; `load` makes it, `target` is what was typed for it."""
    trial = ProblemTrial(load(), load)
    for clause in clauses:
        yield check_problem_clause(clause, trial, target)


def check_problem_clause(clause: ProblemClause, trial: ProblemTrial, target: str) -> Finding:
    """The finding of one clause; an exception that a clause does not expect is a finding, too."""
    name = clause_name(clause)
    rerun_command = f"{command_of(target)} --only {name}"
    try:
        text = clause(trial)
    except Broken as fault:
        return Finding(name, "broken", fault.found, fault.expected, fault.said, rerun_command)
    except Exception as fault:
        return Finding(name, "broken", f"{type(fault).__name__}: {fault}", promise(clause), None, rerun_command)
    status: Literal["kept", "n/a"] = "n/a" if isinstance(text, NotApplicable) else "kept"
    return Finding(name, status, text)
