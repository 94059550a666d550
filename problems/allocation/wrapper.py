"""What a family has from the allocation problem that it scores in another way."""

from __future__ import annotations

from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.problem import Candidate, Placement
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape


class WrapsFormal(Placement):
    """A problem that places the tasklets of `formal` on the same devices, and says itself what that costs."""

    formal: AllocationProblem

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.formal.sites

    @property
    def topology(self) -> Topology:
        """Sites and links of the formal problem."""
        return self.formal.topology

    @property
    def shape(self) -> Shape:
        """Shape D×K."""
        return self.formal.shape

    def of_formal(self, candidate: Candidate) -> Candidate:
        """A candidate of the formal problem as one of this."""
        return candidate

    def kinds(self) -> dict[str, str]:
        """Kinds of the formal problem."""
        return self.formal.kinds()
