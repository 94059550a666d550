"""Simulated seconds as a family of problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import InvalidCandidate, Problem, Site, families
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions, names, simulate

ProblemMaker = Callable[..., AllocationProblem]
OPTIONS = st.builds(
    SimulationOptions,
    schedule=st.sampled_from(["gpipe", "1f1b"]),
    micro_batches=st.integers(1, 5),
    collective=st.sampled_from(["direct", "shifted", "ring", "tree"]),
    sharing=st.sampled_from(["independent", "nic", "site"]),
)


@settings(max_examples=40)
@given(d=st.integers(1, 4), k=st.integers(1, 5), seed=st.integers(0, 10**6), options=OPTIONS)
def test_labels_cost_what_their_written_grid_does(
    random_problem: ProblemMaker, d: int, k: int, seed: int, options: SimulationOptions
) -> None:
    """Labels, the grid written out for them, and a simulation of it agree to the last bit, above the bound."""
    problem = IterationTimeProblem.wrap(random_problem(d, k, seed), options)
    labels = problem.random(np.random.default_rng(seed))
    cost = problem.cost(labels)
    grid = problem.allocation(labels)
    assert cost.total_s == problem.cost(grid).total_s == simulate(problem.formal, grid, options).iteration_s
    assert sum(cost.parts_s.values()) == pytest.approx(cost.total_s)
    assert problem.bound() <= cost.total_s * (1 + 1e-12)
    assert problem.formal.cost(grid).total_s == pytest.approx(problem.formal.cost(labels).total_s, rel=1e-12)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), options=OPTIONS)
def test_numbering_the_groups_otherwise_changes_nothing(
    random_problem: ProblemMaker, seed: int, options: SimulationOptions
) -> None:
    """A partition has one cost, whatever its groups are called."""
    problem = IterationTimeProblem.wrap(random_problem(3, 4, seed), options)
    rng = np.random.default_rng(seed)
    labels = problem.random(rng)
    assert problem.cost(rng.permutation(4)[labels]).total_s == problem.cost(labels).total_s


def test_it_is_a_problem_like_any_other(random_problem: ProblemMaker) -> None:
    """Strategies of any family find the same decision, sites and sizes as in the formal problem."""
    formal = random_problem(3, 2)
    problem = IterationTimeProblem.wrap(formal)
    assert isinstance(problem, Problem)
    assert problem.family == "iteration-time"
    assert (problem.decision, problem.sites, problem.group_sizes) == (formal.decision, formal.sites, (3, 3))
    with pytest.raises(InvalidCandidate, match="group 0 has 6 devices"):
        problem.cost(np.zeros(6, dtype=int))
    with pytest.raises(InvalidCandidate, match="2×3"):
        problem.cost(Allocation(np.arange(6).reshape(2, 3)))


def test_the_digest_is_of_what_the_seconds_depend_on(random_problem: ProblemMaker) -> None:
    """Options and uplinks change it; names do not; it is not the formal problem's."""
    formal = random_problem(2, 2)
    problem = IterationTimeProblem.wrap(formal, SimulationOptions(sharing="site"))
    sites = tuple(Site(f"elsewhere {i}", 1, upload_gbps=0.1) for i in range(4))
    renamed = replace(
        formal, topology=replace(formal.topology, sites=tuple(replace(s, upload_gbps=None) for s in sites))
    )
    slower = replace(formal, topology=replace(formal.topology, sites=sites))
    digests = [
        problem.digest,
        formal.digest,
        IterationTimeProblem.wrap(formal, SimulationOptions(schedule="1f1b", sharing="site")).digest,
        IterationTimeProblem.wrap(slower, problem.options).digest,
    ]
    assert len(set(digests)) == 4
    assert IterationTimeProblem.wrap(renamed, problem.options).digest == problem.digest


def test_names_reach_the_family_and_have_one_spelling() -> None:
    """Options stand among the catalogue's keys; defaults are left out; the name of a problem loads it again."""
    problem = names.load("iteration-time/paper/worldwide?tflops=50&schedule=1f1b&workload=gpt3-xl&micro_batches=8")
    assert problem.name == "iteration-time/paper/worldwide?workload=gpt3-xl&schedule=1f1b&tflops=50"
    assert problem.options == SimulationOptions(schedule="1f1b", tflops=50.0)
    assert names.load(problem.name).digest == problem.digest
    plain = names.load("iteration-time/paper/regional")
    assert (plain.name, plain.options) == ("iteration-time/paper/regional", SimulationOptions())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("iteration-time/paper/wordwide", "did you mean 'paper/worldwide'"),
        ("iteration-time/paper/worldwide?schedule=1f1", "did you mean '1f1b'"),
        ("iteration-time/paper/worldwide?micro_batches=0", "micro_batches: found '0'"),
        ("iteration-time/paper/worldwide?colour=red", "'colour'"),
    ],
)
def test_wrong_names_are_refused(name: str, said: str) -> None:
    """Each slip raises `BadInput` that names what was wrong and the nearest right one."""
    with pytest.raises(BadInput, match=said):
        names.load(name)


def test_kinds_name_what_decides_in_seconds() -> None:
    """Beside the formal kinds a reader finds how unlike the devices are, and whether layers are free."""
    free = families.load("iteration-time/measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl&wiring=free&layers=free")
    assert free.kinds()["kinds of devices"] == "three or more"
    assert free.kinds()["layers"] == "free"
    alike = families.load("iteration-time/paper/worldwide")
    assert alike.kinds() == {**families.load("paper/worldwide").kinds(), "kinds of devices": "one", "layers": "equal"}
