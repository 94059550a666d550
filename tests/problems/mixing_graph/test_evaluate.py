"""The compiled cost agrees with the plain one on whatever is drawn, and is much faster."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.candidate import Infeasible, InvalidCandidate
from tasklet_bench.problems.collective.plain_cycle_mean import policy_iteration
from tasklet_bench.problems.mixing_graph.judge import algebraic_connectivity, weights_s
from tasklet_bench.problems.mixing_graph.reference import circulant, connectivity, strides

from .conftest import Maker


def _seconds_or_refusal(score: Callable[[], float]) -> float | type[Exception]:
    try:
        return score()
    except InvalidCandidate as error:
        return type(error)


@given(
    st.integers(1, 12),
    st.integers(0, 2**32),
    st.sampled_from([1, 2, 3]),
    st.sampled_from(["none", "backward", "delayed"]),
)
@settings(max_examples=60)
def test_cost_and_judge_agree(make: Maker, n: int, seed: int, clusters: int, overlap: str) -> None:
    """They give the same seconds or the same kind of refusal, for random graphs, their neighbours and samples."""
    problem = make(
        n, seed, degree=5, clusters=min(clusters, n), connectivity_factor=0.7, overlap=overlap, local_steps=9
    )
    rng = np.random.Generator(np.random.PCG64(seed))
    edges = problem.random(rng)
    for candidate in (edges, problem.neighbour(edges, rng), problem.decision.sample(rng)):
        compiled = _seconds_or_refusal(lambda candidate=candidate: problem.cost(candidate).total_s)  # type: ignore[misc]
        plain = _seconds_or_refusal(lambda candidate=candidate: problem.judge(candidate).total_s)  # type: ignore[misc]
        assert compiled == (plain if isinstance(plain, type) else pytest.approx(plain, rel=1e-12))


@given(st.integers(2, 20), st.integers(0, 2**32))
@settings(max_examples=30)
def test_policy_iteration_agrees_on_the_weights(make: Maker, n: int, seed: int) -> None:
    """The period is the largest cycle mean of the plain weights by a third way."""
    problem = make(n, seed, degree=4)
    edges = problem.random(np.random.Generator(np.random.PCG64(seed)))
    assert problem.cost(edges).total_s == pytest.approx(policy_iteration(weights_s(problem, edges)), rel=1e-12)


@given(st.integers(1, 40), st.integers(2, 12), st.sampled_from([1, 2]))
@settings(max_examples=60)
def test_the_closed_form_of_references_is_that_of_an_eigensolver(size: int, degree: int, clusters: int) -> None:
    """λ₂ of circulants, those with steps that meet or lead back included."""
    degree = max(degree, 2 + clusters)
    steps = strides(size, degree, clusters)
    expected = algebraic_connectivity(size, circulant(size, steps))
    assert connectivity(size, steps) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "degree", "clusters"), [(64, 4, 1), (64, 6, 1), (48, 6, 4), (17, 7, 2), (5, 4, 5)])
def test_references_are_valid_though_on_the_border(make: Maker, n: int, degree: int, clusters: int) -> None:
    """With all of the reference's connectivity demanded, random graphs are valid, and without any edge they are not."""
    problem = make(n, degree=degree, clusters=clusters, connectivity_factor=1.0)
    edges = problem.random(np.random.Generator(np.random.PCG64(1)))
    assert problem.cost(edges).total_s == pytest.approx(problem.judge(edges).total_s, rel=1e-12)
    for spot in range(0, len(edges), 7):
        for score in (problem.cost, problem.judge):
            with pytest.raises(Infeasible, match=r"connectivity|pieces"):
                score(np.delete(edges, spot, axis=0))


@pytest.mark.parametrize("shift", [-3e-9, -1.00001e-9, -1e-9, -0.99999e-9, 0.0, 3e-9])
def test_the_border_is_where_it_is_said_to_be(make: Maker, shift: float) -> None:
    """What is demanded less 1e-9 is enough, whether factorisation or eigensolver has to tell."""
    edges = np.delete(circulant(24, (1, 2, 4)), [0, 5, 11], axis=0)
    share = (algebraic_connectivity(24, edges) - shift) / connectivity(24, (1, 2, 4))
    problem = make(24, degree=6, connectivity_factor=share)
    for score in (problem.cost, problem.judge):
        answer = _seconds_or_refusal(lambda score=score: score(edges).total_s)  # type: ignore[misc]
        assert shift == -1e-9 or (answer is Infeasible) == (shift < -1e-9)


def test_compiled_is_ten_times_faster_than_plain(make: Maker) -> None:
    """On 64 devices, as the shortest of several times in one process."""
    problem = make(64, degree=6)
    edges = problem.random(np.random.Generator(np.random.PCG64(0)))
    assert 10 * _least_s(lambda: problem.cost(edges), 100) < _least_s(lambda: problem.judge(edges), 5)


@pytest.mark.slow
def test_an_evaluation_grows_no_faster_than_cubes(make: Maker) -> None:
    """Eight times the devices take at most 512 times as long."""
    times_s = []
    for n, repeats in ((64, 100), (512, 5)):
        problem = make(n, degree=6)
        edges = problem.random(np.random.Generator(np.random.PCG64(0)))
        problem.cost(edges)
        times_s.append(_least_s(lambda problem=problem, edges=edges: problem.cost(edges), repeats))  # type: ignore[misc]
    assert times_s[1] < 512 * times_s[0]


def _least_s(call: Callable[[], object], repeats: int) -> float:
    least_s = float("inf")
    for _ in range(repeats):
        begun_s = time.process_time()
        call()
        least_s = min(least_s, time.process_time() - begun_s)
    return least_s
