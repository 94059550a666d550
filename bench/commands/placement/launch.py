"""`launch`: the files that start an allocation, rank for rank, on real hosts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tasklet_bench.bench.commands.inputs import formal
from tasklet_bench.bench.commands.options import AllocationArgument, JsonOption, ProblemArgument
from tasklet_bench.bench.commands.output import print_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.launch import Plan


def launch(
    problem: ProblemArgument,
    allocation: AllocationArgument,
    launcher: Annotated[
        str, typer.Option("--for", metavar="LAUNCHER", help="torchrun, deepspeed, megatron, mpi, slurm or jobset.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files.")] = Path("launch"),
    hosts: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Hosts of the sites, where the problem names none: CSV of host,site,slots."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Keep each device at its tasklet, even where a free exchange saves agents.")
    ] = False,
    order: Annotated[
        Literal["auto", "dp-pp", "pp-dp"],
        typer.Option(help="Which ranks are consecutive: a stage's, a pipeline's, or what keeps hosts together."),
    ] = "auto",
    as_json: JsonOption = False,
) -> None:
    """Write the files that launch an allocation on the hosts of its problem.

    Every rank lands where the allocation says, and the ranks of a host are consecutive wherever that costs nothing.
    What the launcher would have done to the order by itself is reported.
    """
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.problems.files import read_allocations
    from tasklet_bench.problems.launch import files_for, plan_launch, with_hosts, write_rank_map

    result = formal(resolve(problem).problem, "launch")
    if hosts is not None:
        result = with_hosts(result, hosts)
    candidate = read_allocations(allocation, result)
    if isinstance(candidate, list):
        raise BadInput.at(str(allocation), "the whole of it", "a list", "one allocation to launch")
    plan = plan_launch(result, result.complete(candidate), exact, ("dp-pp", "pp-dp") if order == "auto" else (order,))
    files, notes = files_for(launcher, plan)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    write_rank_map(plan.rows, out / "ranks.csv")
    _write_allocation(plan, out / "allocation.json")
    notes = plan.notes() + notes
    if as_json:
        ranks = [asdict(row) for row in plan.rows]
        print_json({"cost_s": plan.cost_s, "order": plan.order, "files": sorted(files), "notes": notes, "ranks": ranks})
        return
    for agent in plan.agents:
        last = agent.first_rank + len(agent.gpus) - 1
        gpus = ",".join(map(str, agent.gpus))
        typer.echo(f"  {agent.host:<24} ranks {agent.first_rank}–{last}, GPUs {gpus}")
    for note in notes:
        typer.echo(f"note: {note}")
    typer.echo(f"written: {', '.join(str(out / name) for name in (*files, 'ranks.csv', 'allocation.json'))}", err=True)


def _write_allocation(plan: Plan, path: Path) -> None:
    import json

    path.write_text(json.dumps(plan.problem.candidate_to_json(plan.allocation)) + "\n", encoding="utf-8")
