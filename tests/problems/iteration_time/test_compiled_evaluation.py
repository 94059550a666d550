"""The compiled evaluation against the readable simulation, whole and by moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions
from tasklet_bench.problems.iteration_time.evaluate import iteration_seconds, make_scratch
from tasklet_bench.problems.iteration_time.moves import (
    evaluate_state,
    keep,
    new_state,
    reevaluate,
    reverse_stages,
    swap_cells,
    swap_tails,
    undo,
)
from tasklet_bench.problems.workload import Shape, Transformer

ProblemMaker = Callable[..., AllocationProblem]
MODEL = Transformer(layers=12, hidden=256, sequence_length=64, sequences_per_iteration=24)


@st.composite
def options(draw: st.DrawFn) -> SimulationOptions:
    """Every schedule, runtime, collective and moment of the exchange that go together."""
    sends = draw(st.sampled_from(["overlapped", "overlapped", "deepspeed", "megatron", "rendezvous"]))
    schedule = draw(st.sampled_from(["gpipe", "1f1b", "zb-h1", "interleaved"])) if sends == "overlapped" else "1f1b"
    return SimulationOptions(
        schedule,  # type: ignore[arg-type]
        12 if schedule == "interleaved" else draw(st.integers(1, 5)),
        draw(st.sampled_from(["direct", "shifted", "ring", "tree"])),
        tflops=0.5,
        sends=sends,  # type: ignore[arg-type]
        exchange=draw(st.sampled_from(["runtime", "ready", "barrier", "overlapped"])),
        receive_gbps=draw(st.sampled_from([None, 1.0])) if sends != "overlapped" else None,
        recomputation=draw(st.sampled_from(["none", "full"])) if schedule != "zb-h1" else "none",
    )


def modelled(formal: AllocationProblem) -> AllocationProblem:
    """The problem with a model and devices of different speed, so that computing counts."""
    rng = np.random.default_rng(len(formal.sites))
    sites = tuple(replace(site, tflops=float(rng.uniform(0.1, 1.0))) for site in formal.sites)
    topology = replace(formal.topology, sites=sites)
    return replace(formal, topology=topology, workload=MODEL.workload(formal.shape))


@settings(max_examples=60)
@given(d=st.integers(1, 4), k=st.sampled_from([1, 2, 3, 4, 6]), seed=st.integers(0, 10**6), options=options())
def test_cost_is_the_judge_s_to_the_last_bit(
    random_problem: ProblemMaker, d: int, k: int, seed: int, options: SimulationOptions
) -> None:
    """On any shape, with free wiring and layers; the bound is below."""
    problem = IterationTimeProblem.wrap(modelled(random_problem(d, k, seed)), options, "free", "free")
    if k == 6 and options.schedule == "interleaved":
        return  # 12 layers leave nothing to decide
    candidate = problem.random(np.random.default_rng(seed))
    if min(candidate[1]) < options.held_chunks:
        candidate = (candidate[0], np.full(k, 12 // k))
    cost, rescored = problem.cost(candidate), problem.judge(candidate)
    assert (cost.total_s, dict(cost.parts_s)) == (rescored.total_s, dict(rescored.parts_s))
    assert problem.bound() <= cost.total_s * (1 + 1e-12)
    equal = IterationTimeProblem.wrap(problem.formal, options, "free")
    assert equal.bound() <= equal.cost(candidate[0]).total_s * (1 + 1e-12)


@settings(max_examples=25)
@given(d=st.integers(1, 4), k=st.sampled_from([1, 2, 3, 4]), seed=st.integers(0, 10**6), options=options())
def test_a_walk_of_moves_tells_the_seconds_of_every_grid(
    random_problem: ProblemMaker, d: int, k: int, seed: int, options: SimulationOptions
) -> None:
    """Swaps, tails and reversals, some kept and some undone: always what a whole evaluation of the grid tells."""
    problem = IterationTimeProblem.wrap(modelled(random_problem(d, k, seed)), options, "free")
    tables = problem.evaluator.tables(None)
    scratch = make_scratch(tables, d)
    rng = np.random.default_rng(seed)
    state = new_state(tables, rng.permutation(d * k).reshape(d, k))
    evaluate_state(tables, scratch, state)
    for _ in range(30):
        a, b, c = rng.integers(d * k), rng.integers(d * k), rng.integers(k)
        moves = [
            lambda a=a, b=b: swap_cells(state, a, b),
            lambda a=a, b=b, c=c: swap_tails(state, a % d, b % d, c),  # type: ignore[misc]
            lambda a=a, b=b: reverse_stages(state, min(a % k, b % k), max(a % k, b % k)),
        ]
        move = moves[rng.integers(3)]
        before = state.grid.copy()
        move()
        result = reevaluate(tables, scratch, state, np.inf)
        assert result == iteration_seconds(tables, make_scratch(tables, d), state.grid.copy())[0]
        if rng.random() < 0.5:
            keep(state)
        else:
            undo(state)
            move()
            state.rows[:], state.columns[:] = False, False
            assert (state.grid == before).all()


def test_a_move_beyond_the_limit_is_given_up(random_problem: ProblemMaker) -> None:
    """Seconds above the limit are reported as infinite, and undoing restores the state."""
    problem = IterationTimeProblem.wrap(modelled(random_problem(3, 4, 1)), SimulationOptions(), "free")
    tables = problem.evaluator.tables(None)
    scratch, state = make_scratch(tables, 3), new_state(tables, np.arange(12).reshape(3, 4))
    cost_s = evaluate_state(tables, scratch, state)
    swap_cells(state, 0, 5)
    moved_s = reevaluate(tables, scratch, state, np.inf)
    undo(state)
    swap_cells(state, 0, 5)
    state.rows[:], state.columns[:] = False, False
    swap_cells(state, 0, 5)
    assert reevaluate(tables, scratch, state, moved_s * 0.999) == np.inf
    undo(state)
    swap_cells(state, 0, 5)
    assert evaluate_state(tables, scratch, state) == cost_s


def test_the_decision_is_the_grid_and_its_layers(random_problem: ProblemMaker) -> None:
    """Orders are grids row by row; candidates survive JSON and `encode`; an allocation without layers is refused."""
    problem = IterationTimeProblem.wrap(modelled(random_problem(2, 3, 4)), SimulationOptions(), "free", "free")
    order, layers = np.array([5, 3, 1, 0, 2, 4]), np.array([1, 7, 4])
    allocation = problem.complete((order, layers))
    assert allocation == Allocation([[5, 3, 1], [0, 2, 4]], (1, 7, 4))
    written = problem.candidate_to_json((order, layers))
    assert problem.candidate_from_json(written) == allocation
    again = problem.encode(allocation)
    assert (again[0] == order).all()
    assert (again[1] == layers).all()
    with pytest.raises(ValueError, match="layers: found none, expected 3 whole numbers that sum to 12"):
        problem.cost(Allocation([[5, 3, 1], [0, 2, 4]]))


def test_the_bound_knows_a_slow_device(random_problem: ProblemMaker) -> None:
    """One device that is a hundred times slower raises the bound to what it takes by itself."""
    formal = modelled(random_problem(2, 3, 4))
    sites = tuple(replace(site, tflops=0.0001 if i == 2 else 10.0) for i, site in enumerate(formal.sites))
    slow = replace(formal, topology=replace(formal.topology, sites=sites))
    problem = IterationTimeProblem.wrap(slow, SimulationOptions("1f1b", 8), "free")
    flops = 3 * 12 / 3 * 24 / 2 * (24 * 64 * 256**2 + 4 * 64**2 * 256)
    assert problem.bound() >= flops / 1e8
    best = min(problem.cost(problem.random(np.random.default_rng(i))).total_s for i in range(30))
    assert flops / 1e8 <= problem.bound() <= best


def test_evaluations_are_far_faster_than_the_simulation(random_problem: ProblemMaker) -> None:
    """At 8×8 and 8 micro-batches at least ten times, in one process, best of some."""
    from time import perf_counter

    problem = IterationTimeProblem.wrap(modelled(random_problem(8, 8, 1)), SimulationOptions(), "free")
    tables = problem.evaluator.tables(None)
    scratch, grid = make_scratch(tables, 8), np.arange(64).reshape(8, 8)
    allocation = Allocation(grid)
    iteration_seconds(tables, scratch, grid)
    problem.judge(allocation)

    def least_s(call: Callable[[], object]) -> float:
        times = []
        for _ in range(15):
            begun = perf_counter()
            call()
            times.append(perf_counter() - begun)
        return min(times)

    assert 10 * least_s(lambda: iteration_seconds(tables, scratch, grid)) < least_s(lambda: problem.judge(allocation))


def test_shapes_of_one_device_and_of_one_stage(random_problem: ProblemMaker) -> None:
    """A single device takes its passes, and replicas of one stage their passes and the exchange."""
    for shape in (Shape(1, 1), Shape(3, 1)):
        formal = modelled(random_problem(shape.data_parallel, shape.pipeline_parallel, 2))
        problem = IterationTimeProblem.wrap(formal, SimulationOptions(), "free")
        order = np.arange(shape.n_devices)
        assert problem.cost(order).total_s == problem.judge(order).total_s > 0
