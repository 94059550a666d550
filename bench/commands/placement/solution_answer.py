"""The answer of `solve` as text or JSON, and the files that it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from tasklet_bench.bench.commands.output import print_json, write_json
from tasklet_bench.bench.commands.placement import gain, seconds, shape_table, what_if
from tasklet_bench.bench.commands.placement.pricing import describe_price, price_of
from tasklet_bench.bench.report import solution

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.portfolio import Solved
    from tasklet_bench.bench.campaigns.shape_choice import Choice
    from tasklet_bench.bench.commands.placement.asked import Asked
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.problems.problem import Problem


@dataclass(frozen=True)
class Answer:
    """What was found: for `searched`, which is `formal` itself or its simulated seconds.

    `compared` holds both objectives by name where seconds were made small; `before` is the problem before a loss.
    """

    solved: Solved
    formal: Problem
    searched: Problem
    compared: dict[str, dict[str, float]] = field(default_factory=dict)
    choice: Choice | None = None
    before: Problem | None = None


def print_answer(asked: Asked, answer: Answer) -> None:
    """Print the answer and write the files that were asked for."""
    record = answer.solved.record
    candidate = record.candidate or {}
    if asked.out:
        write_json(asked.out, candidate)
    asked.write_ranks(answer.searched, candidate)
    gained = gain.gain_of(answer.formal, candidate)
    price = price_of(answer.searched, answer.searched.candidate_from_json(candidate))
    if asked.as_json:
        reported: dict[str, Any] = {"objective": "seconds", "compared": answer.compared} if answer.compared else {}
        reported |= {} if price is None else {"price": price.to_json()}
        reported |= {} if answer.choice is None else shape_table.shapes_json(answer.choice)
        reported |= {} if answer.before is None else what_if.shapes_json(answer.before, answer.formal)
        print_json({**_record_json(record), **_about(answer.solved, gained), **reported})
    else:
        _print(asked, answer, gained)
        if price is not None:
            typer.echo(describe_price(price))
    if asked.rank_map:
        typer.echo(f"written: {asked.rank_map}", err=True)


def _print(asked: Asked, answer: Answer, gained: gain.Gain | None) -> None:
    lines = [] if answer.choice is None else shape_table.table_of(answer.choice)
    lines += [] if answer.before is None else what_if.describe_shapes(answer.before, answer.formal)
    if answer.searched is not answer.formal and asked.objective is None:
        lines.append("devices differ in speed or have a profile: simulated seconds are made small")
    if lines:
        typer.echo("\n".join(lines))
    solution.show(answer.searched, answer.solved.record)
    lines = _sentences(answer.solved, None if answer.compared else gained)
    lines += seconds.describe_comparison(answer.compared) if answer.compared else []
    typer.echo("\n".join(lines))


def _record_json(record: RunRecord) -> dict[str, Any]:
    candidate = record.candidate or {}
    return {
        "cost_s": record.cost_s,
        "parts_s": record.parts_s,
        **record.parts_s,
        "bound_s": record.bound_s,
        "gap": record.gap,
        "proven": record.proven,
        **(candidate if "grid" in candidate else {"candidate": candidate}),
        "status": record.status,
        "evaluations": record.evaluations,
        "cpu_s": record.cpu_s,
        "wall_s": record.wall_s,
    }


def _about(solved: Solved, gained: gain.Gain | None) -> dict[str, Any]:
    """Who found and who proved it, and what is gained over the order of the host list."""
    return {
        "found_by": solved.found_by,
        "proven_by": solved.proven_by,
        **(gained.to_json() if gained is not None else {}),
        "members": [{"entrant": name, "cpu_s": cpu_s} for name, cpu_s in solved.members],
    }


def _sentences(solved: Solved, gained: gain.Gain | None) -> list[str]:
    by = {"problem": "the problem's own bound"}.get(solved.proven_by or "", solved.proven_by)
    proven = solved.record.proven
    lines = [f"found by {solved.found_by}" + (f", proven by {by}" if proven and by else "")]
    lines += [] if gained is None else gained.sentences()
    advice = None if proven else gain.advice(solved)
    return lines + ([] if advice is None else [advice])
