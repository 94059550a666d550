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

    from tasklet_bench.problems.allocation.grid import Allocation
    from tasklet_bench.problems.decisions.decision import Decision
    from tasklet_bench.problems.drawing import Drawing
    from tasklet_bench.problems.topology import Site, Topology
    from tasklet_bench.problems.workload import Shape

PENALTY_DRAWS = 100
"""Random candidates that the default penalty is the mean of."""


@dataclass(frozen=True)
class Change:
    """A candidate near another one: `moved` devices are decided otherwise, `proven` says that no such one is better."""

    candidate: Candidate
    moved: tuple[int, ...]
    proven: bool


@dataclass(frozen=True)
class Cost:
    """The cost of one candidate (in seconds).

    `parts_s` are named and sum to `total_s`. `exact` is False where the total is an upper bound that no proof has
    closed yet (the order of more than 12 groups).
    """

    total_s: float
    parts_s: Mapping[str, float]
    exact: bool = True


@runtime_checkable
class Problem(Protocol):
    """A problem of any family. Immutable: its arrays are read-only, and its cost is a function.

    - `name`: what the catalogue or the user calls it; not part of the digest.
    - `family`: its family of problems, such as `allocation`.
    - `digest`: hex SHA-256 of everything that the cost depends on, and of nothing else.
    - `sites`: declared sites, in device order; structural heuristics may read them.
    - `decision`: what is to be decided.

    These five, `cost` and `bound` are required; the others have defaults, for a class that inherits and, in the
    harness, for one that does not.
    """

    if TYPE_CHECKING:

        @property
        def name(self) -> str: ...  # noqa: D102 - the class says it
        @property
        def family(self) -> str: ...  # noqa: D102 - the class says it
        @property
        def digest(self) -> str: ...  # noqa: D102 - the class says it
        @property
        def sites(self) -> tuple[Site, ...]: ...  # noqa: D102 - the class says it
        @property
        def decision(self) -> Decision: ...  # noqa: D102 - the class says it
    else:  # no properties here: a dataclass that inherits would take them for the defaults of its fields
        name: str
        family: str
        digest: str
        sites: tuple[Site, ...]
        decision: Decision

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
        return mean_of_random(self)

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

    def change_few(self, candidate: Candidate, moves: int) -> Change | None:  # noqa: ARG002 - families override it
        """The best candidate that decides at most so many devices otherwise. Default: None, no way is known."""
        return None

    def complete(self, candidate: Candidate) -> Candidate:
        """The candidate with everything decided that its decision leaves open, as it is stored. Default: as it is.

        Such as the wiring and order of a partition's groups. It costs no more than the candidate.
        """
        return candidate

    def certify(self, candidate: Candidate, seconds: float) -> tuple[Candidate, Cost]:  # noqa: ARG002 - as above
        """A complete candidate, improved and proven where its cost is not exact, within about so many seconds.

        For final results, outside of any budget. Default: the candidate as it is, with the judge's cost.
        """
        return candidate, self.judge(candidate)

    def tighten_bound(self, seconds: float) -> float:  # noqa: ARG002 - as above
        """A lower bound (in seconds) that so many seconds of computing are spent on. Default: `bound`."""
        return self.bound()

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


@runtime_checkable
class Placement(Problem, Protocol):
    """A problem that places D×K tasklets on devices; maps, rank maps and timelines ask for it.

    `shape` is D×K, and `topology` holds sites and links.
    """

    if TYPE_CHECKING:

        @property
        def shape(self) -> Shape: ...  # noqa: D102 - the class says it
        @property
        def topology(self) -> Topology: ...  # noqa: D102 - the class says it
    else:
        shape: Shape
        topology: Topology

    def allocation(self, labels: Candidate) -> Allocation:
        """The best wiring and order of labels `(N,)`, written out as a grid; it costs what the labels do."""
        ...


def mean_of_random(problem: Problem) -> float:
    """Mean cost of 100 random candidates with seed 0 (in seconds), infeasible ones left out; infinite if all are."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(0))
    costs_s = []
    for _ in range(PENALTY_DRAWS):
        try:
            costs_s.append(problem.cost(problem.random(rng)).total_s)
        except Infeasible:
            continue
    return float(np.mean(costs_s)) if costs_s else float("inf")
