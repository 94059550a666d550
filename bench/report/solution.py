"""The answer of a search in a terminal: what it costs, how far from the optimum it can be, and the grid itself."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from tasklet_bench.bench.plugins import allocation_of, placement_of
from tasklet_bench.bench.report.drawing_text import drawing_text
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.launch import ranks
from tasklet_bench.problems.problem import Placement, Problem


def show(problem: Problem, record: RunRecord) -> None:
    """Print what was found, what of it could still be saved, and the candidate."""
    console = Console(highlight=False, soft_wrap=True)
    spent = f"{record.evaluations:,} evaluations, {record.cpu_s:.2f} CPU s, {record.wall_s:.2f} s"
    ending = "" if record.status == "ok" else f", {record.status}"
    placed = placement_of(problem)
    shape = f" · {placed.shape}" if placed else ""
    console.print(f"[bold]{escape(problem.name)}[/bold]{shape} · ", end="")
    console.print(f"{record.spec.entrant.name}, {spent}{ending}", markup=False)
    parts = " + ".join(f"{name_of(part)} {value:.6f}" for part, value in record.parts_s.items())
    console.print(f"cost {record.cost_s:.6f} s = {parts}", markup=False)
    if not record.exact:
        console.print("the order of the stages is the best that was found, which nobody has proven")
    optimal = "this is the optimum" if record.proven else f"at most {record.gap:.2%} of it could be saved"
    console.print(f"proven bound {record.bound_s:.6f} s: {optimal}")
    if record.cost_s is not None:
        for sentence in best_known.improvement_messages(problem.digest, record.cost_s, record.bound_s):
            console.print(sentence, style="green", markup=False)
    allocation = allocation_of(record.candidate)
    if placed is None or allocation is None:
        for line in drawing_text(problem, record.candidate or {}):
            console.print(line, markup=False)
        return
    grid = _grid_text(placed, allocation)
    if max(map(len, grid)) <= console.width:
        console.print("pipelines (rows) by stage (columns), as site/device in site:")
        console.print("\n".join(grid), markup=False)
    else:
        console.print("the grid is wider than this terminal: --rank-map, --out and --json write it out")
    if allocation.spares.size:
        console.print(f"spares: {', '.join(_place_of(placed, device) for device in allocation.spares)}", markup=False)


def name_of(part: str) -> str:
    """A part of a cost in words: `data_parallel_s` is `data parallel`."""
    return part.removesuffix("_s").replace("_", " ")


def _grid_text(problem: Placement, allocation: Allocation) -> list[str]:
    """The grid in aligned columns, sites cut to their shortest unique beginnings."""
    short = _shortened([site.name for site in problem.sites])
    cells = [["" for _ in range(problem.shape.pipeline_parallel)] for _ in range(problem.shape.data_parallel)]
    for rank in ranks(problem, allocation):
        cells[rank.replica][rank.stage] = f"{short[rank.site]}/{rank.device_in_site}"
    width = max(len(cell) for row in cells for cell in row)
    return ["  ".join(f"{cell:<{width}}" for cell in row).rstrip() for row in cells]


def _place_of(problem: Placement, device: int) -> str:
    """A device as its site and its place there, as problem files name it."""
    site_of = problem.topology.site_of
    site = site_of[device]
    return f"{problem.sites[site].name}/{device - int((site_of < site).sum())}"


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
