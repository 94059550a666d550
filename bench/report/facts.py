"""What a problem is like, in words: pairs of a name and a figure, for the terminal and for pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.bench.results.best_known import BestKnown
    from tasklet_bench.problems.instances.features import Features
    from tasklet_bench.problems.problem import Problem

Rows = list[tuple[str, str]]


def measured(features: Features) -> Rows:
    """Its features: see `problems.instances.features`."""
    same = "both directions alike" if features.symmetric else "directed"
    return [
        ("kinds of devices", f"{features.device_classes:,}"),
        ("kinds of links", f"{features.link_classes:,}, {same}"),
        ("spread of delay", f"{features.delay_spread:.3g}-fold"),
        ("spread of bandwidth", f"{features.bandwidth_spread:.3g}-fold"),
        ("triangle violations", f"{features.triangle_violations:.1%} of detours are shorter"),
        ("pipeline / data parallel", f"{features.pipeline_over_data_parallel:.3g} at random"),
        ("ruggedness", f"{features.ruggedness:.3g} (0 is smooth)"),
        ("gap of aligned", f"{features.gap_aligned:.1%} at most"),
        ("gap of site-pure", f"{features.gap_site_pure:.1%} at most"),
    ]


def solved(problem: Problem, known: BestKnown | None) -> Rows:
    """Its bound, and the best allocation that is known, with how surely nothing is cheaper."""
    from tasklet_bench.bench.results.best_known import proof_of
    from tasklet_bench.problems.certificates.files import certified_bounds_s

    rows = [("lower bound", f"{problem.bound():.6g} s, from links alone")]
    if known is None:
        return [*rows, ("best known", "nothing yet")]
    prover = "the lower bound" if known.bound_by == "problem" else known.bound_by
    status = f"proven optimal by {prover}" if known.proven else f"proven bound {known.bound_s:.6g} s"
    if proof_of(known, certified_bounds_s()) == "certified":
        status += ", certified"
    return [*rows, ("best known", f"{known.cost_s:.6g} s, {known.found_by}"), ("", status)]
