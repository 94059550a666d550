"""The answer of a search in a terminal: what it costs, how far from the optimum it can be, and the grid itself."""

from __future__ import annotations

from rich.console import Console

from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.files.rank_map import ranks
from tasklet_bench.problems.iteration_time import IterationTimeProblem


def show(problem: AllocationProblem | IterationTimeProblem, allocation: Allocation, record: RunRecord) -> None:
    """Print what was found, what of it could still be saved, and the grid."""
    console = Console(highlight=False, soft_wrap=True)
    spent = f"{record.evaluations:,} evaluations, {record.cpu_s:.2f} CPU s, {record.wall_s:.2f} s"
    ending = "" if record.status == "ok" else f", {record.status}"
    console.print(f"[bold]{problem.name}[/bold] · {problem.shape} · ", end="")
    console.print(f"{record.spec.entrant.name}, {spent}{ending}", markup=False)
    console.print(
        f"cost {record.cost_s:.6f} s = data parallel {record.data_parallel_s:.6f} + pipeline {record.pipeline_s:.6f}"
    )
    if problem.shape.pipeline_parallel > EXACT_ORDER_GROUPS and isinstance(problem, AllocationProblem):
        order = "is the best that there is" if record.exact else "is the best that was found, which nobody has proven"
        console.print(f"the order of the {problem.shape.pipeline_parallel} stages {order}")
    optimal = "this is the optimum" if record.proven else f"at most {record.gap:.2%} of it could be saved"
    console.print(f"proven bound {record.bound_s:.6f} s: {optimal}")
    if record.cost_s is not None:
        for sentence in best_known.told(problem.digest, record.cost_s, record.bound_s):
            console.print(sentence, style="green", markup=False)
    grid = _grid_text(problem, allocation)
    if max(map(len, grid)) <= console.width:
        console.print("pipelines (rows) by stage (columns), as site/device in site:")
        console.print("\n".join(grid), markup=False)
    else:
        console.print("the grid is wider than this terminal: --rank-map, --out and --json write it out")


def _grid_text(problem: AllocationProblem | IterationTimeProblem, allocation: Allocation) -> list[str]:
    """The grid in aligned columns, sites cut to their shortest unique beginnings."""
    short = _shortened([site.name for site in problem.sites])
    cells = [["" for _ in range(problem.shape.pipeline_parallel)] for _ in range(problem.shape.data_parallel)]
    for rank in ranks(problem, allocation):
        cells[rank.replica][rank.stage] = f"{short[rank.site]}/{rank.device_in_site}"
    width = max(len(cell) for row in cells for cell in row)
    return ["  ".join(f"{cell:<{width}}" for cell in row).rstrip() for row in cells]


def _shortened(names: list[str], least: int = 3) -> dict[str, str]:
    """Each name's shortest beginning, of at least three letters, that no other name has."""
    return {
        name: next(
            name[:n]
            for n in range(least, max(least, len(name)) + 1)
            if n >= len(name) or not any(other.startswith(name[:n]) for other in names if other != name)
        )
        for name in names
    }
