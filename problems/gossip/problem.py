"""Which device runs which rank of a mixing schedule, scored by the seconds of an iteration in the long run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import Candidate, InvalidCandidate
from tasklet_bench.problems.collective.digest import digest_of
from tasklet_bench.problems.collective.kinds import topology_kinds
from tasklet_bench.problems.collective.model import compute_seconds, message_bytes
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.collective.overlap import OVERLAPS, Overlap
from tasklet_bench.problems.decisions import Permutation
from tasklet_bench.problems.drawing import Drawing
from tasklet_bench.problems.gossip.multipliers import draw_multipliers
from tasklet_bench.problems.gossip.options import GossipOptions
from tasklet_bench.problems.gossip.schedules import Schedule, schedule_of
from tasklet_bench.problems.gossip.system import System, system_of
from tasklet_bench.problems.problem import Cost, Problem
from tasklet_bench.problems.topology import Site


@dataclass(frozen=True, eq=False)
class GossipProblem(Problem):
    """An order of the devices: `order[p]` runs rank p of the schedule, for ever.

    `multipliers` `(W, N)` vary each iteration's computing by device and repeat; W is a multiple of the rounds.
    """

    name: str
    network: Network
    options: GossipOptions
    schedule: Schedule
    multipliers: NDArray[np.float64] = field(repr=False)
    family: str = field(default="gossip", init=False)

    @classmethod
    def make(
        cls, network: Network, options: GossipOptions, multipliers: NDArray[np.float64] | None = None
    ) -> GossipProblem:
        """Build an instance, its multipliers drawn if none are given; raises `BadInput` for what does not fit."""
        n = network.topology.n_devices
        schedule = schedule_of(options.mixing, n, options.local, network.name)
        rounds = len(schedule.rounds)
        if multipliers is None:
            multipliers = draw_multipliers(options.jitter, options.draw, rounds, n)
        elif multipliers.shape != (multipliers.size // n, n) or multipliers.size % (rounds * n) or not multipliers.size:
            expected = f"(W, {n}), W a multiple of the {rounds} rounds"
            raise BadInput.at(network.name, "multipliers", f"shape {multipliers.shape}", expected)
        multipliers = multipliers.copy()
        multipliers.flags.writeable = False
        return cls(network.name, network, options, schedule, multipliers)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.network.topology.sites

    @cached_property
    def decision(self) -> Permutation:
        """Which device runs which rank."""
        return Permutation(self.schedule.n_ranks)

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of links, message, schedule, overlap and seconds of computing."""
        options = {
            "message_bytes": self.message_bytes,
            "overlap": [self.overlap.a, self.overlap.b],
            "rounds": self.schedule.rounds,
        }
        return digest_of(self.family, options, self.network, self.compute_s)

    @property
    def overlap(self) -> Overlap:
        """What the exchange runs beside."""
        return OVERLAPS[self.options.overlap]

    @property
    def message_bytes(self) -> float:
        """Bytes of the model as it travels."""
        return message_bytes(self.network.model, self.options.bytes_per_parameter)

    @cached_property
    def compute_s(self) -> NDArray[np.float64]:
        """Seconds of computing in each iteration by device, shape `(W, N)`."""
        steady_s = compute_seconds(self.network.model, self.network.devices, self.options.local_steps)
        varied_s = np.asarray(steady_s * self.multipliers)
        varied_s.flags.writeable = False
        return varied_s

    @cached_property
    def system(self) -> System:
        """The instance as compiled code takes it."""
        return system_of(self.network.topology, self.message_bytes, self.compute_s, self.overlap, self.schedule)

    def cost(self, candidate: Candidate) -> Cost:
        """Seconds of an iteration: computing of the slowest device, and what exchange and waiting add."""
        from tasklet_bench.problems.gossip.evaluate import period_s

        order = np.array(candidate) if isinstance(candidate, np.ndarray) else self.decision.check(candidate)
        if order.shape != (self.schedule.n_ranks,) or order.dtype != np.int64:
            order = np.array(self.decision.check(order))
        total_s = period_s(self.system, order)
        if total_s != total_s:
            self.decision.check(order)
        return self._parts(total_s)

    def judge(self, candidate: Candidate) -> Cost:
        """The same by plain NumPy, which shares no code with `cost`."""
        from tasklet_bench.problems.gossip.judge import judge_period_s

        order = self.decision.check(candidate)
        topology = self.network.topology
        return self._parts(
            judge_period_s(topology, self.message_bytes, self.compute_s, self.overlap, self.schedule, order)
        )

    def bound(self) -> float:
        """A proven lower bound on the seconds of any order."""
        return self._bound_s

    @cached_property
    def _bound_s(self) -> float:
        from tasklet_bench.problems.gossip.bounds import lower_bound_s

        return lower_bound_s(self)

    def starts(self) -> Mapping[str, Candidate]:
        """The baselines: host order, shuffled, and a tour or a bisection where the schedule has use for one."""
        from tasklet_bench.problems.gossip.starts import baselines

        return baselines(self)

    def facts(self) -> Mapping[str, str | int | float]:
        """What an iteration does, and what it leaves of the disagreement between models."""
        options, schedule = self.options, self.schedule
        facts: dict[str, str | int | float] = {
            "schedule": options.mixing,
            "rounds of a period": len(schedule.rounds),
            "ranks in a group": ", ".join(map(str, schedule.group_sizes)) or "1",
            "overlap": options.overlap,
            "model (MB)": self.message_bytes / 1e6,
            "computing (s)": self._compute_s,
            "mixing factor": schedule.mixing_factor(),
        }
        return facts | ({"jitter": options.jitter} if options.jitter else {})

    def kinds(self) -> Mapping[str, str]:
        """The kinds of the topology, and schedule and overlap."""
        return {
            **topology_kinds(self.network.topology),
            "schedule": self.options.mixing,
            "overlap": self.options.overlap,
            "computing": "varies" if np.ptp(self.multipliers) else "steady",
        }

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """`{"order": …}`."""
        return {"order": self.decision.to_json(candidate)}

    def candidate_from_json(self, data: Mapping[str, Any]) -> Candidate:
        """Read `{"order": …}`; raises `InvalidCandidate` for anything else."""
        if "order" not in data:
            raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected order")
        return self.decision.from_json(data["order"])

    def drawing(self, candidate: Candidate) -> Drawing:
        """Hosts as groups where there are any, and the exchanges of a period as links."""
        from tasklet_bench.problems.gossip.picture import draw_order

        return draw_order(self, self.decision.check(candidate))

    @cached_property
    def _compute_s(self) -> float:
        return float(self.compute_s.mean(axis=0).max())

    def _parts(self, total_s: float) -> Cost:
        """Computing of the slowest device is the same in every order; the rest is exchange and waiting."""
        exchange_s = max(0.0, total_s - self._compute_s)
        return Cost(total_s, {"compute_s": self._compute_s, "exchange_s": exchange_s})
