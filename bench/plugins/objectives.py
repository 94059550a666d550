"""Which objective a problem is searched by: its own cost, or simulated seconds where devices differ in speed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tasklet_bench.bench.plugins.placements import formal_of
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasklet_bench.bench.runs.spec import ProblemRef
    from tasklet_bench.problems.problem import Candidate, Problem

Objective = Literal["formal", "seconds"]


def default_objective(problem: Problem) -> Objective:
    """Seconds for a problem whose sites differ in speed or that has a profile; else its own cost."""
    formal = formal_of(problem)
    if formal is None or formal is not problem:
        return "formal"
    speeds = {site.tflops for site in formal.sites}
    differ = len(speeds) > 1 and None not in speeds and formal.workload.transformer is not None
    return "seconds" if differ or formal.workload.profile is not None else "formal"


def in_seconds(problem: Problem, content: str | None) -> tuple[Problem, ProblemRef]:
    """The problem's whole grid in simulated seconds, and how a run finds it again; `content` is its file's text.

    Raises `BadInput` for a problem without a formal cost; one that is in seconds already stays as it is.
    """
    import json

    from tasklet_bench.bench.plugins.problems import problem_ref
    from tasklet_bench.problems.files.size import check_devices
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.problems.iteration_time.instance_file import to_json

    formal = formal_of(problem)
    if formal is None:
        raise BadInput.at(problem.name, "--objective", "seconds", "formal: this family has no simulated seconds")
    if formal is not problem:
        return problem, problem_ref(problem, content)
    check_devices(formal.n_devices, formal.name)
    seconds = IterationTimeProblem.wrap(formal, wiring="free")
    if content is None:
        return seconds, problem_ref(seconds)
    return seconds, problem_ref(seconds, json.dumps(to_json(seconds, json.loads(content))))


@dataclass(frozen=True)
class BothObjectives:
    """A placement's formal cost and simulated seconds."""

    formal_s: float
    simulated_s: float


def score_both(seconds: Problem, candidate: Mapping[str, Any]) -> BothObjectives:
    """Both objectives of a candidate as it is stored, on a problem in seconds."""
    formal = formal_of(seconds)
    assert formal is not None  # noqa: S101 - `seconds` comes from `in_seconds`
    allocation = formal.complete(formal.candidate_from_json(candidate))
    return BothObjectives(formal.cost(allocation).total_s, seconds.cost(allocation).total_s)


def default_order(seconds: Problem) -> dict[str, Any]:
    """What nobody has to search for: the grid of the host list in its order, as Megatron-LM lays it."""
    formal = formal_of(seconds)
    assert formal is not None  # noqa: S101 - `seconds` comes from `in_seconds`
    return formal.candidate_to_json(formal.complete(formal.starts()["megatron"]))


def simulated_s(problem: Problem, candidate: Candidate) -> float | None:
    """Simulated seconds of a placement, by the problem's own options where it has some; None for other families."""
    from tasklet_bench.problems.iteration_time import IterationTimeProblem

    formal = formal_of(problem)
    if formal is None:
        return None
    own = isinstance(problem, IterationTimeProblem)
    seconds = problem if own else IterationTimeProblem.wrap(formal, wiring="free")
    return seconds.cost(problem.complete(candidate)).total_s
