"""`solve --without SITE --start FILE`: the repair with the fewest moves, beside a solution from scratch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from tasklet_bench.bench.commands.output import print_json, write_json

if TYPE_CHECKING:
    from tasklet_bench.bench.commands.placement.asked import Asked
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


def tell_repair(loss: Loss, afresh: RunRecord, asked: Asked) -> None:
    """Print the repair and what a solution from scratch would cost and move; write the repair if asked."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.bench.report.drawing_text import device_names

    repair = plugins.repair_allocation(loss.left, loss.candidate, loss.moves)
    written = loss.left.candidate_to_json(repair.allocation)
    before_s = loss.before.cost(loss.before.candidate_from_json(loss.candidate)).total_s
    rebuilt = _moves_of(loss, afresh)
    asked.write_ranks(loss.left, written)
    if asked.out:
        write_json(asked.out, written)
    if asked.as_json:
        print_json(
            {
                "before_s": before_s,
                "cost_s": repair.cost.total_s,
                "parts_s": dict(repair.cost.parts_s),
                **shapes_json(loss.before, loss.left),
                "lost": list(loss.lost),
                "moved": list(repair.moved),
                "fewest_moves": repair.fewest,
                "fetched_bytes": repair.fetched_bytes,
                "proven": repair.proven,
                "afresh": {"cost_s": afresh.cost_s, "bound_s": afresh.bound_s, "moves": rebuilt},
                **written,
            }
        )
        return
    names = device_names(loss.left)
    typer.echo(f"without {', '.join(names[device] for device in loss.lost)}:")
    typer.echo(f"before the loss {before_s:.6f} s, repaired {repair.cost.total_s:.6f} s; {_describe(repair, names)}")
    typer.echo("\n".join(describe_shapes(loss.before, loss.left)))
    if afresh.cost_s is not None:
        typer.echo(
            f"solved from scratch {afresh.cost_s:.6f} s (bound {afresh.bound_s:.6f} s), moving {rebuilt} devices"
        )


def shapes_json(before: Problem, left: Problem) -> dict[str, str]:
    """The keys of both shapes."""
    from tasklet_bench.bench.commands.inputs import placement

    return {"shape_before": str(placement(before).shape), "shape": str(placement(left).shape)}


def describe_shapes(before: Problem, left: Problem) -> list[str]:
    """What a loss changes in the shape, and that two costs then do not compare; nothing where the shape stays."""
    from tasklet_bench.bench.commands.inputs import placement

    there, here = placement(before).shape, placement(left).shape
    if there == here:
        return []
    text = (
        f"the shape is {here} instead of {there}: fewer replicas share the batch and each computes more, which the "
        "formal cost does not count, so a lower one than before the loss is no gain"
    )
    return [text]


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
