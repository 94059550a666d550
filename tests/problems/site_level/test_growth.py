"""How annealing by site grows: a proposal looks at two stages and their neighbours, however many others there are."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tasklet_bench.problems import Shape, Workload
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.problems.instances.generated import farm
from tasklet_bench.strategies.annealing.class_walk import ClassWalker

PROPOSALS = 5_000


def walker_of(n_devices: int) -> ClassWalker:
    """A walk that stands at random labels of stages of 16 devices at 16 sites."""
    links = farm.site_topology(n_devices, 1, 16, 4)
    problem = SiteLevelProblem("farm", links, Workload(4e8, 1e8), Shape(16, n_devices // 16))
    walker = ClassWalker(problem, np.random.default_rng(0), 1.0)
    walker.begin(problem.random(np.random.default_rng(0)))
    return walker


def seconds_of_proposals(walker: ClassWalker) -> float:
    """CPU seconds of a walk's proposals, without what it works out before the first one."""
    taken_s = []
    for proposals in (PROPOSALS, 0):
        begun = time.process_time()
        walker.walk(0.0, 0.0, proposals, proposals)
        taken_s.append(time.process_time() - begun)
    return taken_s[0] - taken_s[1]


@pytest.mark.slow
def test_a_proposal_takes_no_longer_among_many_more_stages() -> None:
    """Thirty-two times as many devices in stages of one size: a proposal takes less than twice as long."""
    few, many = walker_of(1_024), walker_of(32_768)
    both = [(seconds_of_proposals(few), seconds_of_proposals(many)) for _ in range(9)]
    assert min(of_many for _, of_many in both) < 2 * min(of_few for of_few, _ in both)
