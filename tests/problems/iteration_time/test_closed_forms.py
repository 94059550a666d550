"""Cases small or regular enough to be solved on paper."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.compute import stage_forward_flops
from tasklet_bench.problems.workload import Transformer

UniformMaker = Callable[..., AllocationProblem]
MODEL = Transformer(layers=12, hidden=512, sequence_length=256, sequences_per_iteration=48)
DELAY_S, RATE = 0.03, 1e8


def in_order(problem: AllocationProblem) -> Allocation:
    """Devices row by row."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    return Allocation(np.arange(d * k).reshape(d, k))


def seconds(problem: AllocationProblem, **options: object) -> float:
    """Simulated seconds of the devices in order."""
    return simulate(problem, in_order(problem), SimulationOptions(**options)).iteration_s  # type: ignore[arg-type]


@pytest.mark.parametrize("stages", [1, 2, 5])
@pytest.mark.parametrize("micro_batches", [1, 3, 16])
@pytest.mark.parametrize("tflops", [0.05, 5.0], ids=["compute-bound", "link-bound"])
def test_one_pipeline_of_gpipe(uniform_problem: UniformMaker, stages: int, micro_batches: int, tflops: float) -> None:
    """One pipeline fills once in each direction, then its slower resource sets the pace: device or link."""
    problem = uniform_problem(1, stages, model=MODEL, tflops=tflops)
    forward_s = stage_forward_flops(MODEL, problem.shape) / micro_batches / (tflops * 1e12)
    send_s = problem.workload.activation_bytes / micro_batches / RATE if stages > 1 else 0.0

    def one_way_s(pass_s: float) -> float:
        fill_s = stages * pass_s + (stages - 1) * (send_s + DELAY_S)
        return fill_s + (micro_batches - 1) * max(pass_s, send_s)

    expected_s = one_way_s(forward_s) + one_way_s(2 * forward_s)
    assert seconds(problem, micro_batches=micro_batches) == pytest.approx(expected_s, rel=1e-9)


@pytest.mark.parametrize("schedule", ["gpipe", "1f1b"])
@pytest.mark.parametrize(("stages", "micro_batches"), [(1, 4), (4, 4), (4, 9), (6, 2)])
def test_a_pipeline_without_communication(
    uniform_problem: UniformMaker, schedule: str, stages: int, micro_batches: int
) -> None:
    """With free links both schedules take (M + K - 1) passes in each direction, and the bubble is (K-1)/(M+K-1)."""
    problem = uniform_problem(1, stages, delay_s=0.0, bandwidth_bytes_s=1e30, model=MODEL, tflops=1.0)
    timeline = simulate(
        problem,
        in_order(problem),
        SimulationOptions(schedule=schedule, micro_batches=micro_batches),  # type: ignore[arg-type]
    )
    forward_s = stage_forward_flops(MODEL, problem.shape) / micro_batches / 1e12
    assert timeline.iteration_s == pytest.approx((micro_batches + stages - 1) * 3 * forward_s, rel=1e-9)
    assert timeline.bubble_share == pytest.approx((stages - 1) / (micro_batches + stages - 1), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_one_boundary_is_the_formal_cost(random_problem: Callable[..., AllocationProblem], seed: int) -> None:
    """Two stages, one pipeline, one micro-batch: there and back costs what the formal model says, slow way included."""
    problem = random_problem(1, 2, seed)
    assert seconds(problem, micro_batches=1) == pytest.approx(problem.cost(in_order(problem)).total_s, rel=1e-9)


def test_one_pair_of_replicas_is_the_formal_cost_on_equal_links(uniform_problem: UniformMaker) -> None:
    """Two replicas of one stage push and pull one shard each, as the formal model says."""
    problem = uniform_problem(2, 1)
    assert seconds(problem) == pytest.approx(problem.cost(in_order(problem)).total_s, rel=1e-9)


@pytest.mark.parametrize("replicas", [2, 3, 8])
def test_collectives_on_equal_links(uniform_problem: UniformMaker, replicas: int) -> None:
    """Direct: two messages at once to all. Shifted and ring: 2(D-1) shards. Tree: each child in turn, up and down."""
    problem = uniform_problem(replicas, 1)
    shard_s = problem.workload.gradient_bytes / replicas / RATE + DELAY_S
    whole_s = problem.workload.gradient_bytes / RATE + DELAY_S
    depth = math.floor(math.log2(replicas))
    assert seconds(problem, collective="direct") == pytest.approx(2 * shard_s, rel=1e-9)
    assert seconds(problem, collective="shifted") == pytest.approx(2 * (replicas - 1) * shard_s, rel=1e-9)
    assert seconds(problem, collective="ring") == pytest.approx(2 * (replicas - 1) * shard_s, rel=1e-9)
    assert seconds(problem, collective="tree") == pytest.approx(2 * depth * whole_s, rel=1e-9)


@pytest.mark.parametrize("replicas", [2, 3, 8])
def test_direct_exchange_through_one_nic(uniform_problem: UniformMaker, replicas: int) -> None:
    """Where a device's messages share one rate, the direct exchange takes as long as its bytes, plus two delays."""
    problem = uniform_problem(replicas, 1)
    bytes_out = problem.workload.gradient_bytes * (replicas - 1) / replicas
    expected_s = 2 * (bytes_out / RATE + DELAY_S)
    assert seconds(problem, sharing="nic") == pytest.approx(expected_s, rel=1e-9)


def test_equal_micro_batches_hide_no_bytes(uniform_problem: UniformMaker) -> None:
    """However a macro-batch is cut, two stages without computing send it once each way; only the delay is paid once."""
    problem = uniform_problem(1, 2)
    for micro_batches in (1, 2, 32):
        expected_s = 2 * (problem.workload.activation_bytes / RATE + DELAY_S)
        assert seconds(problem, micro_batches=micro_batches) == pytest.approx(expected_s, rel=1e-9)


def test_stages_overlap_where_the_formal_model_adds(uniform_problem: UniformMaker) -> None:
    """Many micro-batches fill all boundaries at once: a long pipeline is far below the sum over its boundaries."""
    problem = uniform_problem(1, 6, delay_s=0.0)
    assert seconds(problem, micro_batches=64) < 0.25 * problem.cost(in_order(problem)).total_s
    assert seconds(problem, micro_batches=1) == pytest.approx(problem.cost(in_order(problem)).total_s, rel=1e-9)
