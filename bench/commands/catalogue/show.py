"""`show`: what a problem is, in figures and drawn."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasklet_bench.bench.commands.inputs import formal
from tasklet_bench.bench.commands.options import JsonOption, LargeOption, OutOption, ProblemArgument
from tasklet_bench.bench.commands.output import print_json, text_console, write_json
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.results.best_known import BestKnown
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.instances.features import Features
    from tasklet_bench.problems.problem import Problem

MOST_FEATURED = 1024
"""Features of more devices take too long to wait for; `problems.instances.features` computes them."""


def show(
    problem: ProblemArgument,
    as_json: JsonOption = False,
    out: OutOption = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw the world map and the pair costs, too.")
    ] = None,
    _large: LargeOption = False,
) -> None:
    """Show a problem: its sites, links and workload, what it is like, what is known about it, and its pair costs.

    `--out` writes it as a problem file, to edit and to use as your own.
    """
    from tasklet_bench.bench.plugins import formal_of, resolve
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.problems.files import problem_to_json
    from tasklet_bench.problems.instances.features import features

    if picture and picture.suffix.lower() != ".svg":
        raise BadInput.at("option --picture", "its value", str(picture), "a file name that ends in .svg")
    resolved = resolve(problem)
    result = resolved.problem
    known = best_known.read().get(result.digest)
    formal_problem = formal_of(result)
    if formal_problem is not result or formal_problem is None:
        if out or picture:
            formal(result, "--out" if out else "--picture")
        if as_json:
            print_json(_family_figures(result, known))
        else:
            _print_family(result, known)
        return
    if out:
        write_json(out, problem_to_json(formal_problem))
    like = features(formal_problem) if formal_problem.topology.n_devices <= MOST_FEATURED else None
    name = result.name if resolved.ref.content is None else None
    if picture:
        _draw(formal_problem, like, known, name, picture)
    if as_json:
        print_json(_figures(formal_problem, like, known, name))
    else:
        _print(formal_problem, like, known, name)


def _family_figures(problem: Problem, known: BestKnown | None) -> dict[str, Any]:
    """What `--json` gives of a problem of any family."""
    return {
        "name": problem.name,
        "family": problem.family,
        "digest": problem.digest,
        "decision": problem.decision.describe(),
        "devices": sum(site.devices for site in problem.sites),
        "sites": [{"name": site.name, "devices": site.devices} for site in problem.sites],
        "facts": dict(problem.facts()),
        "kinds": dict(problem.kinds()),
        "bound_s": problem.bound(),
        "starts": _start_costs(problem),
        "best_known_s": known.cost_s if known else None,
        "best_known_by": known.found_by if known else None,
        "proven": known.proven if known else None,
    }


def _start_costs(problem: Problem) -> dict[str, float | None]:
    """Cost of each known start (in seconds); None for one that breaks a rule of the problem."""
    from tasklet_bench.problems.candidate import Infeasible

    costs: dict[str, float | None] = {}
    for name, start in problem.starts().items():
        try:
            costs[name] = problem.cost(start).total_s
        except Infeasible:
            costs[name] = None
    return costs


def _print_family(problem: Problem, known: BestKnown | None) -> None:
    from tasklet_bench.bench.report import facts
    from tasklet_bench.bench.report.drawing_text import drawing_text

    console = text_console()
    console.print(problem.name, style="bold", markup=False)
    console.print()
    rows = [("family", problem.family), ("decision", problem.decision.describe())]
    rows += [(title, str(value)) for title, value in problem.facts().items()]
    costs = _start_costs(problem)
    rows += [(f"start {name}", "infeasible" if cost_s is None else f"{cost_s:.6g} s") for name, cost_s in costs.items()]
    for title, text in [*rows, *facts.solved(problem, known), ("digest", problem.digest)]:
        console.print(f"  {title:<25} {text}", markup=False, soft_wrap=True)
    feasible = {name: cost_s for name, cost_s in costs.items() if cost_s is not None}
    if known is None and not feasible:
        return
    if known is None:
        best = min(feasible, key=feasible.__getitem__)
        shown, title = problem.candidate_to_json(problem.starts()[best]), f"start {best}"
    else:
        shown, title = known.candidate, "best known"
    console.print(f"\n{title}:", markup=False)
    for line in drawing_text(problem, shown):
        console.print(line, markup=False, soft_wrap=True)


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
    console.print(problem.name, style="bold", markup=False)
    if name:
        console.print(catalogue.describe(name), markup=False)
    console.print()
    rows = [*problem.facts().items(), *(facts.measured(features) if features else [])]
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

    rows = [*problem.facts().items(), *(facts.measured(features) if features else []), *facts.solved(problem, known)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(problem, catalogue.summary(name) if name else "", rows), encoding="utf-8")
    typer.echo(f"written: {path}", err=True)
