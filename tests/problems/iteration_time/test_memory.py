"""What a stage needs on its device, and what is said where it does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions, render, simulate
from tasklet_bench.problems.iteration_time.memory import stage_memory
from tasklet_bench.problems.iteration_time.remedies import name_remedy
from tasklet_bench.problems.problem import Infeasible
from tasklet_bench.problems.workload import PRESETS, Transformer

UniformMaker = Callable[..., AllocationProblem]
MODEL = Transformer(layers=8, hidden=100, sequence_length=50, sequences_per_iteration=16)
LAYER_BYTES = 16 * 12 * 100**2


def with_memory(problem: AllocationProblem, memory_gb: float) -> AllocationProblem:
    """The problem with so much memory on each device."""
    sites = tuple(replace(site, memory_gb=memory_gb) for site in problem.sites)
    return replace(problem, topology=replace(problem.topology, sites=sites))


def in_order(problem: AllocationProblem) -> Allocation:
    """Devices row by row."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    return Allocation(np.arange(d * k).reshape(d, k))


@pytest.mark.parametrize(
    ("options", "held"),
    [
        ({"schedule": "gpipe"}, [8, 8, 8, 8]),
        ({"schedule": "1f1b"}, [4, 3, 2, 1]),
        ({"schedule": "interleaved"}, [11 / 2, 9 / 2, 7 / 2, 5 / 2]),
        ({"schedule": "zb-h1"}, [4, 4, 4, 4]),
    ],
)
def test_a_stage_holds_the_micro_batches_of_its_schedule(
    uniform_problem: UniformMaker, options: dict[str, Any], held: list[float]
) -> None:
    """Two layers a stage: 16 bytes a parameter, and 34 bytes an element and layer for each micro-batch in flight."""
    memory = stage_memory(uniform_problem(2, 4, model=MODEL), SimulationOptions(micro_batches=8, **options))
    assert memory is not None
    elements = 50 * 100 * 16 / 2 / 8
    assert memory.in_flight.tolist() == pytest.approx(held)
    assert memory.need_bytes == pytest.approx(2 * LAYER_BYTES + np.array(held) * 2 * 34 * elements)


def test_recomputation_keeps_the_edges_and_one_layer_at_work(uniform_problem: UniformMaker) -> None:
    """2 bytes an element and layer for each micro-batch in flight, 34 for the layer at work."""
    memory = stage_memory(uniform_problem(2, 4, model=MODEL), SimulationOptions("1f1b", 8, recomputation="full"))
    assert memory is not None
    elements = 50 * 100 * 16 / 2 / 8
    expected = 2 * LAYER_BYTES + np.array([4, 3, 2, 1]) * 2 * 2 * elements + 34 * elements
    assert memory.need_bytes == pytest.approx(expected)


def test_layers_of_a_stage_are_its_own(uniform_problem: UniformMaker) -> None:
    """Weights and activations grow with the layers that an allocation gives a stage."""
    problem = uniform_problem(2, 4, model=MODEL)
    memory = stage_memory(problem, SimulationOptions("1f1b", 8), (5, 1, 1, 1))
    assert memory is not None
    assert memory.weights_bytes == pytest.approx(np.array([5, 1, 1, 1]) * LAYER_BYTES)


def test_every_stage_of_gpt3_175b_on_16_gb_is_said_not_to_fit(uniform_problem: UniformMaker) -> None:
    """Eight stages of twelve layers: each is named with its figures, in JSON and in the text."""
    model = PRESETS["gpt3-175b"]
    assert isinstance(model, Transformer)
    problem = with_memory(uniform_problem(2, 8, model=model, tflops=125.0), 16.0)
    timeline = simulate(problem, in_order(problem), SimulationOptions("1f1b", 64))
    reported = timeline.as_dict()["misfits"]
    assert [misfit["stage"] for misfit in reported] == list(range(8))
    assert {misfit["has_gb"] for misfit in reported} == {16.0}
    assert reported[0]["weights_gb"] == pytest.approx(12 * 12 * 12288**2 * 16 / 1e9)
    assert all(misfit["need_gb"] > misfit["weights_gb"] > 16 for misfit in reported)
    text = render(timeline)
    for stage in range(8):
        assert f"does not fit: stage {stage} needs" in text
    assert "no placement fits, not even with one micro-batch in flight" in text


def test_what_would_fit_is_named(uniform_problem: UniformMaker) -> None:
    """Fewer micro-batches in flight where that is enough, recomputation where it is not; nothing where all fits."""
    elements = 50 * 100 * 16 / 2 / 8
    weights, one = 2 * LAYER_BYTES, 2 * 34 * elements
    problem = uniform_problem(2, 4, model=MODEL)

    def remedy(memory_bytes: float, options: SimulationOptions) -> str | None:
        return name_remedy(with_memory(problem, memory_bytes / 1e9), options)

    gpipe = SimulationOptions("gpipe", 8)
    assert remedy(weights + 8.1 * one, gpipe) is None
    assert remedy(weights + 3.5 * one, gpipe) == "no placement fits; one does with at most 3 micro-batches in flight"
    assert remedy(weights + 0.99 * one, gpipe) == "no placement fits; one does with recomputation"
    assert remedy(weights + 0.9 * one, gpipe) == (
        "no placement fits; one does with recomputation with at most 6 micro-batches in flight"
    )
    assert remedy(weights * 0.9, gpipe).startswith("no placement fits, not even")  # type: ignore[union-attr]


def test_memory_can_be_priced_or_required(uniform_problem: UniformMaker) -> None:
    """Priced, what does not fit crosses the host's link twice a micro-batch; required, the candidate is infeasible."""
    problem = with_memory(uniform_problem(2, 4, model=MODEL, tflops=0.001), 2 * LAYER_BYTES / 1e9)
    grid = in_order(problem)
    seconds = {
        memory: simulate(problem, grid, SimulationOptions("1f1b", 8, memory=memory)).iteration_s  # type: ignore[arg-type]
        for memory in ("reported", "priced", "required")
    }
    assert seconds["reported"] == seconds["required"] < seconds["priced"]
    required = IterationTimeProblem.wrap(problem, SimulationOptions("1f1b", 8, memory="required"))
    with pytest.raises(Infeasible, match="stage 0 needs"):
        required.cost(grid)
    roomy = IterationTimeProblem.wrap(with_memory(problem, 1.0), SimulationOptions("1f1b", 8, memory="required"))
    assert roomy.cost(grid).total_s == pytest.approx(seconds["reported"])
