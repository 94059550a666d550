"""`solve --without SITE --start FILE`: the repair with the fewest moves, beside a solution from scratch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tasklet_bench.bench.commands.output import print_json, write_json

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.problems.allocation.loss import Repair
    from tasklet_bench.problems.problem import Problem

BYTES_PER_GB = 1e9


@dataclass(frozen=True)
class Loss:
    """What is asked: the devices that leave `before`, the candidate that stands there, and how many may move."""

    before: Problem
    left: Problem
    lost: tuple[int, ...]
    candidate: dict[str, Any]
    moves: int | None


def report_repair(asked: Loss, afresh: RunRecord, out: Path | None, as_json: bool) -> None:
    """Print the repair and what a solution from scratch would cost and move; write the repair if asked."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.bench.report.drawing_text import device_names

    repair = plugins.repair_allocation(asked.left, asked.candidate, asked.moves)
    written = asked.left.candidate_to_json(repair.allocation)
    before_s = asked.before.cost(asked.before.candidate_from_json(asked.candidate)).total_s
    rebuilt = _moves_of(asked, afresh)
    if out:
        write_json(out, written)
    if as_json:
        print_json(
            {
                "before_s": before_s,
                "cost_s": repair.cost.total_s,
                "parts_s": dict(repair.cost.parts_s),
                "lost": list(asked.lost),
                "moved": list(repair.moved),
                "fewest_moves": repair.fewest,
                "fetched_bytes": repair.fetched_bytes,
                "proven": repair.proven,
                "afresh": {"cost_s": afresh.cost_s, "bound_s": afresh.bound_s, "moves": rebuilt},
                **written,
            }
        )
        return
    names = device_names(asked.left)
    typer.echo(f"without {', '.join(names[device] for device in asked.lost)}:")
    typer.echo(f"before the loss {before_s:.6f} s, repaired {repair.cost.total_s:.6f} s; {_describe(repair, names)}")
    if afresh.cost_s is not None:
        typer.echo(
            f"solved from scratch {afresh.cost_s:.6f} s (bound {afresh.bound_s:.6f} s), moving {rebuilt} devices"
        )


def _describe(repair: Repair, names: Any) -> str:
    moved = ", ".join(names[device] for device in repair.moved)
    if not repair.moved:
        return "no device moves"
    best = "no repair of so few moves is cheaper" if repair.proven else "the best of several searches"
    return (
        f"{len(repair.moved)} devices move ({moved}) and fetch {repair.fetched_bytes / BYTES_PER_GB:.4g} GB of "
        f"parameters; at least {repair.fewest} must; {best}"
    )


def _moves_of(asked: Loss, afresh: RunRecord) -> int | None:
    """Devices of a solution from scratch in a stage that they did not hold."""
    from tasklet_bench.bench import plugins

    there, then = plugins.allocation_of(afresh.candidate), plugins.allocation_of(asked.candidate)
    if there is None or then is None:
        return None
    stages = there.grid.shape[1]
    return int(((there.labels != then.labels) & (there.labels < stages)).sum())
