"""`solve --start FILE --moves M`: the best decision that moves at most M devices of the one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tasklet_bench.bench.commands.output import print_json, write_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem


def change_few(problem: Problem, start: Path | None, moves: int, out: Path | None, as_json: bool) -> None:
    """Print the change and what it gains, and write the candidate if asked; raises `BadInput` without a start."""
    from tasklet_bench.bench.report.drawing_text import device_names
    from tasklet_bench.problems.files import read_allocations

    if start is None:
        raise BadInput.at("option --moves", "--start", "nothing", "the allocation file whose devices may move")
    before = read_allocations(start, problem)
    if isinstance(before, list):
        raise BadInput.at(str(start), "the whole of it", "a list", "one allocation to start from")
    change = problem.change_few(before, moves)
    if change is None:
        raise BadInput.at("option --moves", "family", problem.family, "one that knows how, such as swarm")
    before_s, after_s = problem.cost(before).total_s, problem.judge(change.candidate).total_s
    written = problem.candidate_to_json(change.candidate)
    if out:
        write_json(out, written)
    if as_json:
        print_json(
            {
                "before_s": before_s,
                "cost_s": after_s,
                "moved": list(change.moved),
                "proven": change.proven,
                "candidate": written,
            }
        )
        return
    names = device_names(problem)
    moved = ", ".join(names[device] for device in change.moved) or "none"
    best = "no other change of so few devices is better" if change.proven else "which nobody has proven the best"
    typer.echo(f"{before_s:.6f} s → {after_s:.6f} s by moving {len(change.moved)} devices ({moved}); {best}")
