"""Check one strategy against the clauses."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tasklet_bench.bench.contract.clause import Broken, Clause, NotApplicable, Remark
from tasklet_bench.bench.contract.clauses import CLAUSES
from tasklet_bench.bench.contract.instances import instances_for
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.problems.bad_input import BadInput


@dataclass(frozen=True)
class Finding:
    """What checking one clause came to. `expected`, `output_tail` and `rerun_command` are given where it is broken.

    `output_tail` is what the run said at its end, such as a traceback. `n/a` is a clause that says nothing here.
    """

    clause: str
    status: Literal["kept", "remark", "broken", "n/a"]
    found: str
    expected: str | None = None
    output_tail: str | None = None
    rerun_command: str | None = None

    def text(self, *, brief: bool = False) -> str:
        """A broken clause in words: expected, found, and how to see it again; `brief` cuts the output."""
        said = (self.output_tail or "").rstrip().splitlines()
        lines = [f"expected  {self.expected}", f"found     {self.found}", *(said[-1:] if brief else said)]
        return "\n".join([*lines, f"again     {self.rerun_command}"])


def check(
    of: Entrant, clauses: Iterable[Clause] = CLAUSES, again: str = "", problems: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Check an entrant clause by clause; `again` is the command that does so, its own name by default.

    `problems` are the instances to check it on, instead of those that are known for its families.
    """
    with Trials(of, instances=instances_for(of, problems)) as trials:
        for clause in clauses:
            yield check_clause(clause, trials, again)


def check_clause(clause: Clause, trials: Trials, again: str = "") -> Finding:
    """The finding of one clause."""
    again = again or command_of(trials.of.target, (f"{key}={value}" for key, value in trials.of.parameters.items()))
    try:
        result = clause.judge(trials)
    except Broken as fault:
        return Finding(clause.name, "broken", fault.found, fault.expected, fault.said, f"{again} --only {clause.name}")
    status: Literal["kept", "remark", "n/a"] = "kept"
    if isinstance(result, Remark):
        status = "remark"
    elif isinstance(result, NotApplicable):
        status = "n/a"
    return Finding(clause.name, status, result)


def command_of(strategy: str, parameters: Iterable[str] = ()) -> str:
    """The command that checks a strategy, given as it is typed, with parameters such as `patience=3`."""
    return shlex.join(["tasklet-bench", "check", strategy, *(word for pair in parameters for word in ("-P", pair))])


def chosen(names: Iterable[str]) -> tuple[Clause, ...]:
    """The clauses of some names, all of them for none; raises `BadInput` with the nearest for an unknown one."""
    known = {clause.name: clause for clause in CLAUSES}
    wanted = list(names)
    for name in wanted:
        if name not in known:
            raise BadInput.unknown("clause", name, known)
    return tuple(clause for clause in CLAUSES if not wanted or clause.name in wanted)
