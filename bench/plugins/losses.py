"""A problem without some of its devices, as a run finds it again; and the repair of what stood on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins.placements import allocation_of, formal_of
from tasklet_bench.bench.plugins.problems import problem_ref
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasklet_bench.bench.runs.spec import ProblemRef
    from tasklet_bench.problems.allocation.loss import Repair
    from tasklet_bench.problems.problem import Problem


def devices_named(problem: Problem, references: Sequence[str], option: str) -> tuple[int, ...]:
    """The devices of sites, hosts, `SITE/0` and numbers; raises `BadInput` for what none is called."""
    from tasklet_bench.problems.files.rules_file import find_devices

    return find_devices(references, problem.sites, option)


def without_devices(problem: Problem, ref: ProblemRef, lost: Sequence[int]) -> tuple[Problem, ProblemRef]:
    """The problem without these devices, which keep their numbers, and its reference.

    Raises `BadInput` for families but `allocation`, and where too few devices are left.
    """
    from tasklet_bench.problems import families
    from tasklet_bench.problems.allocation import loss
    from tasklet_bench.problems.files.problem_writing import problem_to_json

    formal = formal_of(problem)
    if formal is None or formal is not problem:
        raise BadInput.at("options --without and --lose", "family", problem.family, "allocation")
    left = loss.without_devices(formal, lost)
    content = problem_to_json(left)
    if ref.content is not None:
        given = json.loads(ref.content)
        content |= {key: given[key] for key in ("sites", "delay_ms", "bandwidth_gbps", "delay_is") if key in given}
        if not {"gradient_bytes", "activation_bytes"} & set(given["workload"]):
            content["workload"] = given["workload"]
    made = families.from_json(content, problem.name)
    return made, problem_ref(made, json.dumps(content))


def repair_allocation(problem: Problem, before: Mapping[str, Any], moves: int | None) -> Repair:
    """Repair a candidate, as it is stored, for the problem that is left; raises `BadInput` as its family does."""
    from tasklet_bench.problems.allocation.loss import repair_after_loss

    formal, allocation = formal_of(problem), allocation_of(before)
    if formal is None or allocation is None:
        raise BadInput.at("option --start", "family", problem.family, "allocation, with a grid or groups")
    return repair_after_loss(formal, allocation.labels, moves)
