"""Placements on networks that may be other than measured: one scored over draws, and the problem to solve for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tasklet_bench.bench.plugins.placements import formal_of
from tasklet_bench.bench.plugins.problems import problem_ref
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tasklet_bench.bench.runs.spec import ProblemRef
    from tasklet_bench.problems.problem import Candidate, Problem

DRAWS_BYTES = 100_000_000
MOST_DRAWS, FEWEST_DRAWS = 1000, 100
"""Networks that a robust solution is searched on, as many as fit into so much memory: on 200, half of what is gained is
lost again on networks that were not searched on."""


def costs_over_draws(
    problem: Problem, candidate: Candidate, count: int, sigma: float, seed: int
) -> NDArray[np.float64]:
    """The cost of one placement, as it is wired on the measured network, on each of `count` drawn ones, `(count,)`.

    Seconds of the problem's own kind: formal, or simulated. Raises `BadInput` for families without links to draw.
    """
    from dataclasses import replace

    import numpy as np

    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.problems.robust.draws import Draws

    formal = formal_of(problem)
    if formal is None:
        raise BadInput.at(problem.name, "--draws", problem.family, "one that places devices on a grid")
    allocation, draws = problem.complete(candidate), Draws(formal, count, sigma, seed)
    if isinstance(problem, IterationTimeProblem):
        return np.array([replace(problem, formal=drawn).cost(allocation).total_s for drawn in draws.problems])
    return draws.costs_once_s(allocation)


def robust_problem(
    problem: Problem, ref: ProblemRef, quantile: float, sigma: float, count: int | None = None, seed: int = 0
) -> tuple[Problem, ProblemRef]:
    """The problem whose cost is a quantile over drawn networks, and how a run finds it again.

    Without `count` as many are drawn as the size of the problem allows. Raises `BadInput` for anything but a problem of
    the formal cost.
    """
    from tasklet_bench.problems import families

    if formal_of(problem) is not problem:
        raise BadInput.at("option --robust", "family", problem.family, "allocation: the formal problem itself")
    fitting = DRAWS_BYTES // (16 * problem.decision.dimension**2)
    data = {
        "family": "robust",
        "problem": ref.name if ref.content is None else json.loads(ref.content),
        "draws": min(MOST_DRAWS, max(FEWEST_DRAWS, fitting)) if count is None else count,
        "sigma": sigma,
        "seed": seed,
        "quantile": quantile,
    }
    robust = families.from_json(data, problem.name)
    return robust, problem_ref(robust, json.dumps(data))


def robust_quantile(text: str) -> float:
    """Read `p90` as 0.9; raises `BadInput` for anything else."""
    digits = text.removeprefix("p")
    try:
        percent = float(digits) if digits != text else 0.0
    except ValueError:
        percent = 0.0
    if not 0 < percent <= 100:
        raise BadInput.at("option --robust", "its value", repr(text), "a percentile such as p90")
    return percent / 100
