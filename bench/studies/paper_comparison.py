"""The paper's end-to-end comparison, simulated, to see what of it placement alone explains.

GPT3-XL with 24, 32 and 40 layers and batches of 1024, 2048 and 4096 sequences on 64 V100 in the five scenarios, D = K =
8, micro-batches of one sequence. `python -m tasklet_bench.bench.studies.paper_comparison` prints the table and its
summary.

Four ways to run each case: the allocation of the paper's algorithm, random grids, and Megatron's rank order, all three
on the paper's runtime (GPipe, sharded direct exchange); and Megatron's order as Megatron runs it (1F1B, NCCL's ring).
The third differs from the first in nothing but placement.

Source of the published ratios: Yuan et al., NeurIPS 2022.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.compute import iteration_flops
from tasklet_bench.problems.workload import Transformer

if TYPE_CHECKING:
    import pandas as pd

SCENARIOS = ("datacentre", "spot", "two-datacentres", "regional", "worldwide")
LAYERS = (24, 32, 40)
BATCHES = (1024, 2048, 4096)
V100_PEAK_TFLOPS = 125.0
EFFICIENCY = 0.4
"""Share of a V100's tensor peak that training is taken to reach: an assumption, not a measurement."""
SEARCH_EVALUATIONS = 1000
RANDOM_GRIDS = 20
FLOPS_PER_PFLOPS = 1e15

PUBLISHED = {
    "megatron/searched, world-wide": "4.8",
    "megatron/searched, elsewhere": "1.2 to 2.5",
    "random/searched": "up to 2.7",
    "searched/data centre": "1.7 to 3.5",
}
"""Ratios of time that the paper reports from real runs."""


def comparison(
    scenarios: tuple[str, ...] = SCENARIOS,
    layers: tuple[int, ...] = LAYERS,
    batches: tuple[int, ...] = BATCHES,
    efficiency: float = EFFICIENCY,
    evaluations: int = SEARCH_EVALUATIONS,
) -> pd.DataFrame:
    """One row per case: seconds and PFLOPS of the four ways, and ratios of seconds to the searched allocation's."""
    import pandas as pd

    cases = product(scenarios, layers, batches)
    return pd.DataFrame([_case(*case, efficiency=efficiency, evaluations=evaluations) for case in cases])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Smallest, median and largest of each ratio that the paper reports, beside its figure."""
    import pandas as pd

    base_s = table[table["scenario"] == "datacentre"].set_index(["layers", "batch"])["searched_s"]
    far = table[table["scenario"] != "datacentre"]
    slowdown = far["searched_s"].to_numpy() / base_s[list(zip(far["layers"], far["batch"], strict=True))]
    worldwide = table["scenario"] == "worldwide"
    result = {
        "megatron/searched, world-wide": table.loc[worldwide, "megatron_ratio"],
        "megatron as it runs/searched, world-wide": table.loc[worldwide, "megatron_runtime_ratio"],
        "megatron/searched, elsewhere": table.loc[~worldwide, "megatron_ratio"],
        "megatron as it runs/searched, elsewhere": table.loc[~worldwide, "megatron_runtime_ratio"],
        "random/searched": table["random_ratio"],
        "searched/data centre": slowdown,
    }
    rows = [
        {
            "ratio": name,
            "least": values.min(),
            "median": values.median(),
            "most": values.max(),
            "published": PUBLISHED.get(name.replace(" as it runs", ""), ""),
        }
        for name, values in result.items()
    ]
    return pd.DataFrame(rows)


def _case(scenario: str, layers: int, batch: int, efficiency: float, evaluations: int) -> dict[str, Any]:
    model = Transformer(layers=layers, hidden=2048, sequence_length=2048, sequences_per_iteration=batch)
    problem = catalogue.load(f"paper/{scenario}")
    problem = replace(problem, workload=model.workload(problem.shape))
    paper = SimulationOptions(
        micro_batches=batch // problem.shape.data_parallel, tflops=V100_PEAK_TFLOPS, efficiency=efficiency
    )
    as_megatron_runs = replace(paper, schedule="1f1b", collective="ring")
    seconds = {
        "searched": simulate(problem, _searched(problem, evaluations), paper).iteration_s,
        "random": float(np.mean([simulate(problem, grid, paper).iteration_s for grid in _random_grids(problem)])),
        "megatron": simulate(problem, _megatron(problem), paper).iteration_s,
        "megatron_runtime": simulate(problem, _megatron(problem), as_megatron_runs).iteration_s,
    }
    petaflop = iteration_flops(model) / FLOPS_PER_PFLOPS
    return {
        "scenario": scenario,
        "layers": layers,
        "batch": batch,
        **{f"{way}_s": value for way, value in seconds.items()},
        **{f"{way}_pflops": petaflop / value for way, value in seconds.items()},
        **{f"{way}_ratio": value / seconds["searched"] for way, value in seconds.items() if way != "searched"},
    }


def _searched(problem: AllocationProblem, evaluations: int) -> Allocation:
    """The allocation that the paper's algorithm ends with, by the formal cost."""
    from tasklet_bench.bench.execution.meter import Meter, ReportedResult
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.strategies.genetic.strategy import Genetic

    incumbents: list[Any] = []

    def keep(reported: ReportedResult) -> None:
        if reported.candidate is not None:
            incumbents.append(reported.candidate)

    strategy = Genetic()
    strategy.prepare()
    meter = Meter(problem, Budget(evaluations=evaluations), keep)
    meter.start_clocks()
    strategy.search(problem, meter, np.random.default_rng(0))
    best = incumbents[-1]
    return best if isinstance(best, Allocation) else problem.allocation(best)


def _random_grids(problem: AllocationProblem) -> Iterator[Allocation]:
    rng = np.random.default_rng(0)
    shape = (problem.shape.data_parallel, problem.shape.pipeline_parallel)
    for _ in range(RANDOM_GRIDS):
        yield Allocation(rng.permutation(problem.shape.n_devices).reshape(shape))


def _megatron(problem: AllocationProblem) -> Allocation:
    """Ranks in the order of the host list, those of a stage one after the other."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    return Allocation(np.arange(d * k).reshape(k, d).T)


def main() -> None:
    """Print the cases and the summary."""
    import pandas as pd

    pd.set_option("display.width", 200, "display.max_columns", 20, "display.max_rows", 100)
    table = comparison()
    shown = table.columns[~table.columns.str.endswith("_s")]
    print(f"PFLOPS at {EFFICIENCY:.0%} of {V100_PEAK_TFLOPS:g} TFLOPS a device, and ratios of seconds\n")  # noqa: T201
    print(table[shown].round(2).to_string(index=False))  # noqa: T201
    print("\n" + summary(table).round(2).to_string(index=False))  # noqa: T201


if __name__ == "__main__":
    main()
