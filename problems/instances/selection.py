"""Choosing a suite by measurement: keep the instances on which strategies differ, drop those that tell nothing new.

Pure: a table of costs in, names out. `docs/instances.md` says how the table is made.

1. *Separation* of an instance is the share of pairs of strategies whose costs differ by more than `TIE` of the smaller.
   Below `LEAST_SEPARATION` the instance is dropped: all solve it, or nobody does.
2. Of the instances of one base that give the same verdict on every pair, the one that separates most stays.
3. Until few enough are left, one of those goes whose verdicts most others give too; among them one of the base with
   most instances left, the one that separates least. The last of a base or of a tag stays.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median

Costs = Mapping[str, Mapping[str, float]]
"""Cost (in seconds) by instance and strategy."""

TIE = 0.005
"""Costs within so much of the smaller one are no difference that anybody would see on a wire."""

LEAST_SEPARATION = 1 / 3


def verdicts(costs: Mapping[str, float]) -> tuple[int, ...]:
    """For each pair of strategies in order of their names: -1 if the first is better, 1 if the second is, 0 if tied."""
    return tuple(_verdict(costs[a], costs[b]) for a, b in combinations(sorted(costs), 2))


def separation(costs: Mapping[str, float]) -> float:
    """Share of pairs of strategies that are not tied; 0 for fewer than two strategies."""
    result = verdicts(costs)
    return sum(verdict != 0 for verdict in result) / len(result) if result else 0.0


def tied_share(costs: Costs) -> dict[tuple[str, str], float]:
    """Share of the instances on which each pair of strategies ties."""
    strategies = sorted({strategy for row in costs.values() for strategy in row})
    return {
        (a, b): sum(_verdict(row[a], row[b]) == 0 for row in costs.values()) / len(costs)
        for a, b in combinations(strategies, 2)
    }


def choose(costs: Costs, tags: Mapping[str, Sequence[str]], most: int) -> list[str]:
    """At most `most` instances of `costs`, in its order; more only where each is the last of its base or of a tag."""
    kept = [name for name, row in costs.items() if separation(row) >= LEAST_SEPARATION]
    for name in sorted(kept, key=lambda name: (separation(costs[name]), -kept.index(name))):
        repeated = any(_base(name) == _base(k) and _same_verdicts(costs, name, k) for k in kept if k != name)
        if repeated and name in _spare(kept, tags):
            kept.remove(name)
    while len(kept) > most and (spare := _spare(kept, tags)):
        kept.remove(_least_telling(costs, kept, spare))
    return kept


def halve(names: Sequence[str], tables: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Two halves of `names`, each in its order, such that no site table is used in both.

    Instances that share a table, or are joined by others that do, stay together; the largest such set is dealt first,
    each to the half that is smaller by then.
    """
    sets: list[tuple[set[str], list[str]]] = []
    for name in names:
        joined = [(used, members) for used, members in sets if used & set(tables[name])]
        sets = [kept for kept in sets if kept not in joined]
        used = set(tables[name]).union(*(used for used, _ in joined))
        sets.append((used, [*(member for _, members in joined for member in members), name]))
    halves: tuple[set[str], set[str]] = (set(), set())
    for _, members in sorted(sets, key=lambda result: -len(result[1])):
        min(halves, key=len).update(members)
    return [name for name in names if name in halves[0]], [name for name in names if name in halves[1]]


def median_costs(rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Medians over seeds of rows with `problem`, `strategy` and `cost_s`, where every strategy has one."""
    result: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["cost_s"]:
            result[row["problem"]][row["strategy"]].append(float(row["cost_s"]))
    everyone = {strategy for row in result.values() for strategy in row}
    return {
        problem: {strategy: median(costs) for strategy, costs in row.items()}
        for problem, row in result.items()
        if set(row) == everyone
    }


def _least_telling(costs: Costs, kept: Sequence[str], spare: Sequence[str]) -> str:
    """The one of `spare` whose verdicts, then whose base, is met most often among `kept`; then the least separating."""
    of_verdicts = Counter(verdicts(costs[name]) for name in kept)
    of_base = Counter(_base(name) for name in kept)
    met = {name: (of_verdicts[verdicts(costs[name])], of_base[_base(name)]) for name in spare}
    return max(spare, key=lambda name: (*met[name], -separation(costs[name])))


def _same_verdicts(costs: Costs, a: str, b: str) -> bool:
    return verdicts(costs[a]) == verdicts(costs[b])


def _spare(kept: Sequence[str], tags: Mapping[str, Sequence[str]]) -> list[str]:
    """The instances that are not the last of their base or of any of their tags."""
    of_tag = Counter(tag for name in kept for tag in (_base(name), *tags[name]))
    return [name for name in kept if all(of_tag[tag] > 1 for tag in (_base(name), *tags[name]))]


def _verdict(a: float, b: float) -> int:
    if abs(a - b) <= TIE * min(a, b):
        return 0
    return -1 if a < b else 1


def _base(name: str) -> str:
    return name.partition("?")[0]


def _main(table: Path, most: int) -> None:
    from tasklet_bench.problems.instances import catalogue

    with table.open(newline="", encoding="utf-8") as file:
        result = median_costs(csv.DictReader(file))
    costs = {name: result[name] for name in catalogue.names() if name in result}
    chosen = choose(costs, {name: catalogue.tags(name) for name in costs}, most)
    halves = halve(chosen, {name: catalogue.tables(name) for name in chosen})
    for title, members in zip(("core", "train", "test"), (chosen, *halves), strict=True):
        sys.stdout.write(f"# {title}\n")
        sys.stdout.writelines(f'    "{name}",\n' for name in members)
    for pair, share in tied_share({name: costs[name] for name in chosen}).items():
        sys.stdout.write(f"# {' and '.join(pair)} tie on {share:.0%}\n")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60)
