"""Which devices exchange their models in every iteration, under rules of degree and of how well the graph mixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import Candidate, Infeasible, InvalidCandidate
from tasklet_bench.problems.collective.digest import digest_of
from tasklet_bench.problems.collective.model import compute_seconds, message_bytes
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.collective.overlap import OVERLAPS
from tasklet_bench.problems.decisions import Graph
from tasklet_bench.problems.mixing_graph import bound, description, starts
from tasklet_bench.problems.mixing_graph import judge as judging
from tasklet_bench.problems.mixing_graph.options import MixingGraphOptions, check_size
from tasklet_bench.problems.mixing_graph.reference import circulant, least_connectivity, strides
from tasklet_bench.problems.problem import Cost, Problem
from tasklet_bench.problems.topology import Site

if TYPE_CHECKING:
    from tasklet_bench.problems.drawing import Drawing
    from tasklet_bench.problems.mixing_graph.arrays import Arrays


@dataclass(frozen=True, eq=False)
class MixingGraphProblem(Problem):
    """Edges between N devices; the cost is the period of an iteration in the long run (in seconds).

    Raises `BadInput` for options that do not fit the number of devices.
    """

    name: str
    network: Network
    options: MixingGraphOptions = field(default_factory=MixingGraphOptions)
    family: str = field(default="mixing-graph", init=False)

    def __post_init__(self) -> None:
        check_size(self.options, self.n_devices, self.name)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.network.topology.sites

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return self.network.topology.n_devices

    @cached_property
    def decision(self) -> Graph:
        """Which pairs of devices exchange models."""
        return Graph(self.n_devices, self.options.degree)

    @cached_property
    def compute_s(self) -> NDArray[np.float64]:
        """Seconds that each device computes in an iteration, `(N,)`, read-only."""
        compute_s = compute_seconds(self.network.model, self.network.devices, self.options.local_steps)
        compute_s.flags.writeable = False
        return compute_s

    @property
    def message_bytes(self) -> float:
        """Bytes of a model as it travels."""
        return message_bytes(self.network.model, self.options.bytes_per_parameter)

    @cached_property
    def least_connectivity(self) -> NDArray[np.float64]:
        """Algebraic connectivity that is demanded inside each cluster, `(C,)`, read-only."""
        degree, clusters, share = self.options.degree, self.options.clusters, self.options.connectivity_factor
        least = np.array([least_connectivity(len(members), degree, clusters, share) for members in self.clusters])
        least.flags.writeable = False
        return least

    @property
    def clusters(self) -> tuple[NDArray[np.int64], ...]:
        """Devices of each cluster."""
        return tuple(np.arange(first, self.n_devices, self.options.clusters) for first in range(self.options.clusters))

    @cached_property
    def arrays(self) -> Arrays:
        """Rules and seconds in the form that compiled code takes."""
        from tasklet_bench.problems.mixing_graph.arrays import Arrays

        overlap, topology = OVERLAPS[self.options.overlap], self.network.topology
        return Arrays(
            self.options.degree,
            np.array(self.least_connectivity),  # copies: compiled code is compiled again for read-only arrays
            np.array(self.compute_s),
            overlap.a * self.compute_s,
            overlap.b * self.compute_s,
            np.array(topology.delay_s),
            self.message_bytes / topology.bandwidth_bytes_s,
        )

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of links, computing, the bytes of a model and the rules; not of names."""
        options = self.options.model_dump(include={"degree", "clusters", "connectivity_factor", "overlap"})
        return digest_of(self.family, options, self.network, self.compute_s, self.message_bytes)

    def random(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw a valid graph: the reference on shuffled members of each cluster, and an edge from each to the next."""
        return references(self, [rng.permutation(members) for members in self.clusters])

    def cost(self, candidate: Candidate) -> Cost:
        """Score edges `(E, 2)`.

        Raises `InvalidCandidate` for what is no graph of the degree, `Infeasible` for one that is in pieces or mixes
        too little inside a cluster.
        """
        from tasklet_bench.problems.mixing_graph.evaluate import SCORED, evaluate

        edges = np.array(candidate) if isinstance(candidate, np.ndarray) else candidate
        if not (isinstance(edges, np.ndarray) and edges.dtype == np.int64 and edges.ndim == 2 and edges.shape[1] == 2):
            edges = np.array(self.decision.check(candidate), order="C")
        said, cluster, total_s = evaluate(self.arrays, edges)
        if said != SCORED:
            self._refuse(edges, said, cluster)
        return judging.cost_of(total_s, float(self.arrays.compute_s.max()))

    def _refuse(self, edges: NDArray[np.int64], said: int, cluster: int) -> None:
        """Raise what a candidate is refused for; on the border, only if an eigensolver says so."""
        from tasklet_bench.problems.mixing_graph.evaluate import IN_PIECES, NO_GRAPH, TOO_WIDE

        if said == NO_GRAPH:
            self.decision.check(edges)
        if said == IN_PIECES:
            judging.check_connected(self.n_devices, edges)
        if said == TOO_WIDE:
            where = f"inside cluster {cluster}" if self.options.clusters > 1 else "of the graph"
            least = self.least_connectivity[cluster]
            raise Infeasible(f"the algebraic connectivity {where} is below the {least:.9g} that is demanded")
        for every in range(self.options.clusters):
            judging.check_mixing(self, edges, every)

    def judge(self, candidate: Candidate) -> Cost:
        """Score edges `(E, 2)` by plain code."""
        return judging.judge(self, candidate)

    def bound(self) -> float:
        """A proven lower bound on the period (in seconds)."""
        return bound.lower_bound(self)

    def starts(self) -> Mapping[str, NDArray[np.int64]]:
        """Graphs that take no search: a circulant on a short tour (of one cluster), and a graph that is grown."""
        return starts.starts(self)

    def repair(self, candidate: Candidate) -> NDArray[np.int64] | None:
        """The graph with the edges added that connect it and make it mix; None where the degrees leave no room."""
        return starts.complete(self, candidate)

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """Edges as the object of an allocation file: `{"edges": [[i, j], …]}`."""
        return {"edges": self.decision.to_json(self.decision.canonical(self.decision.check(candidate)))}

    def candidate_from_json(self, data: Mapping[str, Any]) -> NDArray[np.int64]:
        """Read such an object, results beside the edges ignored."""
        if "edges" not in data:
            raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected edges")
        return self.decision.from_json(data["edges"])

    def facts(self) -> Mapping[str, str | int | float]:
        """What the page and `show` tell of the instance."""
        return description.facts(self)

    def kinds(self) -> Mapping[str, str]:
        """Kinds of the instance, by dimension."""
        return description.kinds(self)

    def drawing(self, candidate: Candidate) -> Drawing:
        """Clusters as groups, and the edges with the airtime of the slower direction."""
        return description.drawing(self, candidate)


def references(problem: MixingGraphProblem, rings: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The reference of each cluster on its members in this order, and an edge from the first to the next one's last."""
    degree, clusters = problem.options.degree, problem.options.clusters
    inside = [ring[circulant(len(ring), strides(len(ring), degree, clusters))] for ring in rings]
    between = [[ring[0], following[-1]] for ring, following in pairwise(rings)]
    edges = np.concatenate([*inside, np.array(between, dtype=np.int64).reshape(-1, 2)])
    return np.sort(edges, axis=1)
