"""Small drawn instances of gossip."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasklet_bench.problems.collective.devices import Devices
from tasklet_bench.problems.collective.model import MODELS
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.gossip import GossipOptions, GossipProblem
from tasklet_bench.problems.topology import Site, Topology

CHECKS = Path(__file__).parents[1] / "families"
SIZES = {"ring": (2, 4, 6, 8), "one-peer-exp": (2, 4, 8), "complete": (1, 2, 5, 8), "alternating-exp-ring": (2, 4, 8)}


def check_instances() -> list[dict[str, Any]]:
    """The check values of the family."""
    own = json.loads((CHECKS / "gossip.json").read_text())["instances"]
    extra = json.loads((CHECKS / "collective_extra_checks.json").read_text())["gossip"]
    return [instance | {"family": "gossip"} for instance in (*own, *extra)]


def draw_problem(
    seed: int, n: int, mixing: str, overlap: str = "delayed", local: int = 1, jitter: float = 0.0
) -> GossipProblem:
    """An instance whose links and speeds are drawn, with computing and exchanges of the same order."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sizes = [n] if n < 4 else [n - n // 2 - 1, n // 2, 1]
    sites = tuple(Site(f"site-{index}", size) for index, size in enumerate(sizes))
    topology = Topology(sites, rng.random((n, n)) * 0.3, 1e8 * 10 ** rng.random((n, n)))
    devices = Devices(1e14 * 10 ** rng.random(n), np.full(n, 1e10))
    network = Network("drawn", topology, devices, MODELS["gpt2-small"])
    options = GossipOptions.model_validate(
        {"mixing": mixing, "overlap": overlap, "local": local, "jitter": jitter, "draw": seed}
    )
    return GossipProblem.make(network, options)


def with_links(problem: GossipProblem, delay_s: NDArray[np.float64], bandwidth: NDArray[np.float64]) -> GossipProblem:
    """The same instance with other links."""
    topology = Topology(problem.network.topology.sites, delay_s, bandwidth)
    return replace(problem, network=replace(problem.network, topology=topology))


def with_computing(problem: GossipProblem, factors: NDArray[np.float64] | float) -> GossipProblem:
    """The same instance with its devices' seconds of computing times factors."""
    devices = replace(problem.network.devices, flops_s=problem.network.devices.flops_s / factors)
    return replace(problem, network=replace(problem.network, devices=devices))


@st.composite
def problems(draw: st.DrawFn, mixings: tuple[str, ...] = tuple(SIZES), jitter: bool = True) -> GossipProblem:
    """Any small instance."""
    mixing = draw(st.sampled_from(mixings))
    n = draw(st.sampled_from(SIZES[mixing]))
    local = draw(st.sampled_from([1, 2])) if mixing == "alternating-exp-ring" and n >= 4 else 1
    overlap = draw(st.sampled_from(["none", "backward", "delayed"]))
    deviation = draw(st.sampled_from([0.0, 0.5])) if jitter else 0.0
    return draw_problem(draw(st.integers(0, 2**32)), n, mixing, overlap, local, deviation)


def order_of(problem: GossipProblem, seed: int = 0) -> NDArray[np.int64]:
    """A drawn order."""
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(problem.schedule.n_ranks)
    return order
