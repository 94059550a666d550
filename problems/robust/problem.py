"""The paper's placements by a quantile of their cost over drawn networks, as a family of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import ArrayLike

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.wrapper import WrapsFormal
from tasklet_bench.problems.decisions.decision import Decision
from tasklet_bench.problems.problem import Candidate, Cost
from tasklet_bench.problems.robust.draws import Draws, quantile_s


@dataclass(frozen=True, eq=False)
class RobustProblem(WrapsFormal):
    """Which device runs which tasklet, scored by the cost that a share `quantile` of the drawn networks keeps to.

    Labels are wired and ordered on the network as it was measured; that one grid is then scored on every draw.
    """

    formal: AllocationProblem
    draws: Draws
    quantile: float = 0.9
    family: str = field(default="robust", init=False)

    @property
    def name(self) -> str:
        """The name of the problem with the measured network, and the quantile."""
        return f"{self.formal.name}, p{100 * self.quantile:g} of {self.draws.count} draws"

    @property
    def decision(self) -> Decision:
        """That of the measured problem."""
        return self.formal.decision

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the measured problem and of all that the draws depend on."""
        drawn = f"robust {self.formal.digest} {self.draws.count} {self.draws.sigma!r} {self.draws.seed}"
        return hashlib.sha256(f"{drawn} {self.quantile!r}".encode()).hexdigest()

    def cost(self, candidate: Candidate) -> Cost:
        """The quantile over all draws; raises `InvalidCandidate`, and `Infeasible` where a rule is broken."""
        allocation = self.complete(candidate)
        self.formal.checked_grid(allocation)
        return _cost(quantile_s(self.draws.costs_s(allocation), self.quantile))

    def judge(self, candidate: Candidate) -> Cost:
        """The same by the readable cost model, one draw after the other."""
        return _cost(quantile_s(self.draws.judge_costs_s(self.complete(candidate)), self.quantile))

    def bound(self) -> float:
        """A lower bound (in seconds): no cost is below its draw's bound, so no quantile is below theirs."""
        return self._bound_s

    @cached_property
    def _bound_s(self) -> float:
        import numpy as np

        return quantile_s(np.array([problem.bound() for problem in self.draws.problems]), self.quantile)

    def starts(self) -> Mapping[str, Candidate]:
        """Those of the measured problem."""
        return self.formal.starts()

    def neighbour(self, candidate: Candidate, rng: Any) -> Candidate:
        """Two devices of different groups change places."""
        return self.formal.neighbour(candidate, rng)

    def repair(self, candidate: Candidate) -> Candidate | None:
        """A member that keeps the rules, near one that does not."""
        return self.formal.repair(candidate)

    def complete(self, candidate: Candidate) -> Allocation:
        """Labels at the wiring and order that are best on the measured network, an `Allocation` as it is wired."""
        return self.formal.complete(candidate)

    def allocation(self, labels: ArrayLike) -> Allocation:
        """Labels `(N,)` as a grid, wired and ordered as `complete` does."""
        return self.formal.allocation(labels)

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """Write it as `{"grid": …}`: what groups cost depends on how they are wired."""
        return self.formal.candidate_to_json(self.complete(candidate))

    def candidate_from_json(self, data: Mapping[str, Any]) -> Candidate:
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place."""
        return self.formal.candidate_from_json(data)

    def facts(self) -> dict[str, str]:
        """Those of the measured problem, and what is drawn."""
        drawn = f"{self.draws.count} with a spread of {self.draws.sigma:g}, seed {self.draws.seed}"
        return {**self.formal.facts(), "draws": drawn, "quantile": f"{self.quantile:g}"}


def _cost(total_s: float) -> Cost:
    return Cost(total_s, {"quantile_s": total_s})
