"""`show`: what a problem is, in figures and drawn."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasklet_bench.bench.commands.inputs import formal, problem_typed
from tasklet_bench.bench.commands.options import JsonOption, OutOption, ProblemArgument
from tasklet_bench.bench.commands.output import print_json, text_console, write_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.results.best_known import BestKnown
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.instances.features import Features

MOST_FEATURED = 1024
"""Features of more devices take too long to wait for; `problems.instances.features` computes them."""


def show(
    problem: ProblemArgument,
    as_json: JsonOption = False,
    out: OutOption = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw the world map and the pair costs, too.")
    ] = None,
) -> None:
    """Show a problem: its sites, links and workload, what it is like, what is known about it, and its pair costs.

    `--out` writes it as a problem file, to edit and to use as your own.
    """
    from tasklet_bench.bench.plugins import problem_ref
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.problems.files import problem_to_json
    from tasklet_bench.problems.instances.features import features

    if picture and picture.suffix.lower() != ".svg":
        raise BadInput.at("option --picture", "its value", str(picture), "a file name that ends in .svg")
    typed = problem_typed(problem)
    found = formal(typed.problem)
    if out:
        write_json(out, problem_to_json(found))
    known = best_known.read().get(found.digest)
    like = features(found) if found.topology.n_devices <= MOST_FEATURED else None
    name = found.name if problem_ref(found, typed.content).content is None else None
    if picture:
        _draw(found, like, known, name, picture)
    if as_json:
        print_json(_figures(found, like, known, name))
    else:
        _print(found, like, known, name)


def _figures(
    problem: AllocationProblem, features: Features | None, known: BestKnown | None, name: str | None
) -> dict[str, Any]:
    """What `--json` gives, in seconds and bytes."""
    from tasklet_bench.problems.instances import catalogue

    return {
        "name": problem.name,
        "digest": problem.digest,
        "tags": list(catalogue.tags(name)) if name else [],
        "devices": problem.topology.n_devices,
        "data_parallel": problem.shape.data_parallel,
        "pipeline_parallel": problem.shape.pipeline_parallel,
        "gradient_bytes": problem.workload.gradient_bytes,
        "activation_bytes": problem.workload.activation_bytes,
        "delay_is": problem.topology.delay_is,
        "sites": [{"name": site.name, "devices": site.devices} for site in problem.sites],
        "features": None if features is None else {key: _finite(value) for key, value in asdict(features).items()},
        "bound_s": problem.bound(),
        "best_known_s": known.cost_s if known else None,
        "best_known_by": known.found_by if known else None,
        "best_known_bound_s": known.bound_s if known else None,
        "proven": known.proven if known else None,
    }


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value


def _print(problem: AllocationProblem, features: Features | None, known: BestKnown | None, name: str | None) -> None:

    from tasklet_bench.bench.report import facts
    from tasklet_bench.bench.report.heat_text import HeatText, most_rows
    from tasklet_bench.bench.report.topology import heat_map
    from tasklet_bench.problems.instances import catalogue

    console = text_console()
    console.print(f"[bold]{problem.name}[/bold]")
    if name:
        console.print(catalogue.describe(name), markup=False)
    console.print()
    rows = [*facts.made_of(problem), *(facts.measured(features) if features else [])]
    if name:
        rows.append(("tags", ", ".join(catalogue.tags(name))))
    for title, value in [*rows, *facts.solved(problem, known), ("digest", problem.digest)]:
        console.print(f"  {title:<25} {value}", markup=False, soft_wrap=True)
    if features is None:
        console.print(f"  features are not computed here above {MOST_FEATURED:,} devices", style="dim")
    if problem.topology.n_devices > 1:
        heat = heat_map(problem, most_rows(console.width))
        console.print(f"\nseconds to send the activations, both ways, between {heat.unit}s:")
        console.print(HeatText(heat, [site.name for site in problem.sites]))


def _draw(
    problem: AllocationProblem, features: Features | None, known: BestKnown | None, name: str | None, path: Path
) -> None:
    """Write the picture, and say so."""
    from tasklet_bench.bench.report import facts
    from tasklet_bench.bench.report.picture import svg
    from tasklet_bench.problems.instances import catalogue

    rows = [*facts.made_of(problem), *(facts.measured(features) if features else []), *facts.solved(problem, known)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(problem, catalogue.summary(name) if name else "", rows), encoding="utf-8")
    typer.echo(f"written: {path}", err=True)
