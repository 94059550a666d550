"""Scotch's static mapping: the tasklets, by what they exchange, onto the devices.

Source: Pellegrini, "Static mapping by dual recursive bipartitioning of process and architecture graphs", SHPCC 1994,
through the package pyscotch (MIT licence; it brings Scotch, CeCILL-C), the extra `scotch`. Both graphs are cut in two,
half of the tasklets goes to half of the devices, and so on, such that what is exchanged times distance is least.

Adapted: the network is a decomposition-defined architecture. Its distances are seconds of gradients, of activations,
and of both, by turns; its halves are cut by Scotch itself, cheap links kept. A mapping that puts two tasklets on one
device is repaired by a linear assignment. The groups count, at their best wiring and order, which is never worse than
the mapping as it is.

One evaluation costs one mapping (1 ms at 64 devices) and one score; reading a network costs O(N²).
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.third_party.graphs import (
    Adjacency,
    Matrix,
    Whole,
    stages_of_devices,
    tasklet_links,
    whole_distances,
)
from tasklet_bench.strategies.third_party.library import require_library

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEVICES = 1024
"""Above, reading the network could outlast a budget."""
_HEAVIEST = 100
_LONGEST = 1000


@dataclass(frozen=True)
class Scotch(Strategy):
    """Raises `BadInput` where the package pyscotch is not installed."""

    name = "scotch"
    starts: int = parameter(16, "seeds for each of the three kinds of distances", low=1, high=256, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_library(self.name, "pyscotch", "scotch")

    def prepare(self) -> None:
        """Load Scotch."""
        _scotch()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Map, repair and score, by turns for the three kinds of distances."""
        n, stages = problem.shape.n_devices, problem.shape.pipeline_parallel
        if n > MOST_DEVICES:
            raise BadInput.at(f"strategy {self.name}", "devices", n, f"at most {MOST_DEVICES}")
        if n == 1:
            run.evaluate(np.zeros(1, dtype=np.int64))
            return
        links = tasklet_links(problem, _HEAVIEST)
        tasklets = _graph(links)
        networks: list[tuple[Whole, Any]] = []
        for start in range(3 * self.starts):
            if run.exhausted:
                return
            _reseed(int(rng.integers(2**31)))
            if start < 3:
                distances = whole_distances(_seconds(problem, start), _LONGEST)
                networks.append((distances, _architecture(distances)))
            distances, architecture = networks[start % 3]
            device_of = np.asarray(tasklets.map(architecture), dtype=np.int64)
            run.evaluate(stages_of_devices(device_of, stages, links, distances))


def _seconds(problem: AllocationProblem, kind: int) -> Matrix:
    """Seconds between devices: of both payloads, of gradients, of activations."""
    gradients_s, activations_s = problem.dp_pair_s, problem.pp_pair_s
    return (gradients_s + activations_s, gradients_s, activations_s)[kind]


def _architecture(distances: Whole) -> Any:
    """A network as Scotch's decomposition-defined architecture: a tree of halves, and a distance for each pair."""
    n = len(distances)
    domains = np.zeros(n, dtype=np.int64)
    _halve(np.arange(n), _LONGEST + 1 - distances, 1, domains)
    lines = ["deco 0", f"{n} {domains.max()}"]
    lines += [f"{device} 1 {domain}" for device, domain in enumerate(domains)]
    lines += [" ".join(map(str, distances[device, :device])) for device in range(1, n)]
    architecture = _scotch().Architecture()
    with _in_memory("\n".join(lines) + "\n") as path:
        architecture.load(path)
    return architecture


def _halve(devices: Whole, closeness: Whole, domain: int, domains: Whole) -> None:
    """Number the domains of `devices` from `domain` down: the halves of domain `i` are `2i` and `2i + 1`."""
    if len(devices) == 1:
        domains[devices] = domain
        return
    second = np.arange(len(devices)) % 2
    if len(devices) > 2:
        within = closeness[np.ix_(devices, devices)].copy()
        np.fill_diagonal(within, 0)
        second = np.asarray(_graph(within).partition(2), dtype=np.int64)
    by_half = devices[np.argsort(second, kind="stable")]
    middle = (len(devices) + 1) // 2
    _halve(by_half[:middle], closeness, 2 * domain, domains)
    _halve(by_half[middle:], closeness, 2 * domain + 1, domains)


def _graph(weights: Whole) -> Any:
    """Scotch's graph of a matrix of weights `(n, n)`."""
    adjacency = Adjacency.of_matrix(weights)
    graph = _scotch().Graph()
    graph.build(adjacency.starts, adjacency.neighbours, None, adjacency.weights)
    return graph


def _reseed(seed: int) -> None:
    _scotch().random_seed(seed)
    _scotch().random_reset()


def _scotch() -> Any:
    """The package, which loads its library when it is first used, and tells standard error which."""
    import pyscotch

    with redirect_stderr(io.StringIO()):
        pyscotch.Graph  # noqa: B018
    return pyscotch


@contextmanager
def _in_memory(text: str) -> Iterator[str]:
    """A path from which a library reads `text`, without a file."""
    descriptor = os.memfd_create("architecture")
    try:
        with os.fdopen(descriptor, "w", closefd=False) as file:
            file.write(text)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
