"""Names that tell apart what is not the same: entrants of one name from several sources, problems of one name.

An entrant is its name and its source. What has the same source, or the same code wherever that stands, is one entrant;
a name that several have goes with a strategy of the project if it is one's, and the others' sources stand behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from tasklet_bench.bench.results.database import Database
from tasklet_bench.problems.instances.digests import pinned
from tasklet_bench.strategies.registry import STRATEGIES

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 8
"""Of a problem's digest, behind its name."""
_Made = tuple[str, str]
"""Where some runs' strategy came from, and its code."""


def qualified(runs: pd.DataFrame, db: Database) -> pd.DataFrame:
    """The table of runs with names that tell apart, by all that the store holds and not by these runs alone."""
    problems = problem_names(db)
    entrants = entrant_names(db)
    if problems:
        pairs = zip(runs["problem"], runs["problem_digest"], strict=True)
        runs["problem"] = [problems.get(digest, name) for name, digest in pairs]
    if entrants:
        columns = (runs[name] for name in ("strategy", "target", "strategy_version", "code_hash"))
        rows = [
            (name, _source(target), f"{version} {code}") for name, target, version, code in zip(*columns, strict=True)
        ]
        runs["strategy"] = [entrants.get(row, row[0]) for row in rows]
    return runs


def problem_names(db: Database) -> dict[str, str]:
    """By digest, the names of the problems that share theirs with another; the catalogue's own keeps it."""
    query = "SELECT DISTINCT problem, problem_digest FROM runs UNION SELECT name, digest FROM instances"
    digests: dict[str, set[str]] = defaultdict(set)
    for name, digest in db.rows(query):
        digests[name].add(digest)
    return {
        digest: f"{name} ({digest[:DIGITS]})"
        for name, several in digests.items()
        if len(several) > 1
        for digest in several
        if pinned().get(name) != digest
    }


def entrant_names(db: Database) -> dict[tuple[str, str, str], str]:
    """By name, source and code, the names of the entrants that share theirs with another."""
    made: dict[str, list[_Made]] = defaultdict(list)
    for name, target, version, code in db.rows(
        "SELECT DISTINCT strategy, target, strategy_version, code_hash FROM runs"
    ):
        made[name].append((_source(target), f"{version} {code}"))
    names = {}
    for name, pairs in made.items():
        own = name.partition("[")[0] in STRATEGIES
        others = [pair for pair in pairs if not own or pair[0]]  # nobody joins the project's own by claiming its code
        groups = _connected(others)
        if len(groups) > 1 or (own and groups):
            for sources, label in _labels(groups).items():
                names |= {(name, *pair): f"{name} ({label})" for pair in others if pair[0] in sources}
    return names


def _source(target: str) -> str:
    """What a target is loaded from: a file, a distribution, a table; nothing for a strategy of the project."""
    path, separator, _ = target.partition(".py:")
    if separator:
        return f"{path}.py"
    return target.partition(":")[0].partition("==")[0] if ":" in target else ""


def _connected(pairs: Iterable[_Made]) -> list[list[_Made]]:
    """The pairs in groups: two are in one if they share their source or their code, directly or by others."""
    groups: list[list[_Made]] = []
    for pair in pairs:
        joined = [pair]
        apart = []
        for group in groups:
            if any(source == pair[0] or code == pair[1] for source, code in group):
                joined = [*group, *joined]
            else:
                apart.append(group)
        groups = [*apart, joined]
    return groups


def _labels(groups: list[list[_Made]]) -> Mapping[frozenset[str], str]:
    """What stands behind the name of each group: the end of its last source's path that no other group's has."""
    last = [group[-1][0] for group in groups]
    length = 1
    while len(set(_ends(last, length))) < len(last) and length < max(len(PurePath(source).parts) for source in last):
        length += 1
    labels = _ends(last, length)
    return {frozenset(source for source, _ in group): label for group, label in zip(groups, labels, strict=True)}


def _ends(sources: list[str], length: int) -> list[str]:
    return ["/".join(PurePath(source).parts[-length:]) for source in sources]
