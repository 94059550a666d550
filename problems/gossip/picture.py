"""An order as a picture: hosts, and the exchanges of a period."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.drawing import Drawing, Link

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem


def draw_order(problem: GossipProblem, order: NDArray[np.int64]) -> Drawing:
    """Ranks of a host as a group where hosts hold several; each exchange of a period once, as its slowest round."""
    schedule, local = problem.schedule, problem.options.local
    hosts = {
        f"host {h}": tuple(int(device) for device in order[h * local : (h + 1) * local])
        for h in range(schedule.n_ranks // local if local > 1 else 0)
    }
    hop_s = {size: problem.system.hop_s[index] for index, size in enumerate(schedule.group_sizes)}
    slowest: dict[tuple[int, int], tuple[float, int]] = defaultdict(lambda: (-1.0, 0))
    for r, groups in enumerate(schedule.rounds):
        for group in groups:
            if len(group) < 2:
                continue
            devices = order[list(group)]
            for source, target in zip(devices.tolist(), np.roll(devices, -1).tolist(), strict=True):
                seconds = float(max(hop_s[len(group)][source, target], hop_s[len(group)][target, source]))
                pair = (min(source, target), max(source, target))
                slowest[pair] = max(slowest[pair], (seconds, r))
    links = tuple(Link(a, b, seconds, f"round {r + 1}") for (a, b), (seconds, r) in slowest.items())
    count = len(schedule.rounds)
    return Drawing(f"exchanges of a period of {count} round{'s' * (count > 1)}", hosts, links)
