"""What to run: instances × entrants × budgets × seeds, as runs in an order that treats all entrants alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tasklet_bench.bench.plugins.problems import load_problem
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES, Entrant, ProblemRef, RunSpec


@dataclass(frozen=True)
class Campaign:
    """Runs to be made. `problems` holds each instance with its family.

    `champion` is whom the leaderboard compares with.
    """

    suite: str
    suite_digest: str
    problems: tuple[tuple[ProblemRef, str], ...]
    entrants: tuple[Entrant, ...]
    budgets: tuple[Budget, ...]
    seeds: tuple[int, ...]
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    timing: bool = False
    champion: str = ""

    def specs(self) -> Iterator[RunSpec]:
        """All runs: seeds outermost, entrants side by side innermost, so that a drift of the machine hits all alike.

        Who goes first changes from block to block. Deterministic entrants run once, and each on its own families only.
        """
        block = 0
        for nth, seed in enumerate(self.seeds):
            for budget in self.budgets:
                for problem, family in self.problems:
                    takers = [e for e in self.entrants if _takes(e, problem, family) and not (e.deterministic and nth)]
                    first = block % max(1, len(takers))
                    block += 1
                    for entrant in takers[first:] + takers[:first]:
                        yield self._spec(problem, entrant, seed, budget)

    def _spec(self, problem: ProblemRef, entrant: Entrant, seed: int, budget: Budget) -> RunSpec:
        return RunSpec(problem, entrant, seed, budget, self.memory_bytes, self.timing, self.suite, self.suite_digest)


def _takes(entrant: Entrant, problem: ProblemRef, family: str) -> bool:
    """Whether an entrant can search a problem, which is loaded only where its kind of decision counts."""
    if not entrant.takes(family):
        return False
    return "*" in entrant.decisions or entrant.takes_decision(load_problem(problem).decision.kind)


def missing(
    specs: Sequence[RunSpec], done: Mapping[str, tuple[int, str]], *, retry_failed: bool = False
) -> list[RunSpec]:
    """The runs without a record, and with `retry_failed` those that failed, as another attempt."""
    result = []
    for spec in specs:
        attempt, status = done.get(spec.key, (0, ""))
        if attempt == 0 or (retry_failed and status != "ok"):
            result.append(replace(spec, attempt=attempt + 1))
    return result
