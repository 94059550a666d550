"""The table of best-known costs: what excess is measured against.

One JSON object a line, sorted by problem: name, digest, cost, how it was reached, whether it is proven, the bound, and
the grid itself, so that anybody can score it again. This module alone reads and writes the table.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from tasklet_bench.bench.execution.rescore import rescore
from tasklet_bench.bench.plugins import load_stored
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP, SAME_COST
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import parse_json, read_text, shown
from tasklet_bench.problems.instances import catalogue, digests
from tasklet_bench.problems.validation import Name, ProblemName, StrictModel, validated
from tasklet_bench.strategies.registry import STRATEGIES

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.problem import Problem

FILE_NAME = "best_known.jsonl"
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class BestKnown:
    """The best allocation that anybody has found for one problem, with the best bound that anybody has proven."""

    problem: str
    digest: str
    cost_s: float
    found_by: str
    bound_s: float
    bound_by: str
    candidate: dict[str, Any]
    """The object of an allocation file, as the problem writes it."""

    @property
    def gap(self) -> float:
        """Relative gap to the bound: `(cost - bound)/cost`, 0 where the cost is 0."""
        return 0.0 if self.cost_s == 0 else max(0.0, 1 - self.bound_s / self.cost_s)

    @property
    def proven(self) -> bool:
        """Whether the gap is closed, to one part in a million."""
        return self.gap <= PROVEN_GAP


def proof_of(entry: BestKnown, certified_bounds_s: Mapping[str, float]) -> str:
    """How surely nothing is cheaper: `certified`, `proven by a solver` or by the instance itself, or `best seen`.

    `certified_bounds_s` are the bounds of published certificates by the name of the instance.
    """
    if entry.cost_s * (1 - PROVEN_GAP) <= certified_bounds_s.get(entry.problem, -1.0):
        return "certified"
    if not entry.proven:
        return "best seen"
    return "proven by its own bound" if entry.bound_by == "problem" else "proven by a solver"


def default_path() -> Path:
    """Where the table is: beside this module in an installed wheel, under `results/` in a checkout."""
    shipped = _HERE / "best_known" / FILE_NAME
    return shipped if shipped.exists() else _HERE.parents[1] / "results" / "best_known" / FILE_NAME


def read(path: Path | None = None) -> dict[str, BestKnown]:
    """The table by problem digest; empty where there is none yet."""
    path = path or default_path()
    if not path.exists():
        return {}
    return dict(_parsed(read_text(path, "the table of best-known costs"), shown(path)))


@lru_cache(maxsize=1)
def _parsed(text: str, name: str) -> dict[str, BestKnown]:
    """The entries of a table by problem digest; kept for the same text, as one command looks at it several times."""
    entries = {}
    for number, line in enumerate(text.splitlines(), start=1):
        source = f"{name}: line {number}"
        entry = _entry(parse_json(line, source), source)
        entries[entry.digest] = entry
    return entries


@contextmanager
def locked(path: Path | None = None) -> Iterator[None]:
    """Keep others who lock the table from changing it meanwhile, so that no improvement is lost between them."""
    folder = (path or default_path()).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written to: {error.strerror}") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


class _Entry(StrictModel):
    problem: ProblemName
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    cost_s: float = Field(ge=0)
    found_by: Name
    bound_s: float = Field(ge=0)
    bound_by: Name
    candidate: dict[str, Any]


def _entry(data: Any, source: str) -> BestKnown:
    """An entry of the table; tables of before held grids alone."""
    if isinstance(data, dict) and "grid" in data:
        data = {**data, "candidate": {"grid": data["grid"]}}
        del data["grid"]
    return BestKnown(**validated(_Entry, data, source).model_dump())


def write(entries: Iterable[BestKnown], path: Path | None = None) -> None:
    """Replace the table, sorted by problem name; the old file stays until the new one is complete."""
    path = path or default_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    lines = [json.dumps(asdict(entry)) for entry in sorted(entries, key=lambda entry: (entry.problem, entry.digest))]
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)


def verified(problem: Problem, candidate: Mapping[str, Any], found_by: str, bound_s: float, bound_by: str) -> BestKnown:
    """An entry whose cost is what the judge says of its candidate, now; raises `ValueError` for an impossible bound."""
    rescored = rescore(problem, candidate, None)
    if rescored.cost is None or rescored.candidate is None:
        raise ValueError(f"{problem.name}: {rescored.mismatch}")
    cost_s, own_bound_s = rescored.cost.total_s, problem.bound()
    if own_bound_s >= bound_s * (1 - SAME_COST):
        bound_s, bound_by = own_bound_s, "problem"
    if bound_s > cost_s * (1 + SAME_COST):
        raise ValueError(f"{problem.name}: bound {bound_s!r} by {bound_by} is above the verified cost {cost_s!r}")
    return BestKnown(problem.name, problem.digest, cost_s, found_by, min(bound_s, cost_s), bound_by, rescored.candidate)


def merged(old: Mapping[str, BestKnown], new: Iterable[BestKnown]) -> tuple[dict[str, BestKnown], list[str]]:
    """Take the cheaper allocation and the higher bound of each problem; also one line on each change."""
    table = dict(old)
    changes = []
    for entry in new:
        known = table.get(entry.digest)
        if known is None:
            table[entry.digest] = entry
            changes.append(f"{entry.problem}: {entry.cost_s:.6g} s by {entry.found_by} (new)")
            continue
        best = entry if entry.cost_s < known.cost_s * (1 - SAME_COST) else known
        tightest = entry if entry.bound_s > known.bound_s * (1 + SAME_COST) else known
        if tightest.bound_s > best.cost_s * (1 + SAME_COST):
            raise ValueError(
                f"{entry.problem}: bound {tightest.bound_s!r} by {tightest.bound_by} is above the cost "
                f"{best.cost_s!r} by {best.found_by}: one of them is wrong"
            )
        table[entry.digest] = BestKnown(
            known.problem,
            known.digest,
            best.cost_s,
            best.found_by,
            min(tightest.bound_s, best.cost_s),
            tightest.bound_by,
            best.candidate,
        )
        if best is entry:
            changes.append(f"{entry.problem}: {known.cost_s:.6g} s → {entry.cost_s:.6g} s by {entry.found_by}")
        if tightest is entry:
            closed = " (proven)" if table[entry.digest].proven else ""
            changes.append(f"{entry.problem}: bound {known.bound_s:.6g} s → {entry.bound_s:.6g} s{closed}")
    return table, changes


def improvements(runs: pd.DataFrame, known: Mapping[str, BestKnown]) -> list[BestKnown]:
    """Verified entries for the catalogue's instances on which a run beats the table's cost or bound.

    `runs` is a store's table. Problems that are no instance of the catalogue are passed over. A cost is scored again; a
    bound cannot be, so only the project's own strategies are taken at their word.
    """
    result = []
    solved = _trusted_runs(runs)
    for digest, of_problem in solved.groupby("problem_digest"):
        best = of_problem.sort_values("cost_s", kind="stable").iloc[0]
        tightest = of_problem.sort_values("bound_s", kind="stable", ascending=False).iloc[0]
        entry = known.get(str(digest))
        if entry and not _improves(entry, best["cost_s"], tightest["bound_s"]):
            continue
        try:
            problem = load_stored(ProblemRef(best["problem"], str(digest)))
        except BadInput:  # a problem of somebody's own
            continue
        candidate = json.loads(best["candidate"])
        try:
            result.append(
                verified(problem, candidate, best["strategy"], float(tightest["bound_s"]), tightest["strategy"])
            )
        except ValueError as fault:
            raise BadInput(f"the results do not hold, `verify` names all that does not: {fault}") from None
    return result


def improvement_messages(
    digest: str, cost_s: float, bound_s: float, known: Mapping[str, BestKnown] | None = None
) -> list[str]:
    """What a result adds to the table, in a sentence each: a better cost, a better bound; nothing for most results.

    `known` is the table, read if it is not given. A problem that the table does not have adds nothing.
    """
    entry = (read() if known is None else known).get(digest)
    if entry is None:
        return []
    sentences = []
    if cost_s < entry.cost_s * (1 - SAME_COST):
        before = f"{entry.cost_s:.6g} s by {entry.found_by}"
        less = 1 - cost_s / entry.cost_s
        sentences.append(f"{entry.problem}: {cost_s:.6g} s beats the best known, {before}, by {less:.2%}")
    if bound_s > entry.bound_s * (1 + SAME_COST):
        before = f"{entry.bound_s:.6g} s by {entry.bound_by}"
        proven = ", and proves it" if bound_s >= min(cost_s, entry.cost_s) * (1 - PROVEN_GAP) else ""
        sentences.append(f"{entry.problem}: bound {bound_s:.6g} s beats the best known, {before}{proven}")
    return sentences


def store_improvement_messages(runs: pd.DataFrame, known: Mapping[str, BestKnown] | None = None) -> list[str]:
    """What the runs of a store add to the table, in sentences; `best-known --update` stores it."""
    table = read() if known is None else known
    of_problem = _trusted_runs(runs).groupby("problem_digest").agg(cost_s=("cost_s", "min"), bound_s=("bound_s", "max"))
    return [
        sentence
        for digest, cost_s, bound_s in of_problem.itertuples()
        for sentence in improvement_messages(str(digest), float(cost_s), float(bound_s), table)
    ]


def planted(known: Mapping[str, BestKnown]) -> list[BestKnown]:
    """Verified entries of the listed instances that were built from their optimum and that the table does not have."""
    plants = [name for name in catalogue.names() if "known-optimum" in catalogue.tags(name)]
    missing = [name for name in plants if digests.digest(name) not in known]
    return [
        verified(problem, {"grid": plant.grid.tolist()}, "construction", 0.0, "construction")
        for problem, plant in ((catalogue.load(name), catalogue.planted_optimum(name)) for name in missing)
        if plant is not None
    ]


def _trusted_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that have an allocation, killed ones too; a bound is 0 unless a trusted strategy reported it."""
    solved = runs[(runs["status"] != "invalid") & runs["candidate"].notna()]
    sure = (solved["status"] == "ok") & solved["target"].isin(list(STRATEGIES))
    return solved.assign(bound_s=solved["bound_s"].where(sure, 0.0))


def _improves(known: BestKnown, cost_s: float, bound_s: float) -> bool:
    return bool(cost_s < known.cost_s * (1 - SAME_COST) or bound_s > known.bound_s * (1 + SAME_COST))
