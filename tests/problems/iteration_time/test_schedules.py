"""The order of passes: complete, causal, and no more in flight than the schedule allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, Pass, most_in_flight


@pytest.mark.parametrize("name", ["gpipe", "1f1b"])
@given(n_stages=st.integers(1, 9), micro_batches=st.integers(1, 12), data=st.data())
def test_every_pass_once_and_backward_after_forward(
    name: str, n_stages: int, micro_batches: int, data: st.DataObject
) -> None:
    """A stage sees each micro-batch forward once and backward once, in order, and never backward first."""
    stage = data.draw(st.integers(0, n_stages - 1))
    passes = SCHEDULES[name](stage, n_stages, micro_batches, 1)  # type: ignore[index]
    for backward in (False, True):
        assert [p.micro_batch for p in passes if p.backward == backward] == list(range(micro_batches))
    assert all(passes.index(Pass(False, m)) < passes.index(Pass(True, m)) for m in range(micro_batches))


@given(n_stages=st.integers(1, 6), groups=st.integers(1, 4), chunks=st.integers(1, 3), data=st.data())
def test_interleaved_sees_every_chunk_of_every_micro_batch(
    n_stages: int, groups: int, chunks: int, data: st.DataObject
) -> None:
    """Each chunk sees each micro-batch forward once, and backward once after it."""
    stage = data.draw(st.integers(0, n_stages - 1))
    passes = SCHEDULES["interleaved"](stage, n_stages, groups * n_stages, chunks)
    expected = {(m, c) for m in range(groups * n_stages) for c in range(chunks)}
    for backward in (False, True):
        assert {(p.micro_batch, p.chunk) for p in passes if p.backward == backward} == expected
    assert len(passes) == 2 * len(expected)
    assert all(passes.index(Pass(False, m, c)) < passes.index(Pass(True, m, c)) for m, c in expected)


def test_interleaved_takes_whole_groups_of_micro_batches_only() -> None:
    """Megatron-LM's order exists for multiples of the number of stages only."""
    with pytest.raises(BadInput, match="multiple of the 4 stages"):
        SCHEDULES["interleaved"](0, 4, 6, 2)


@given(n_stages=st.integers(1, 9), micro_batches=st.integers(1, 12), data=st.data())
def test_zero_bubble_is_1f1b_with_passes_for_the_weights(
    n_stages: int, micro_batches: int, data: st.DataObject
) -> None:
    """It is 1F1B but for the passes for the weights, each of which comes once, after its backward pass."""
    stage = data.draw(st.integers(0, n_stages - 1))
    passes = SCHEDULES["zb-h1"](stage, n_stages, micro_batches, 1)
    assert [p for p in passes if not p.weights] == SCHEDULES["1f1b"](stage, n_stages, micro_batches, 1)
    assert [p.micro_batch for p in passes if p.weights] == list(range(micro_batches))
    for m in range(micro_batches):
        assert passes.index(Pass(True, m)) < passes.index(Pass(True, m, weights=True))


def test_1f1b_keeps_as_many_micro_batches_as_stages_follow() -> None:
    """Stage j of K holds at most K - j activations: what 1F1B is for. GPipe holds all of them."""

    def most_held(name: str, stage: int) -> int:
        return most_in_flight(SCHEDULES[name](stage, 4, 10, 1))[0]  # type: ignore[index]

    assert [most_held("1f1b", stage) for stage in range(4)] == [4, 3, 2, 1]
    assert [most_held("gpipe", stage) for stage in range(4)] == [10, 10, 10, 10]


def test_zb_h1_holds_no_more_than_1f1b_s_first_stage() -> None:
    """H1 puts off as many passes for the weights as fit into the memory that 1F1B needs at most."""
    for n_stages in (2, 4, 8):
        held = [most_in_flight(SCHEDULES["zb-h1"](stage, n_stages, 20, 1))[0] for stage in range(n_stages)]
        assert max(held) <= n_stages
