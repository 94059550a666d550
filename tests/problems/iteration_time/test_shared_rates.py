"""Max–min fair sharing, checked by its definition at every moment of a run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import SimulationOptions, Timeline, simulate
from tasklet_bench.problems.iteration_time.sharing import shared_rates

ProblemMaker = Callable[..., AllocationProblem]
SHARED = st.builds(
    SimulationOptions,
    schedule=st.sampled_from(["gpipe", "1f1b"]),
    micro_batches=st.integers(1, 4),
    collective=st.sampled_from(["direct", "shifted", "ring", "tree"]),
    sharing=st.sampled_from(["nic", "site"]),
    nic_gbps=st.sampled_from([None, 0.5, 2.0]),
)


def two_site_problem(d: int, k: int, seed: int) -> AllocationProblem:
    """Random links between two sites, one of which declares its uplink."""
    rng = np.random.default_rng(seed)
    n = d * k
    first = int(rng.integers(1, n)) if n > 1 else 1
    sites = (Site("a", first, upload_gbps=0.8, download_gbps=1.5), *((Site("b", n - first),) if n > first else ()))
    topology = Topology(sites, rng.uniform(0, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n)))
    return AllocationProblem("two sites", topology, Workload(6e8, 5e8), Shape(d, k))


def assert_fair(timeline: Timeline, rate: dict[int, float]) -> None:
    """No rate above its link's or, summed, above a place's; each is held back by one of them (Bertsekas & Gallager)."""
    places = shared_rates(timeline.problem.topology, timeline.options)
    users: dict[int, list[int]] = {}
    for task in rate:
        source, target = timeline.durations.source[task], timeline.durations.target[task]
        for place in (places.leaving[source, target], places.entering[source, target]):
            if place >= 0:
                users.setdefault(int(place), []).append(task)
    full = {
        place
        for place, tasks in users.items()
        if sum(rate[t] for t in tasks) >= places.capacity_bytes_s[place] * (1 - 1e-9)
    }
    for place, tasks in users.items():
        assert sum(rate[t] for t in tasks) <= places.capacity_bytes_s[place] * (1 + 1e-9)
    for task, own in rate.items():
        link = timeline.durations.link_bytes_s[task]
        assert 0 < own <= link
        largest_in = [place for place in full if task in users[place] and own >= max(rate[t] for t in users[place]) - 1]
        assert own == link or largest_in


@settings(max_examples=60)
@given(d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 2**32 - 1), options=SHARED)
def test_rates_are_fair_and_carry_all_bytes(d: int, k: int, seed: int, options: SimulationOptions) -> None:
    """At each change the rates are max–min fair, and each message's rates add up to its bytes between start and end."""
    problem = two_site_problem(d, k, seed)
    grid = np.random.default_rng(seed).permutation(d * k).reshape(d, k)
    timeline = simulate(problem, Allocation(grid), options)
    changes = timeline.rate_changes
    assert changes is not None
    rate: dict[int, float] = {}
    carried = np.zeros(len(timeline.tasks))
    moments = np.unique(np.concatenate([changes.at_s, timeline.finish_s]))
    for now, then in zip(moments, [*moments[1:], moments[-1]], strict=True):
        for task, new in zip(changes.task[changes.at_s == now], changes.rate_bytes_s[changes.at_s == now], strict=True):
            rate[int(task)] = new
        rate = {task: own for task, own in rate.items() if timeline.finish_s[task] > now}
        assert_fair(timeline, rate)
        for task, own in rate.items():
            carried[task] += own * (then - now)
    np.testing.assert_allclose(carried, timeline.durations.payload_bytes, rtol=1e-6, atol=1.0)


@settings(max_examples=60)
@given(d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 2**32 - 1), options=SHARED)
def test_each_task_starts_when_the_last_it_waits_for_is_over(
    d: int, k: int, seed: int, options: SimulationOptions
) -> None:
    """The event queue starts a task neither before nor after what its waits say."""
    problem = two_site_problem(d, k, seed)
    timeline = simulate(problem, Allocation(np.arange(d * k).reshape(d, k)), options)
    tasks, durations = timeline.tasks, timeline.durations
    for task in range(len(tasks)):
        waits = slice(tasks.first[task], tasks.first[task + 1])
        before = tasks.before[waits]
        over_s = timeline.finish_s[before] + np.where(tasks.arrived[waits], durations.delay_s[before], 0.0)
        assert timeline.start_s[task] == over_s.max(initial=0.0)


@settings(max_examples=30)
@given(d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 2**32 - 1), micro_batches=st.integers(1, 4))
def test_a_wide_nic_shares_nothing(random_problem: ProblemMaker, d: int, k: int, seed: int, micro_batches: int) -> None:
    """Through NICs that never fill, the event queue tells the same times as the pass over the levels, to 1e-9."""
    problem = random_problem(d, k, seed)
    allocation = Allocation(np.arange(d * k).reshape(d, k))
    alone = simulate(problem, allocation, SimulationOptions(micro_batches=micro_batches))
    wide = SimulationOptions(micro_batches=micro_batches, sharing="nic", nic_gbps=1e6)
    shared = simulate(problem, allocation, wide)
    np.testing.assert_allclose(shared.start_s, alone.start_s, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(shared.finish_s, alone.finish_s, rtol=1e-9, atol=1e-9)


@settings(max_examples=30)
@given(d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 2**32 - 1), options=SHARED)
def test_sharing_never_makes_a_direct_exchange_faster(d: int, k: int, seed: int, options: SimulationOptions) -> None:
    """A shared rate can only make messages later: the iteration is at least as long as on independent links."""
    problem = two_site_problem(d, k, seed)
    allocation = Allocation(np.arange(d * k).reshape(d, k))
    alone = SimulationOptions(options.schedule, options.micro_batches, options.collective)
    slower_s = simulate(problem, allocation, options).iteration_s
    assert slower_s >= simulate(problem, allocation, alone).iteration_s * (1 - 1e-12)


def test_a_queue_at_the_nic_would_be_wrong() -> None:
    """A device with a slow and a fast peer gives the slow one its link's rate and the rest to the fast one.

    First come, first served at the NIC would let the fast peer wait for the slow one: 9 s where 3 s are due.
    """
    rate = np.full((3, 3), 100.0)
    rate[0, 1] = rate[1, 0] = 10.0
    topology = Topology((Site("here", 3),), np.zeros((3, 3)), rate)
    problem = AllocationProblem("three", topology, Workload(90.0, 0.0), Shape(3, 1))
    options = SimulationOptions(sharing="nic", nic_gbps=20 * 8 / 1e9, micro_batches=1)
    timeline = simulate(problem, Allocation(np.arange(3)[:, None]), options)
    pushes = (timeline.tasks.step == 0) & (timeline.durations.payload_bytes > 0) & (timeline.durations.source == 0)
    ends = {int(timeline.durations.target[task]): float(timeline.finish_s[task]) for task in np.flatnonzero(pushes)}
    assert ends == pytest.approx({1: 3.0, 2: 3.0})


def test_a_site_without_a_declared_uplink_is_said_to_have_its_fastest_link() -> None:
    """What stands in for a missing figure is named in the result."""
    timeline = simulate(
        two_site_problem(2, 2, 1), Allocation(np.arange(4).reshape(2, 2)), SimulationOptions(sharing="site")
    )
    assert any(note.startswith("b: where upload_gbps or download_gbps") for note in timeline.notes)
