"""The order of passes: complete, causal, and no more in flight than the schedule allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, Pass


@pytest.mark.parametrize("name", SCHEDULES)
@given(n_stages=st.integers(1, 9), micro_batches=st.integers(1, 12), data=st.data())
def test_every_pass_once_and_backward_after_forward(
    name: str, n_stages: int, micro_batches: int, data: st.DataObject
) -> None:
    """A stage sees each micro-batch forward once and backward once, in order, and never backward first."""
    stage = data.draw(st.integers(0, n_stages - 1))
    passes = SCHEDULES[name](stage, n_stages, micro_batches)  # type: ignore[index]
    for backward in (False, True):
        assert [p.micro_batch for p in passes if p.backward == backward] == list(range(micro_batches))
    assert all(passes.index(Pass(False, m)) < passes.index(Pass(True, m)) for m in range(micro_batches))


def test_1f1b_keeps_as_many_micro_batches_as_stages_follow() -> None:
    """Stage j of K holds at most K - j activations: what 1F1B is for. GPipe holds all of them."""

    def most_held(name: str, stage: int) -> int:
        held = most = 0
        for step in SCHEDULES[name](stage, 4, 10):  # type: ignore[index]
            held += -1 if step.backward else 1
            most = max(most, held)
        return most

    assert [most_held("1f1b", stage) for stage in range(4)] == [4, 3, 2, 1]
    assert [most_held("gpipe", stage) for stage in range(4)] == [10, 10, 10, 10]
