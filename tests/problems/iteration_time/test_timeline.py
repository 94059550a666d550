"""What a timeline tells: bytes conserved, links within their rate, a critical path without gaps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems import Site, Transformer
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time import SimulationOptions, Timeline, render, simulate
from tasklet_bench.problems.iteration_time.tasks import Kind

ProblemMaker = Callable[..., AllocationProblem]
OPTIONS = st.builds(
    SimulationOptions,
    schedule=st.sampled_from(["gpipe", "1f1b"]),
    micro_batches=st.integers(1, 6),
    collective=st.sampled_from(["direct", "shifted", "ring", "tree"]),
    sharing=st.sampled_from(["independent", "nic", "site"]),
)
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5))


def simulated(problem: AllocationProblem, options: SimulationOptions, seed: int = 0) -> Timeline:
    """A random grid of the problem."""
    shape = (problem.shape.data_parallel, problem.shape.pipeline_parallel)
    grid = np.random.default_rng(seed).permutation(problem.shape.n_devices).reshape(shape)
    return simulate(problem, Allocation(grid), options)


@given(shape=SHAPES, options=OPTIONS, seed=st.integers(0, 10**6))
def test_bytes_are_conserved(
    random_problem: ProblemMaker, shape: tuple[int, int], options: SimulationOptions, seed: int
) -> None:
    """Each boundary carries a macro-batch each way per pipeline; each stage's exchange moves 2(D-1)·c_dp in all."""
    problem = random_problem(*shape, seed)
    timeline = simulated(problem, options, seed)
    (d, k), (_, work) = shape, (None, problem.workload)
    sent = {kind: timeline.durations.payload_bytes[timeline.tasks.kind == kind].sum() for kind in Kind}
    assert sent[Kind.ACTIVATIONS] == pytest.approx(d * (k - 1) * work.activation_bytes)
    assert sent[Kind.ACTIVATION_GRADIENTS] == pytest.approx(d * (k - 1) * work.activation_bytes)
    assert sent[Kind.GRADIENTS] == pytest.approx(k * 2 * (d - 1) * work.gradient_bytes)
    assert timeline.sent_bytes == pytest.approx(sum(sent.values()))
    received = np.bincount(timeline.durations.target, timeline.durations.payload_bytes)
    assert received.sum() == pytest.approx(timeline.sent_bytes)


@given(shape=SHAPES, options=OPTIONS, seed=st.integers(0, 10**6))
def test_no_link_is_used_above_its_rate(
    random_problem: ProblemMaker, shape: tuple[int, int], options: SimulationOptions, seed: int
) -> None:
    """Messages of a link never overlap, and none is sent faster than the link allows."""
    timeline = simulated(random_problem(*shape, seed), options, seed)
    took_s = timeline.finish_s - timeline.start_s
    assert (took_s >= timeline.durations.alone_s * (1 - 1e-9) - 1e-12).all()
    links: dict[tuple[int, int], list[int]] = {}
    for task in np.flatnonzero(timeline.tasks.is_message):
        link = (int(timeline.durations.source[task]), int(timeline.durations.target[task]))
        links.setdefault(link, []).append(int(task))
    for tasks in links.values():
        in_order = sorted(tasks, key=lambda task: (timeline.start_s[task], timeline.finish_s[task]))
        assert all(timeline.finish_s[a] <= timeline.start_s[b] for a, b in pairwise(in_order))
    assert timeline.link_share.max() <= 1 + 1e-9


@given(shape=SHAPES, options=OPTIONS, seed=st.integers(0, 10**6))
def test_the_critical_path_has_no_gap(
    random_problem: ProblemMaker, shape: tuple[int, int], options: SimulationOptions, seed: int
) -> None:
    """It begins at 0, each step begins where the last ended, and it ends with the iteration."""
    timeline = simulated(random_problem(*shape, seed), options, seed)
    path = timeline.critical_path
    assert path[0].start_s == 0.0
    assert all(b.start_s == a.end_s for a, b in pairwise(path))
    assert path[-1].end_s == timeline.iteration_s
    assert sum(timeline.critical_path_s.values()) == pytest.approx(timeline.iteration_s)


def test_without_speeds_computing_counts_as_nothing_and_is_said_to(random_problem: ProblemMaker) -> None:
    """A topology without device speeds gives no utilisation, and a note instead; a speed in the options mends it."""
    problem = random_problem(2, 3)
    timeline = simulated(problem, SimulationOptions())
    assert timeline.utilisation is None
    assert timeline.bubble_share is None
    assert any("computing counts as 0" in note for note in timeline.notes)
    model = Transformer(layers=6, hidden=256, sequence_length=128, sequences_per_iteration=8)
    known = replace(problem, workload=model.workload(problem.shape))
    assert any("no site declares tflops" in note for note in simulated(known, SimulationOptions()).notes)
    computed = simulated(known, SimulationOptions(tflops=1.0))
    assert computed.notes == ()
    assert computed.utilisation is not None
    assert 0 < computed.utilisation < 1


def test_a_slow_device_makes_its_passes_longer(random_problem: ProblemMaker) -> None:
    """Seconds of computing are inversely proportional to the speed that a site declares."""
    problem = random_problem(1, 2)
    model = Transformer(layers=2, hidden=256, sequence_length=128, sequences_per_iteration=8)
    sites = (Site("fast", 1, tflops=4.0), Site("slow", 1, tflops=1.0))
    topology = replace(problem.topology, sites=sites)
    mixed = replace(problem, topology=topology, workload=model.workload(problem.shape))
    busy_s = simulated(mixed, SimulationOptions()).busy_s
    assert busy_s[1] == pytest.approx(4 * busy_s[0])
    assert busy_s[0] == pytest.approx(3 * 8 * (24 * 128 * 256**2 + 4 * 128**2 * 256) / 4e12)
    assert simulated(mixed, SimulationOptions(efficiency=0.5)).busy_s == pytest.approx(2 * busy_s)


def test_speeds_of_some_sites_only_are_refused(random_problem: ProblemMaker) -> None:
    """Half a set of speeds is a slip, not a choice: the message names the site."""
    problem = random_problem(1, 2)
    model = Transformer(layers=2, hidden=256, sequence_length=128, sequences_per_iteration=8)
    topology = replace(problem.topology, sites=(Site("fast", 1, tflops=4.0), Site("slow", 1)))
    mixed = replace(problem, topology=topology, workload=model.workload(problem.shape))
    with pytest.raises(BadInput, match="tflops of site 'slow'"):
        simulated(mixed, SimulationOptions())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schedule": "gpip"}, "unknown schedule 'gpip'; did you mean 'gpipe'"),
        ({"collective": "rng"}, "unknown collective 'rng'; did you mean 'ring'"),
        ({"sharing": "sites"}, "did you mean 'site'"),
        ({"micro_batches": 0}, "micro_batches: found 0"),
        ({"tflops": -1.0}, "tflops: found -1.0"),
        ({"nic_gbps": float("nan")}, "nic_gbps: found nan"),
        ({"efficiency": 1.5}, "efficiency: found 1.5"),
    ],
)
def test_senseless_options_are_refused(options: dict[str, object], said: str) -> None:
    """One message names the option, what was found and what was expected."""
    with pytest.raises(BadInput, match=said):
        SimulationOptions(**options)  # type: ignore[arg-type]


@given(shape=SHAPES, options=OPTIONS)
def test_a_timeline_is_json_and_text(
    random_problem: ProblemMaker, shape: tuple[int, int], options: SimulationOptions
) -> None:
    """All its figures survive JSON, and the text holds the seconds."""
    timeline = simulated(random_problem(*shape), options)
    data = timeline.as_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["pipeline_s"] + data["data_parallel_s"] == pytest.approx(data["iteration_s"])
    assert f"{timeline.iteration_s:.4f} s" in render(timeline)
