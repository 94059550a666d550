"""What every problem offers to a strategy: a decision to take, a cost to pay, a bound that no decision beats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tasklet_bench.problems.candidate import Candidate as Candidate
from tasklet_bench.problems.candidate import Infeasible as Infeasible
from tasklet_bench.problems.candidate import InvalidCandidate as InvalidCandidate

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.drawing import Drawing
    from tasklet_bench.problems.topology import Site

PENALTY_DRAWS = 100
"""Random candidates that the default penalty is the mean of."""


@dataclass(frozen=True)
class Cost:
    """The cost of one candidate (in seconds).

    `parts_s` are named and sum to `total_s`. `exact` is False where the total is an upper bound that no proof has
    closed yet (the order of more than 12 groups).
    """

    total_s: float
    parts_s: Mapping[str, float]
    exact: bool = True


@dataclass(frozen=True)
class Partition:
    """The decision to split N devices into labelled groups: group `j` receives `group_sizes[j]` devices."""

    group_sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.group_sizes or min(self.group_sizes) < 1:
            raise ValueError(f"every group needs at least one device, found sizes {self.group_sizes}")

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return sum(self.group_sizes)

    @property
    def n_groups(self) -> int:
        """Number of groups K."""
        return len(self.group_sizes)


@runtime_checkable
class Problem(Protocol):
    """A problem of any family. Immutable: its arrays are read-only, and its cost is a function.

    A class that inherits gets the defaults; for one that does not, the harness adds them. Required are `name`,
    `family`, `digest`, `sites`, `decision`, `cost` and `bound`.
    """

    @property
    def name(self) -> str:
        """Name that the catalogue or the user gave it; not part of the digest."""
        ...

    @property
    def family(self) -> str:
        """Family of problems, such as `allocation`."""
        ...

    @property
    def digest(self) -> str:
        """Hex SHA-256 of everything that the cost depends on, and of nothing else."""
        ...

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order; structural heuristics may read them."""
        ...

    @property
    def decision(self) -> Any:  # a Decision
        """What is to be decided."""
        ...

    def cost(self, candidate: Candidate) -> Cost:
        """Score a candidate, fast; raises `InvalidCandidate` if it is no member, `Infeasible` if it breaks a rule."""
        ...

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds), computed in under 0.1 s."""
        ...

    def judge(self, candidate: Candidate) -> Cost:
        """Score a candidate by other, readable code: what the harness believes. Default: `cost`."""
        return self.cost(candidate)

    def penalty(self) -> float:
        """What a failed run is taken to cost (in seconds). Default: the mean of 100 random candidates with seed 0."""
        import numpy as np

        rng = np.random.Generator(np.random.PCG64(0))
        costs = [
            total_s for _ in range(PENALTY_DRAWS) if (total_s := self._cost_if_feasible(self.random(rng))) is not None
        ]
        return float(np.mean(costs)) if costs else float("inf")

    def starts(self) -> Mapping[str, Candidate]:
        """Named candidates that take no search: the baselines of the family's field. Default: none."""
        return {}

    def random(self, rng: np.random.Generator) -> Candidate:
        """Draw a candidate. Default: the decision's `sample`."""
        return self.decision.sample(rng)

    def neighbour(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """A small random change that keeps the decision's rules. Default: the decision's."""
        return self.decision.neighbour(candidate, rng)

    def repair(self, candidate: Candidate) -> Candidate | None:  # noqa: ARG002 - families override it
        """A feasible candidate near an infeasible one, or None where the family knows no way. Default: None."""
        return None

    def facts(self) -> Mapping[str, str | int | float]:
        """What the page and `show` tell of the instance, by heading. Default: nothing."""
        return {}

    def kinds(self) -> Mapping[str, str]:
        """Kinds of the instance, by dimension, such as `{"devices": "33–64"}`, for tables by kind. Default: none."""
        return {}

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """A candidate as the object of an allocation file. Default: `{"candidate": …}` by the decision."""
        return {"candidate": self.decision.to_json(candidate)}

    def candidate_from_json(self, data: Mapping[str, Any]) -> Candidate:
        """Read such an object, results beside the candidate ignored; raises `InvalidCandidate` for anything else."""
        if "candidate" not in data:
            raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected candidate")
        return self.decision.from_json(data["candidate"])

    def drawing(self, candidate: Candidate) -> Drawing | None:  # noqa: ARG002 - families override it
        """The candidate as groups and links of devices, for `show`, `solve` and the page. Default: None."""
        return None

    def _cost_if_feasible(self, candidate: Candidate) -> float | None:
        try:
            return self.cost(candidate).total_s
        except Infeasible:
            return None
