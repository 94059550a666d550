"""What every problem keeps to: clauses that are checked in this process, as a problem only computes."""

from __future__ import annotations

import copy
import json
import math
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from tasklet_bench.bench.contract.clause import Broken, NotApplicable
from tasklet_bench.bench.contract.fingerprints import SCRATCH, fingerprints
from tasklet_bench.bench.runs.tolerances import SAME_COST, same_cost
from tasklet_bench.problems.candidate import Candidate, Infeasible, InvalidCandidate
from tasklet_bench.problems.problem import Problem

DRAWS = 24
"""Random candidates that clauses look at."""
BOUND_S = 0.1
FEWEST_REFUSED = 5
PERTURBED = 1.5
"""Factor on one number of an array, to see whether the digest follows the cost."""


@dataclass(frozen=True)
class ProblemTrial:
    """A problem, and a way to load it afresh."""

    problem: Problem
    load: Callable[[], Problem]

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Random candidates, their neighbours and the starts; infeasible ones are among them."""
        rng = np.random.Generator(np.random.PCG64(0))
        drawn = [self.problem.random(rng) for _ in range(DRAWS)]
        near = [self.problem.neighbour(candidate, rng) for candidate in drawn]
        return (*drawn, *near, *self.problem.starts().values())

    @cached_property
    def feasible(self) -> tuple[tuple[Candidate, float], ...]:
        """Those that break no rule, each with its cost (in seconds)."""
        return tuple((c, cost_s) for c in self.candidates if (cost_s := cost_or_none(self.problem, c)) is not None)


def cost_or_none(problem: Problem, candidate: Candidate) -> float | None:
    """The cost of a candidate (in seconds); None where it breaks a rule of the problem."""
    try:
        return problem.cost(candidate).total_s
    except Infeasible:
        return None


def cost_is_a_function(trial: ProblemTrial) -> str:
    """Equal candidates cost the same whenever and in whatever order they are scored; costs are finite sums of parts."""
    if not trial.feasible:
        raise Broken("a feasible candidate among random ones, neighbours and starts", "none")
    for candidate, cost_s in reversed(trial.feasible):
        cost = trial.problem.cost(copy.deepcopy(candidate))
        if cost.total_s != cost_s:
            raise Broken("the same cost each time", f"{cost_s!r} s, then {cost.total_s!r} s")
        if not math.isfinite(cost.total_s):
            raise Broken("finite costs", f"{cost.total_s!r} s")
        parts_s = sum(cost.parts_s.values())
        if abs(parts_s - cost.total_s) > SAME_COST * max(1e-12, abs(cost.total_s)):
            raise Broken("parts that sum to the total", f"{parts_s!r} s of {cost.total_s!r} s")
    return f"{len(trial.feasible)} candidates scored twice"


def judge_equals_cost(trial: ProblemTrial) -> str:
    """The judge gives what the cost gives, in total and in parts, for the candidate and for it completed."""
    for candidate, cost_s in trial.feasible:
        complete = trial.problem.complete(candidate)
        rescored = trial.problem.judge(complete)
        if rescored.total_s > cost_s and not same_cost(rescored.total_s, cost_s):
            raise Broken(
                f"a completed candidate that costs at most the candidate's {cost_s!r} s", f"{rescored.total_s!r} s"
            )
        own = trial.problem.cost(complete)
        if set(own.parts_s) != set(rescored.parts_s):
            raise Broken(f"the parts {', '.join(own.parts_s)}", ", ".join(rescored.parts_s))
        pairs = [
            (own.total_s, rescored.total_s),
            *((own.parts_s[name], rescored.parts_s[name]) for name in own.parts_s),
        ]
        for mine, other in pairs:
            if abs(mine - other) > SAME_COST * max(abs(own.total_s), abs(rescored.total_s)):
                raise Broken(f"{mine!r} s by the judge", f"{other!r} s")
    return f"{len(trial.feasible)} candidates agree"


def bound_below_every_cost(trial: ProblemTrial) -> str:
    """The bound is at most every cost, is computed in under 0.1 s, and is the same each time."""
    trial.problem.bound()
    entered = time.process_time()
    bound_s = trial.load().bound()
    seconds = time.process_time() - entered
    if bound_s != trial.problem.bound():
        raise Broken("the same bound from a problem loaded afresh", f"{bound_s!r} and {trial.problem.bound()!r} s")
    least_s = min((cost_s for _, cost_s in trial.feasible), default=math.inf)
    if bound_s > least_s * (1 + SAME_COST):
        raise Broken(f"a bound of at most the {least_s!r} s that a candidate costs", f"{bound_s!r} s")
    text = f"{bound_s:.4g} s, {bound_s / least_s:.0%} of the cheapest candidate seen" if least_s else f"{bound_s:.4g} s"
    return text if seconds < BOUND_S else NotApplicable(f"{text}; took {seconds:.2f} s, expected under {BOUND_S:g} s")


def digest_stable(trial: ProblemTrial) -> str:
    """A problem loaded afresh has the same digest, and so has one that has been scored."""
    fresh = trial.load().digest
    if fresh != trial.problem.digest:
        raise Broken(f"digest {trial.problem.digest}", fresh)
    return fresh[:12]


def digest_sensitive(trial: ProblemTrial) -> str:
    """A number of the problem's arrays that changes a cost changes the digest too."""
    seen = 0
    for name, changed in _perturbed(trial.problem):
        with suppress(InvalidCandidate, ValueError, TypeError, AttributeError):
            costs_s = [cost_or_none(changed, candidate) for candidate, _ in trial.feasible]
            if costs_s == [cost_s for _, cost_s in trial.feasible]:
                continue
            seen += 1
            if changed.digest == trial.problem.digest:
                raise Broken("another digest where a cost is another", f"the same after a change of {name}")
    return (
        f"{seen} arrays matter, and the digest follows each"
        if seen
        else NotApplicable("no array that could be changed")
    )


def operations_closed(trial: ProblemTrial) -> str:
    """Drawing, neighbours, crossing, decoding and repairing of the decision give its members, whatever goes in."""
    decision = trial.problem.decision
    rng = np.random.Generator(np.random.PCG64(1))
    members = [decision.sample(rng) for _ in range(DRAWS)]
    made: list[tuple[str, Candidate]] = [("sample", member) for member in members]
    made += [("neighbour", decision.neighbour(member, rng)) for member in members]
    made += [("cross", decision.cross(one, two, rng)) for one, two in pairwise(members)]
    made += [("canonical", decision.canonical(member)) for member in members]
    made += [("decode", decision.decode(rng.random(decision.dimension))) for _ in members]
    made += [("decode", decision.decode(np.full(decision.dimension, key))) for key in (0.0, 0.5)]
    sizes = decision.categories()
    made += [("from_categories", decision.from_categories([int(rng.integers(n)) for n in sizes])) for _ in members]
    made += [("from_categories", decision.from_categories([0] * len(sizes)))]
    for operation, candidate in made:
        try:
            decision.check(candidate)
        except InvalidCandidate as fault:
            raise Broken(f"members of the decision from `{operation}`", f"none: {fault}") from None
    return f"{decision.describe()}; {len(made)} members"


def json_round_trip(trial: ProblemTrial) -> str:
    """A candidate written as JSON and read again costs the same, by the decision and by the problem."""
    decision = trial.problem.decision
    for candidate, cost_s in trial.feasible:
        complete = trial.problem.complete(candidate)
        written = json.loads(json.dumps(trial.problem.candidate_to_json(complete), allow_nan=False))
        again_s = trial.problem.cost(trial.problem.candidate_from_json(written)).total_s
        if again_s != trial.problem.cost(complete).total_s:
            raise Broken(f"{cost_s!r} s after writing and reading", f"{again_s!r} s")
    for candidate in trial.candidates[:DRAWS]:
        again = decision.from_json(json.loads(json.dumps(decision.to_json(candidate))))
        if cost_or_none(trial.problem, again) != cost_or_none(trial.problem, candidate):
            raise Broken("the same cost after the decision wrote and read a candidate", "another")
    return f"{len(trial.feasible)} candidates written and read"


def non_members_refused(trial: ProblemTrial) -> str:
    """What is no member of the decision raises `InvalidCandidate`, from the decision and from the cost."""
    nonsense: tuple[Any, ...] = (None, "", [], [[]], {"a": 1}, [1.5], [[0.5, "x"]], np.empty(0))
    refused = [wrong for wrong in nonsense if not _accepts(trial.problem.decision.check, wrong, "decision.check")]
    for wrong in refused:
        if _accepts(trial.problem.cost, wrong, "cost"):
            raise Broken(f"InvalidCandidate from `cost` for {wrong!r}, as from `decision.check`", "a result")
    if len(refused) < FEWEST_REFUSED:
        raise Broken(f"at least {FEWEST_REFUSED} kinds of nonsense refused by `decision.check`", f"{len(refused)}")
    return f"{len(refused)} kinds of nonsense refused"


def _accepts(operation: Callable[[Any], Any], wrong: Any, name: str) -> bool:
    """Whether an operation takes nonsense; anything but `InvalidCandidate` that it raises is a broken clause."""
    try:
        operation(wrong)
    except InvalidCandidate:
        return False
    except Exception as fault:
        raise Broken(f"InvalidCandidate from `{name}` for {wrong!r}", f"{type(fault).__name__}: {fault}") from None
    return True


def survives_pickling(trial: ProblemTrial) -> str:
    """A pickled copy has the same digest and the same costs."""
    try:
        copied = pickle.loads(pickle.dumps(trial.problem))  # noqa: S301 - made on the line itself
    except (pickle.PicklingError, AttributeError, TypeError) as fault:
        raise Broken("a problem that can be pickled", f"{type(fault).__name__}: {fault}") from None
    for candidate, cost_s in trial.feasible:
        if copied.cost(candidate).total_s != cost_s:
            raise Broken(f"{cost_s!r} s from a pickled copy", f"{copied.cost(candidate).total_s!r} s")
    if copied.digest != trial.problem.digest:
        raise Broken(f"digest {trial.problem.digest} of a pickled copy", copied.digest)
    return "a copy costs the same"


def arrays_read_only(trial: ProblemTrial) -> str:
    """No array of the problem can be written to, and scoring changes none."""
    before = fingerprints(trial.problem)
    for candidate, _ in trial.feasible[:4]:
        trial.problem.cost(candidate)
    after = fingerprints(trial.problem)
    changed = sorted(name for name, mark in before.items() if after.get(name) != mark)
    if changed:
        raise Broken("a problem that scoring does not change", f"changed: {', '.join(changed)}")
    writable = sorted(name for name, array in _arrays(trial.problem) if array.flags.writeable)
    if writable:
        raise Broken("read-only arrays (array.flags.writeable = False)", f"writable: {', '.join(writable)}")
    return f"{len(list(_arrays(trial.problem)))} arrays"


def starts_valid(trial: ProblemTrial) -> str:
    """Every start is a member of the decision and the same each time; it may be infeasible, and then says why."""
    starts, again = trial.problem.starts(), trial.load().starts()
    if list(starts) != list(again):
        raise Broken(f"the starts {', '.join(starts)} each time", ", ".join(again))
    costs = []
    for name, candidate in starts.items():
        try:
            cost_s = cost_or_none(trial.problem, candidate)
        except InvalidCandidate as fault:
            raise Broken(f"start {name} to be a member of the decision", str(fault)) from None
        if cost_s != cost_or_none(trial.problem, again[name]):
            raise Broken(f"the same start {name} each time", "another")
        costs.append(f"{name} {'infeasible' if cost_s is None else f'{cost_s:.4g} s'}")
    return ", ".join(costs) or NotApplicable("has none")


CLAUSES: tuple[Callable[[ProblemTrial], str], ...] = (
    cost_is_a_function,
    judge_equals_cost,
    bound_below_every_cost,
    digest_stable,
    digest_sensitive,
    operations_closed,
    json_round_trip,
    non_members_refused,
    survives_pickling,
    arrays_read_only,
    starts_valid,
)
"""In the order in which they are checked and shown."""


def _arrays(problem: Any, name: str = "problem", depth: int = 3) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Arrays among the attributes of a problem and of the dataclasses in it, by name; scratch memory is left out."""
    for key, value in vars(problem).items():
        if isinstance(value, np.ndarray):
            yield f"{name}.{key}", value
        elif depth and is_dataclass(value) and not isinstance(value, type) and key not in SCRATCH:
            yield from _arrays(value, f"{name}.{key}", depth - 1)


def _perturbed(problem: Problem) -> Iterator[tuple[str, Problem]]:
    """Copies of a problem, each with one number of one array changed and what was computed from it forgotten."""
    for name, array in list(_arrays(problem)):
        if array.dtype.kind != "f" or not array.size:
            continue
        finite = np.flatnonzero(np.isfinite(array) & (array != 0))
        if not finite.size:
            continue
        changed = copy.deepcopy(problem)
        owner: Any = changed
        *path, last = name.split(".")[1:]
        for step in path:
            owner = getattr(owner, step)
        if isinstance(getattr(type(owner), last, None), cached_property):
            continue
        _forget(changed)
        fresh = array.copy()
        fresh.flat[finite] *= PERTURBED
        object.__setattr__(owner, last, fresh)
        yield name, changed


def _forget(value: Any, depth: int = 3) -> None:
    """Drop everything that cached properties keep, in a problem and in the dataclasses in it."""
    for name in list(vars(value)):
        if isinstance(getattr(type(value), name, None), cached_property):
            del vars(value)[name]
        elif depth and is_dataclass(inner := vars(value)[name]) and not isinstance(inner, type):
            _forget(inner, depth - 1)
