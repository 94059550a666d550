"""What a runtime's way of sending does, on pipelines that can be followed by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.runtimes import RUNTIMES, deepspeed, megatron
from tasklet_bench.problems.iteration_time.schedules import one_forward_one_backward
from tasklet_bench.problems.workload import Transformer

UniformMaker = Callable[..., AllocationProblem]
ProblemMaker = Callable[..., AllocationProblem]
MODEL = Transformer(layers=24, hidden=512, sequence_length=256, sequences_per_iteration=48)
SENDS = ["overlapped", "deepspeed", "megatron", "rendezvous"]


def in_order(problem: AllocationProblem) -> Allocation:
    """Devices row by row."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    return Allocation(np.arange(d * k).reshape(d, k))


def seconds(problem: AllocationProblem, **options: object) -> float:
    """Simulated seconds of the devices in order."""
    options = {"schedule": "1f1b", **options}
    return simulate(problem, in_order(problem), SimulationOptions(**options)).iteration_s  # type: ignore[arg-type]


@pytest.mark.parametrize("runtime", [deepspeed, megatron])
@given(n_stages=st.integers(1, 7), micro_batches=st.integers(1, 9))
def test_lists_are_1f1b_with_matching_messages(runtime: object, n_stages: int, micro_batches: int) -> None:
    """Each stage computes in the order of 1F1B, and on every link sends and receives are the same, in order."""
    lists = [runtime(stage, n_stages, micro_batches) for stage in range(n_stages)]  # type: ignore[operator]
    flat = [[move for batch in moves for move in batch] for moves in lists]
    for stage, moves in enumerate(flat):
        computed = [step for what, step in moves if what == "compute"]
        assert computed == one_forward_one_backward(stage, n_stages, micro_batches)
    for left, right in pairwise(flat):
        for backward, sender, receiver in ((False, left, right), (True, right, left)):
            sent = [step for what, step in sender if what == "send" and step.backward == backward]
            received = [step for what, step in receiver if what == "receive" and step.backward == backward]
            assert sent == received
            assert len(sent) == micro_batches


def test_deepspeed_receives_the_gradient_before_it_sends_the_activation() -> None:
    """A backward step of `TrainSchedule` receives first; a forward step sends first."""
    moves = [batch[0] for batch in deepspeed(1, 3, 4)]
    names = [(what, "B" if step.backward else "F", step.micro_batch) for what, step in moves]
    steady = names.index(("compute", "B", 0))
    assert names[steady - 2 : steady + 4] == [
        ("receive", "B", 0),
        ("send", "F", 1),
        ("compute", "B", 0),
        ("send", "B", 0),
        ("receive", "F", 2),
        ("compute", "F", 2),
    ]


@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.parametrize(("stages", "micro_batches"), [(1, 4), (4, 4), (4, 9), (6, 2)])
def test_with_free_links_all_runtimes_are_1f1b(
    uniform_problem: UniformMaker, sends: str, stages: int, micro_batches: int
) -> None:
    """Where messages take no time, nobody waits for them: (M + K - 1) passes each way."""
    problem = uniform_problem(1, stages, delay_s=0.0, bandwidth_bytes_s=1e30, model=MODEL, tflops=1.0)
    one = simulate(problem, in_order(problem), SimulationOptions("1f1b", micro_batches)).busy_s[0] / micro_batches
    expected_s = (micro_batches + stages - 1) * one
    assert seconds(problem, micro_batches=micro_batches, sends=sends) == pytest.approx(expected_s, rel=1e-9)


def test_two_messages_of_deepspeed_lie_on_the_last_stage_s_path(uniform_problem: UniformMaker) -> None:
    """Two stages, passes of no time: gradient and activation of a micro-batch cross one after the other.

    The last stage waits for an activation, and its sender for the gradient before it; overlapped, both directions run.
    """
    problem = uniform_problem(1, 2, delay_s=0.0)
    message_s = problem.workload.activation_bytes / 50 / 1e8
    assert seconds(problem, micro_batches=50, sends="deepspeed") == pytest.approx(100 * message_s, rel=0.03)
    assert seconds(problem, micro_batches=50) == pytest.approx(51 * message_s, rel=0.03)


@settings(max_examples=25)
@given(d=st.integers(1, 3), k=st.integers(1, 5), micro_batches=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_waiting_never_makes_an_iteration_faster(
    random_problem: ProblemMaker, d: int, k: int, micro_batches: int, seed: int
) -> None:
    """Overlapped sends are no slower than any runtime, and DeepSpeed's no slower than its strict reading."""
    problem = random_problem(d, k, seed)
    result = {sends: seconds(problem, micro_batches=micro_batches, sends=sends, exchange="barrier") for sends in SENDS}
    assert result["overlapped"] <= min(result.values()) * (1 + 1e-12)
    assert result["deepspeed"] <= result["rendezvous"] * (1 + 1e-12)


@pytest.mark.parametrize(("stages", "micro_batches"), [(2, 8), (4, 8), (4, 16), (8, 16)])
@pytest.mark.parametrize("chunks", [2, 3])
def test_interleaved_divides_the_bubble_by_its_chunks(
    uniform_problem: UniformMaker, stages: int, micro_batches: int, chunks: int
) -> None:
    """M·(F+B) + (K-1)·(F+B)/V, for equal stages and free links (Narayanan et al., SC 2021, section 2.2)."""
    problem = uniform_problem(1, stages, delay_s=0.0, bandwidth_bytes_s=1e30, model=MODEL, tflops=1.0)
    one = simulate(problem, in_order(problem), SimulationOptions("1f1b", micro_batches)).busy_s[0] / micro_batches
    expected_s = micro_batches * one + (stages - 1) * one / chunks
    found_s = seconds(problem, schedule="interleaved", micro_batches=micro_batches, chunks=chunks)
    assert found_s == pytest.approx(expected_s, rel=1e-9)


@pytest.mark.parametrize(("stages", "micro_batches"), [(1, 4), (2, 4), (4, 8), (4, 12), (8, 16)])
def test_zb_h1_has_a_third_of_the_bubble(uniform_problem: UniformMaker, stages: int, micro_batches: int) -> None:
    """M·(F+B+W) + (K-1)·(F+B-W), for equal stages and free links (Qi et al., ICLR 2024, table 2); here F = B = W."""
    problem = uniform_problem(1, stages, delay_s=0.0, bandwidth_bytes_s=1e30, model=MODEL, tflops=1.0)
    one = simulate(problem, in_order(problem), SimulationOptions("1f1b", micro_batches)).busy_s[0] / micro_batches
    expected_s = micro_batches * one + (stages - 1) * one / 3
    found_s = seconds(problem, schedule="zb-h1", micro_batches=micro_batches)
    assert found_s == pytest.approx(expected_s, rel=1e-9)


def test_recomputation_is_one_more_forward_pass(uniform_problem: UniformMaker) -> None:
    """With free links an iteration grows by a third: each backward pass makes its forward pass again."""
    problem = uniform_problem(1, 3, delay_s=0.0, bandwidth_bytes_s=1e30, model=MODEL, tflops=1.0)
    assert seconds(problem, recomputation="full") == pytest.approx(4 / 3 * seconds(problem), rel=1e-9)


def test_when_gradients_are_exchanged(uniform_problem: UniformMaker) -> None:
    """At a barrier the last stage waits for the first; in pieces along the last pass, less is left after it."""
    problem = uniform_problem(2, 3, bandwidth_bytes_s=1e9, model=MODEL, tflops=0.1)
    result = {exchange: seconds(problem, exchange=exchange) for exchange in ("ready", "barrier", "overlapped")}
    assert result["overlapped"] < result["ready"] <= result["barrier"]
    assert seconds(problem, sends="deepspeed") == seconds(problem, sends="deepspeed", exchange="barrier")
    assert seconds(problem, sends="megatron") == seconds(problem, sends="megatron", exchange="ready")


def test_a_receive_that_costs_is_paid_by_its_device(uniform_problem: UniformMaker) -> None:
    """A middle stage pays twice per micro-batch, the ends once, and a pipeline without boundaries not at all."""
    problem = uniform_problem(1, 3, model=MODEL, tflops=1.0)
    paid = SimulationOptions("1f1b", 4, sends="deepspeed", receive_gbps=8.0)
    copied_s = (
        simulate(problem, in_order(problem), paid).busy_s
        - simulate(problem, in_order(problem), SimulationOptions("1f1b", 4, sends="deepspeed")).busy_s
    )
    once_s = problem.workload.activation_bytes / 1e9
    assert copied_s == pytest.approx([once_s, 2 * once_s, once_s])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": "gpipe", "sends": "deepspeed"}, "schedule 1f1b"),
        ({"receive_gbps": 80.0}, "sends of a runtime that waits"),
        ({"schedule": "zb-h1", "recomputation": "full"}, "another schedule"),
        ({"sends": "deepsped"}, "did you mean 'deepspeed'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, object], message: str) -> None:
    """The error names the option and what would do."""
    with pytest.raises(BadInput, match=message):
        SimulationOptions(**options)  # type: ignore[arg-type]


def test_every_runtime_that_waits_can_be_asked_for() -> None:
    """The models and the option's values are the same."""
    assert {"overlapped", *RUNTIMES} == set(SENDS)
