"""`show`: what a problem is, in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.commands.inputs import formal, problem_typed
from bench.commands.options import JsonOption, OutOption, ProblemArgument
from bench.commands.output import print_json, write_json

if TYPE_CHECKING:
    from problems.allocation import AllocationProblem


def show(problem: ProblemArgument, as_json: JsonOption = False, out: OutOption = None) -> None:
    """Show a problem: its sites, links, workload, and what is known about it.

    `--out` writes it as a problem file, to edit and to use as your own.
    """
    from problems.files import problem_to_json

    found = formal(problem_typed(problem).problem)
    if out:
        write_json(out, problem_to_json(found))
    facts = _facts(found)
    if as_json:
        print_json(facts)
    else:
        _print(found, facts, about=None if Path(problem).is_file() else found.name)


def _facts(problem: AllocationProblem) -> dict[str, Any]:
    """The figures that `--json` gives, in seconds and bytes."""
    from bench import best_known

    known = best_known.read().get(problem.digest)
    return {
        "name": problem.name,
        "digest": problem.digest,
        "devices": problem.topology.n_devices,
        "data_parallel": problem.shape.data_parallel,
        "pipeline_parallel": problem.shape.pipeline_parallel,
        "gradient_bytes": problem.workload.gradient_bytes,
        "activation_bytes": problem.workload.activation_bytes,
        "delay_is": problem.topology.delay_is,
        "sites": [{"name": site.name, "devices": site.devices} for site in problem.sites],
        "bound_s": problem.bound(),
        "best_known_s": known.cost_s if known else None,
        "best_known_by": known.found_by if known else None,
        "best_known_bound_s": known.bound_s if known else None,
        "proven": known.proven if known else None,
    }


def _print(problem: AllocationProblem, facts: dict[str, Any], about: str | None) -> None:
    from rich.console import Console

    from problems.instances import catalogue

    console = Console(highlight=False)
    console.print(f"[bold]{problem.name}[/bold]")
    if about:
        console.print(catalogue.describe(about))
    console.print()
    sites = ", ".join(f"{site['name']} {site['devices']}" for site in facts["sites"][:12])
    more = f", and {len(facts['sites']) - 12} more sites" if len(facts["sites"]) > 12 else ""
    rows = [
        ("devices", f"{facts['devices']}, placed on a grid of {problem.shape} (pipelines × stages)"),
        ("sites", sites + more),
        ("gradients of a stage", f"{facts['gradient_bytes'] / 1e9:.6g} GB"),
        ("activations at a boundary", f"{facts['activation_bytes'] / 1e9:.6g} GB"),
        ("delay", _spread(problem.topology.delay_s, 1e3, "ms") + f" ({facts['delay_is']})"),
        ("bandwidth", _spread(problem.topology.bandwidth_bytes_s, 8e-9, "Gbps")),
        ("lower bound", f"{facts['bound_s']:.6g} s, from the links alone"),
        ("best known", _best_known(facts)),
        ("digest", facts["digest"]),
    ]
    for name, value in rows:
        console.print(f"  {name:<26} {value}", soft_wrap=True)


def _spread(matrix: Any, factor: float, unit: str) -> str:
    """Smallest, median and largest figure over the links between different devices."""
    import numpy as np

    if len(matrix) < 2:
        return "no links"
    links = matrix[~np.eye(len(matrix), dtype=bool)] * factor
    return f"{links.min():.4g} to {links.max():.4g} {unit}, median {np.median(links):.4g}"


def _best_known(facts: dict[str, Any]) -> str:
    if facts["best_known_s"] is None:
        return "nothing yet"
    status = "proven optimal" if facts["proven"] else f"proven bound {facts['best_known_bound_s']:.6g} s"
    return f"{facts['best_known_s']:.6g} s by {facts['best_known_by']}, {status}"
