"""Solve problems by the portfolio or by one strategy, with all runs in one fork server; also as a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from tasklet_bench.bench import execution, plugins
from tasklet_bench.bench.campaigns.portfolio import Solved, solve_by_portfolio
from tasklet_bench.bench.plugins.portfolios import Member, portfolio_of
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec

if TYPE_CHECKING:
    from tasklet_bench.bench.execution.compiling import Compiling
    from tasklet_bench.bench.runs.record import Improvement, RunRecord
    from tasklet_bench.bench.runs.spec import Entrant, ProblemRef
    from tasklet_bench.problems.problem import Problem


class Solver:
    """Makes the runs of one question, one after the other; a context.

    What `entrants` need for `problems` is loaded once; others load in their own runs, before their clocks start. After
    Ctrl-C nothing is searched any more: what a run begins from is still scored, so that an answer can be given.
    """

    def __init__(
        self,
        entrants: Iterable[Entrant],
        problems: Iterable[ProblemRef],
        on_improvement: Callable[[Improvement], None] = lambda _: None,
        on_compiling: Callable[[Compiling], None] = lambda _: None,
    ) -> None:
        self._session = execution.Session(entrants, problems, on_compiling)
        self._on_improvement = on_improvement
        self._interrupted = False

    def run(self, spec: RunSpec, on_improvement: Callable[[Improvement], None] | None = None) -> RunRecord:
        """Make one run and return its record."""
        if self._interrupted:
            return self._score_start(spec)
        record = self._session.run(spec, on_improvement or self._on_improvement)
        self._interrupted = record.status == "interrupted"
        return record

    def _score_start(self, spec: RunSpec) -> RunRecord:
        if spec.start is None:
            return execution.never_started(spec)
        return replace(self._session.run(replace(spec, budget=Budget(evaluations=1))), status="interrupted")

    def solve(self, problem: Problem, spec: RunSpec, by_portfolio: bool) -> Solved:
        """Make the run of a spec, or the portfolio's within its budget, from its seed and start."""
        members = portfolio_of(problem) if by_portfolio else (Member(spec.entrant.name, 1.0),)
        entrants = [plugins.entrant(member.entrant) for member in members] if by_portfolio else [spec.entrant]
        return solve_by_portfolio(
            problem, spec.problem, list(zip(members, entrants, strict=True)), spec.budget, self.run,
            seed=spec.seed, memory_bytes=spec.memory_bytes, start=spec.start, on_improvement=self._on_improvement,
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(self, *ending: object) -> None:
        self._session.__exit__(*ending)


def portfolio_entrants(problem: Problem) -> list[Entrant]:
    """The entrants of a problem's portfolio, in their order."""
    return [plugins.entrant(member.entrant) for member in portfolio_of(problem)]


def solve(problem: str, budget: float | str = 10.0, *, seed: int = 0) -> Solved:
    """Solve a problem by the portfolio, as `tasklet-bench solve` does.

    Parameters
    ----------
    problem
        A name of the catalogue, or the path of a problem file with a grid.
    budget
        CPU seconds, or a budget in words such as `1000-evaluations`.
    seed
        Seed of the first member's random stream; each further member has the next one.

    Returns
    -------
    Solved
        `record` with `cost_s` and `bound_s` (in seconds), `candidate` as an allocation file has it, and `proven`; who
        found it, and who proved it.

    Raises
    ------
    BadInput
        For a problem or budget that cannot be read, naming the field.

    """
    resolved = plugins.resolve(problem)
    limits = Budget.parse(budget) if isinstance(budget, str) else Budget(cpu_s=budget)
    entrants = portfolio_entrants(resolved.problem)
    with Solver(entrants, [resolved.ref]) as solver:
        return solver.solve(resolved.problem, RunSpec(resolved.ref, entrants[0], seed, limits), by_portfolio=True)
