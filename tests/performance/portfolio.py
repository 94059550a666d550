"""What the portfolio of `solve` gains: `python tests/performance/portfolio.py core|paper|robust [PART/PARTS]`.

`core`: twenty instances, 2 CPU seconds, medians of three seeds, beside the single strategies; about six CPU minutes.
`paper`: the five scenarios in 0.05 CPU seconds. `robust`: placements for the 90th percentile beside plain ones.
All runs of a part are made in one fork server, so that no start of a process is measured.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasklet_bench.bench import plugins
from tasklet_bench.bench.campaigns.portfolio import solve_by_portfolio
from tasklet_bench.bench.commands.placement.robustly import CHECKED_DRAWS, CHECKED_SEED, solve_robustly
from tasklet_bench.bench.execution import Session
from tasklet_bench.bench.plugins.portfolios import Member, portfolio_of
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES, RunSpec
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.robust.draws import quantile_s

SINGLE = ("annealing[start=known]", "constraint-program")
N_CORE, SEEDS, CORE_S = 20, 3, 2.0
WORST_EXCESS = 0.03
PAPER_S, PAPER_SEEDS = 0.05, 4
NOISE, ROBUST_S = 0.3, 10.0
NOISY = (
    "paper/regional",
    "paper/worldwide",
    "measured/gcp4-hivemind-32",
    "measured/residential-20",
    "measured/gcp-zones-hetero-40",
)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Compared:
    """Median cost (in seconds) over seeds, and the number of proofs, of each contestant on one instance."""

    problem: str
    cost_s: dict[str, float]
    proofs: dict[str, int]

    @property
    def excess(self) -> float:
        """How much dearer the portfolio is than the best single strategy, as a share."""
        return self.cost_s["portfolio"] / min(self.cost_s[name] for name in SINGLE) - 1


def solve(name: str, members: tuple[Member, ...] | None, budget: Budget, seed: int, session: Session) -> RunRecord:
    """One result of the portfolio, or of the members that are given."""
    problem = catalogue.load(name)
    chosen = portfolio_of(problem) if members is None else members
    return solve_by_portfolio(
        problem, plugins.problem_ref(problem), [(one, plugins.entrant(one.entrant)) for one in chosen], budget,
        session.run, seed=seed, memory_bytes=DEFAULT_MEMORY_BYTES,
    ).record  # fmt: skip


def compare(name: str, session: Session) -> Compared:
    """All contestants on one instance."""
    contestants = {"portfolio": None, **{single: (Member(single, 1.0),) for single in SINGLE}}
    records = {
        who: [solve(name, members, Budget(cpu_s=CORE_S), seed, session) for seed in range(SEEDS)]
        for who, members in contestants.items()
    }
    costs_s = {
        who: statistics.median(one.cost_s if one.cost_s is not None else float("inf") for one in made)
        for who, made in records.items()
    }
    return Compared(name, costs_s, {who: sum(one.proven for one in made) for who, made in records.items()})


def core(part: slice, session: Session) -> bool:
    """Whether the portfolio keeps up with the best single strategy, and proves as much as the solver alone."""
    names = catalogue.suite("core").problems
    rows = []
    for name in [names[number * len(names) // N_CORE] for number in range(N_CORE)][part]:
        row = compare(name, session)
        rows.append(row)
        reported = ", ".join(f"{who} {row.cost_s[who]:.6g} s, {row.proofs[who]} proofs" for who in row.cost_s)
        _say(f"{name}: {row.excess:+.3%} ({reported})")
    median, worst = statistics.median(row.excess for row in rows), max(row.excess for row in rows)
    proofs = {who: sum(row.proofs[who] for row in rows) for who in rows[0].proofs}
    _say(f"median {median:+.3%}, worst {worst:+.3%}, proofs {proofs}")
    return median <= 0 and worst <= WORST_EXCESS and proofs["portfolio"] >= proofs["constraint-program"]


def paper(part: slice, session: Session) -> bool:
    """Whether at most one run of twenty misses the optimum of its scenario."""
    table = best_known.read()
    missed = 0
    names = catalogue.suite("paper").problems[part]
    for name in names:
        optimum_s = table[catalogue.load(name).digest].cost_s
        records = [solve(name, None, Budget(cpu_s=PAPER_S), seed, session) for seed in range(PAPER_SEEDS)]
        costs_s = [one.cost_s if one.cost_s is not None else float("inf") for one in records]
        missed += sum(cost_s > optimum_s * (1 + PROVEN_GAP) for cost_s in costs_s)
        _say(f"{name}: best known {optimum_s:.6f} s, found {', '.join(f'{cost_s:.6f}' for cost_s in costs_s)}")
    _say(f"{missed} of {len(names) * PAPER_SEEDS} miss it")
    return missed <= 1


def robust(part: slice, session: Session) -> bool:
    """Whether the robust placement is cheaper at the 90th percentile, on networks that nobody saw, in most cases."""
    better = []
    for name in NOISY[part]:
        formal = catalogue.load(name)
        ref = plugins.problem_ref(formal)
        drawn = plugins.robust_problem(formal, ref, 0.9, NOISE)
        plain, result = solve_robustly(_spec(formal, ref), _spec(*drawn), session.run)
        at_p90_s = [
            quantile_s(
                plugins.costs_over_draws(
                    formal, formal.candidate_from_json(one.candidate), CHECKED_DRAWS, NOISE, CHECKED_SEED
                ),
                0.9,
            )
            for one in (plain, result)
            if one.candidate is not None
        ]
        better.append(at_p90_s[1] < at_p90_s[0])
        _say(
            f"{name}: p90 plain {at_p90_s[0]:.6f} s, robust {at_p90_s[1]:.6f} s ({at_p90_s[1] / at_p90_s[0] - 1:+.2%})"
        )
    _say(f"robust is better on {sum(better)} of {len(better)}")
    return sum(better) >= 0.6 * len(better)


def _spec(problem: object, ref: object) -> RunSpec:
    of = plugins.entrant(plugins.default_strategy(problem.family))  # type: ignore[attr-defined]
    return RunSpec(ref, of, 0, Budget(cpu_s=ROBUST_S), memory_bytes=DEFAULT_MEMORY_BYTES)  # type: ignore[arg-type]


PARTS: dict[str, Callable[[slice, Session], bool]] = {"core": core, "paper": paper, "robust": robust}


def main(arguments: Iterator[str]) -> int:
    """Measure what is named; 1 if it does not hold."""
    measured = PARTS[next(arguments)]
    number, _, parts = next(arguments, "1/1").partition("/")
    entrants = [plugins.entrant(name) for name in (*SINGLE, "exact-small", plugins.default_strategy("robust"))]
    with Session(entrants) as session:
        holds = measured(slice(int(number) - 1, None, int(parts)), session)
    _say("holds" if holds else "does not hold")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(iter(sys.argv[1:])))
