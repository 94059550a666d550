"""Compile or load all that the search runs."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.collective.devices import devices_of
from tasklet_bench.problems.collective.model import DEFAULT_MODEL, MODELS
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.gossip.options import GossipOptions
from tasklet_bench.problems.gossip.problem import GossipProblem
from tasklet_bench.problems.gossip.starts import short_tour
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.strategies.gossip_embedding.walk import Walker


def load() -> None:
    """Walk a few moves on a cube of four devices."""
    topology = Topology((Site("site", 4),), np.ones((4, 4)), np.ones((4, 4)))
    network = Network("warming", topology, devices_of(topology), MODELS[DEFAULT_MODEL])
    problem = GossipProblem.make(network, GossipOptions(mixing="one-peer-exp"))
    walker = Walker(problem, np.random.Generator(np.random.PCG64(0)), 0.5)
    order = short_tour(problem)
    problem.cost(order)
    walker.begin(order)
    walker.walk(1.0, 0.5, 10, 10)
