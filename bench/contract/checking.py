"""Check one strategy against the clauses."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tasklet_bench.bench.contract.clause import Broken, Clause, Remark
from tasklet_bench.bench.contract.clauses import CLAUSES
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.runs.record import Entrant
from tasklet_bench.problems.bad_input import BadInput

FAMILY = "allocation"


@dataclass(frozen=True)
class Verdict:
    """What one clause has found. `expected`, `said` and `again` are given where it is broken.

    `said` is what the run said at its end, such as a traceback; `again` is the command that shows it once more.
    """

    clause: str
    status: Literal["kept", "remark", "broken"]
    found: str
    expected: str | None = None
    said: str | None = None
    again: str | None = None

    def text(self, *, brief: bool = False) -> str:
        """A broken clause in words: what was expected, what happened, and how to see it again; `brief` cuts `said`."""
        said = (self.said or "").rstrip().splitlines()
        lines = [f"expected  {self.expected}", f"found     {self.found}", *(said[-1:] if brief else said)]
        return "\n".join([*lines, f"again     {self.again}"])


def check(of: Entrant, clauses: Iterable[Clause] = CLAUSES, again: str = "") -> Iterator[Verdict]:
    """Judge an entrant by each clause in turn; `again` is the command that does so, its own name by default."""
    with Trials(of) as trials:
        for clause in clauses:
            yield judged(clause, trials, again)


def judged(clause: Clause, trials: Trials, again: str = "") -> Verdict:
    """One verdict. Raises `BadInput` for a strategy of other families than the clauses have instances of."""
    families = trials.of.families
    if FAMILY not in families and "*" not in families:
        raise BadInput.at(f"strategy {trials.of.name}", "families", ", ".join(families), f"{FAMILY} or * among them")
    again = again or command_of(trials.of.target, (f"{key}={value}" for key, value in trials.of.parameters.items()))
    try:
        found = clause.judge(trials)
    except Broken as fault:
        return Verdict(clause.name, "broken", fault.found, fault.expected, fault.said, f"{again} --only {clause.name}")
    return Verdict(clause.name, "remark" if isinstance(found, Remark) else "kept", found)


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
