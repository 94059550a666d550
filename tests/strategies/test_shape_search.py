"""The search over shapes of tensor parallelism, and the enumeration of tiny instances."""

from __future__ import annotations

import json
import pickle
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel import TensorParallelOptions, TensorParallelProblem, instance_file, names
from tasklet_bench.problems.tensor_parallel.evaluate import evaluate
from tasklet_bench.problems.tensor_parallel.state import total_seconds
from tasklet_bench.problems.topology import Site
from tasklet_bench.strategies.registry import strategy_class
from tasklet_bench.strategies.shape_enumeration.strategy import ShapeEnumeration, class_mates
from tasklet_bench.strategies.shape_search.contenders import Field
from tasklet_bench.strategies.shape_search.lines import chain, find_lines, group_line, match_line, pair_seconds
from tasklet_bench.strategies.shape_search.stage_programme import plan_stages
from tasklet_bench.strategies.shape_search.strategy import ShapeSearch
from tasklet_bench.strategies.shape_search.walk import new_memory, propose, stand
from tests.strategies.conftest import Searched

CHECK_VALUES = Path(__file__).parents[1] / "problems" / "families" / "tensor_parallel.json"
UNEVEN = "tensor-parallel/measured/gcp-zones-hetero-40?workload=llama-7b&each=3,2,4,1,4,4,3,1,4,2"


def make(n: int, seed: int, kinds: int = 0) -> TensorParallelProblem:
    """A random instance whose links differ by orders of magnitude; with `kinds`, of so many kinds of equal devices."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, kinds, n) if kinds else np.arange(n)
    size = kinds or n
    one = [rng.uniform(low, high, size)[place] for low, high in ((2e9, 8e9), (5e6, 2e7), (3e7, 9e7))]
    two = [rng.uniform(0, 0.01, (size, size)), np.exp(rng.uniform(np.log(1e6), np.log(1e9), (size, size)))]
    delay_s, bandwidth = (matrix[np.ix_(place, place)] for matrix in two)
    each = np.ones(n)
    devices = Devices((Site("all", n),), one[0], one[1], each, one[2], each, each, delay_s, bandwidth)
    options = TensorParallelOptions(micro_batch_sizes=(1, 4), most_tensor=8)
    return TensorParallelProblem(f"random-{seed}", devices, Model(6, 256, 4, 128, 24), options)


def brute_force_s(problem: TensorParallelProblem) -> float:
    """The least cost over all shapes and orders (in seconds)."""
    orders = list(permutations(range(problem.devices.n_devices)))
    return min(
        problem.cost((np.array([number]), np.array(order))).total_s
        for number in range(len(problem.shapes))
        for order in orders
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kinds", [0, 2])
def test_enumeration_proves_the_optimum(searched: Searched, seed: int, kinds: int) -> None:
    """On five devices the enumeration ends at the brute-force optimum and reports it as a bound."""
    problem = make(5, seed, kinds)
    result = searched(ShapeEnumeration(), problem, evaluations=10**7)
    best_s = brute_force_s(problem)
    assert result.cost_s == pytest.approx(best_s, rel=1e-12)
    assert problem.bound() <= result.meter.bound_s <= best_s
    assert result.meter.bound_s == pytest.approx(best_s, rel=1e-9)


def test_enumeration_finds_the_stated_optimum(searched: Searched) -> None:
    """The check values' tiny instance has the optimum that is stated for it."""
    data = json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"][0]
    problem = instance_file.from_json(data, "check values")
    result = searched(ShapeEnumeration(), problem, evaluations=10**7)
    assert result.cost_s == pytest.approx(data["optimum_s"], rel=1e-9)
    assert problem.judge(result.candidate).total_s == pytest.approx(data["optimum_s"], rel=1e-9)


def test_enumeration_says_what_is_out_of_reach(searched: Searched) -> None:
    """Too many devices are refused with their number; a budget that ends too soon leaves no bound."""
    with pytest.raises(ValueError, match=r"24 devices, expected at most 12"):
        searched(ShapeEnumeration(), names.load("tensor-parallel/measured/hybrid-dgx2-t4-a10-24"), evaluations=10)
    problem = make(6, 1)
    cut = searched(ShapeEnumeration(), problem, evaluations=len(problem.shapes) + 1)
    assert cut.meter.bound_s == -np.inf or cut.meter.evaluations < len(problem.shapes) + 1


def test_interchangeable_devices_form_classes() -> None:
    """Devices of one kind follow each other; devices that differ in anything follow nobody."""
    assert (class_mates(make(5, 0).devices) == -1).all()
    problem = make(6, 3, kinds=2)
    before = class_mates(problem.devices)
    kinds = problem.devices.flops
    for device in range(6):
        lower = [other for other in range(device) if kinds[other] == kinds[device]]
        assert before[device] == (lower[-1] if lower else -1)


@pytest.mark.parametrize("seed", range(4))
def test_search_ends_at_the_optimum_of_tiny_instances(searched: Searched, seed: int) -> None:
    """With 20,000 evaluations the search finds what the enumeration proves."""
    problem = make(6, seed)
    proof = searched(ShapeEnumeration(), problem, evaluations=10**7)
    assert searched(ShapeSearch(), problem, evaluations=20_000).cost_s == pytest.approx(proof.cost_s, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_move_leaves_is_what_a_whole_score_says(seed: int) -> None:
    """After any number of moves the kept seconds are those of the order scored anew, for every mode."""
    problem = make(16, seed)
    world = problem.world
    rng = np.random.default_rng(seed)
    for number, (whole, real) in enumerate(zip(*problem.table, strict=True)):
        memory = new_memory(whole, rng.permutation(16))
        stand(whole, real, *world, memory)
        for _ in range(40):
            propose(whole, real, *world, memory, rng)
        kept_s, _ = total_seconds(whole, memory.cell_s, memory.edge_s, memory.ring_s)
        assert sorted(memory.order) == list(range(16))
        assert kept_s == pytest.approx(evaluate(whole, real, *world, memory.order, np.empty(5)), rel=1e-12), number


@pytest.mark.parametrize("seed", range(3))
def test_the_programme_is_best_along_its_line(seed: int) -> None:
    """For one replica the dynamic programme finds the best choice of who is passed over, by brute force."""
    problem = make(8, seed)
    world = problem.world
    line = np.random.default_rng(seed).permutation(8)
    tried = 0
    for number, shape in enumerate(problem.shapes):
        if shape.replicas > 1 or shape.tensor_devices > 1 or shape.devices == 8:
            continue
        tried += 1
        order = np.empty(8, dtype=np.int64)
        plan_stages(*(rows[number] for rows in problem.table), *world, line, 8, order)
        best_s = (
            min(
                problem.cost((np.array([number]), np.concatenate([np.delete(line, out), line[list(out)]]))).total_s
                for out in ([0], [1], [2], [3], [4], [5], [6], [7])
                if shape.devices == 7
            )
            if shape.devices == 7
            else _best_of_six_s(problem, number, line)
        )
        assert problem.cost((np.array([number]), order)).total_s == pytest.approx(best_s, rel=1e-12)
    assert tried


def _best_of_six_s(problem: TensorParallelProblem, number: int, line: np.ndarray) -> float:
    pairs = [(a, b) for a in range(8) for b in range(a + 1, 8)]
    return min(
        problem.cost((np.array([number]), np.concatenate([np.delete(line, out), line[list(out)]]))).total_s
        for out in pairs
    )


def test_lines_hold_every_device_once() -> None:
    """Chains go to the nearest device left, groups are disjoint, and fast groups come to large stages."""
    problem = make(10, 0)
    pair_s = pair_seconds(problem)
    for line in find_lines(problem):
        for size in (1, 2, 3, 4):
            assert sorted(group_line(line, size, pair_s)) == list(range(10))
        for shape in problem.shapes:
            assert sorted(match_line(line, shape, problem)) == list(range(10))
    line = chain(pair_s, np.zeros(10), 4)
    for here, there in pairwise(line):
        later = line[list(line).index(there) :]
        assert pair_s[here, there] == pair_s[here, later].min()


def test_no_shape_is_worse_than_the_host_order() -> None:
    """Placing a shape along lines keeps the host order where that is better."""
    problem = make(12, 5)
    field = Field(problem, np.random.default_rng(0))
    order = np.arange(12)
    field.try_order(order)
    for contender in field.all:
        assert field.plan(contender, field.most_plans) <= field.most_plans
        host_s = problem.cost((np.array([contender.number]), order)).total_s
        assert contender.cost_s == problem.cost((np.array([contender.number]), contender.order)).total_s <= host_s


@pytest.mark.parametrize("evaluations", [1, 5, 300, 3000])
def test_small_budgets_are_kept(searched: Searched, evaluations: int) -> None:
    """The search spends its evaluations to the last one and gives a member, however few there are."""
    problem = names.load("tensor-parallel/measured/hybrid-dgx2-t4-a10-24")
    result = searched(ShapeSearch(), problem, evaluations=evaluations)
    assert result.meter.evaluations == evaluations
    assert problem.judge(result.candidate).total_s == pytest.approx(result.cost_s, rel=1e-9)


def test_loading_compiles_all_that_a_search_calls(searched: Searched) -> None:
    """After `prepare` neither a problem nor a copy of one, as a worker gets it, makes any function compile again."""
    from tasklet_bench.problems.tensor_parallel import evaluate, state
    from tasklet_bench.strategies.shape_search import stage_programme, walk

    modules = (evaluate, state, stage_programme, walk)

    def count_compiled() -> dict[str, int]:
        functions = [function for module in modules for function in vars(module).values()]
        return {f.__name__: len(f.signatures) for f in functions if hasattr(f, "signatures")}

    problem = make(8, 0)
    ShapeSearch().prepare()
    ready = count_compiled()
    for each in (problem, pickle.loads(pickle.dumps(problem))):  # noqa: S301 - made here
        assert each.digest == problem.digest
        searched(ShapeSearch(), each, evaluations=3000)
    top = ("evaluate", "score", "score_all", "plan_stages", "walk")
    assert {name: count_compiled()[name] for name in top} == {name: ready[name] for name in top}


def test_a_seed_gives_one_result(searched: Searched) -> None:
    """Under a budget of evaluations two runs of a seed improve alike, and another seed does not."""
    problem = make(14, 2)
    first, again = (searched(ShapeSearch(), problem, seed=1, evaluations=5000).curve for _ in range(2))
    assert first == again


def test_uneven_zones_in_twenty_thousand_evaluations(searched: Searched) -> None:
    """Golden: below the 174.24 s that annealing from the best baseline was known to find, spilling nothing."""
    problem = names.load(UNEVEN)
    result = searched(ShapeSearch(), problem, evaluations=20_000)
    assert result.cost_s < 0.95 * 174.24
    assert problem.cost(result.candidate).parts_s["spill_s"] == 0.0


@pytest.mark.slow
def test_two_seconds_are_far_below_the_known_figures(searched: Searched) -> None:
    """With 2 CPU seconds: at least 5 % below the known 119.05 s and 174.24 s, and no more than 1 % above 60.85 s."""
    for name, known_s, share in (
        ("tensor-parallel/measured/hybrid-dgx2-t4-a10-24", 60.85, 1.01),
        ("tensor-parallel/measured/gcp-zones-hetero-40?workload=llama-7b", 119.05, 0.95),
        (UNEVEN, 174.24, 0.95),
    ):
        assert searched(ShapeSearch(), names.load(name), cpu_s=2.0).cost_s <= share * known_s


@pytest.mark.parametrize("name", ["shape-search", "shape-enumeration"])
def test_both_are_registered(name: str) -> None:
    """The registry knows both, for their family alone."""
    result = strategy_class(name)
    assert result.name == name
    assert result.families == ("tensor-parallel",)


@pytest.mark.parametrize(
    "parameters", [{"hot": 0.001, "cold": 0.1}, {"cold": 0.0}, {"guide": -1.0}, {"keep": 1.0}, {"keep": 0.0}]
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, float]) -> None:
    """The message names the parameter and its value."""
    with pytest.raises(ValueError, match=next(iter(parameters))):
        ShapeSearch(**parameters)
