"""Groups of fixed sizes whose things must keep rules: labels that some may not have, and relations between labels.

Every operation ends in the same repair: things that a rule is about are placed first, each where it is wanted if the
rules allow that, with some backtracking; the others fill the places that are left. One labelling that keeps all rules
is found when the decision is made, and is what a repair falls back on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.problems.decisions.checking import clip_categories, read_integers
from tasklet_bench.problems.decisions.grouping import Grouping, Labels

NOWHERE = -1
"""The key of a label that stands for no place: things there are in no relation."""
_TRIES = 30
"""Draws of a neighbour until one differs."""
_STEPS = 40
"""Steps of a repair for each thing that a rule is about, before it falls back on what is known to be feasible."""
_FIRST_STEPS = 20_000
"""Steps of the first search for a labelling; CP-SAT decides after that."""


@dataclass(frozen=True)
class Relation:
    """Things whose labels have the same key (`same`), or no two the same one; `key_of` a label, `NOWHERE` for none."""

    things: tuple[int, ...]
    key_of: tuple[int, ...]
    same: bool
    says: str


class Unsatisfiable(ValueError):
    """No labelling keeps all rules."""


@dataclass(frozen=True)
class RuledGrouping:
    """The labellings of a balanced `grouping` that keep all rules.

    `allowed`: the labels that a thing may have, for those that may not have all. Raises `Unsatisfiable` if there are
    none.
    """

    grouping: Grouping
    allowed: Mapping[int, tuple[int, ...]] = field(default_factory=dict, hash=False)
    relations: tuple[Relation, ...] = ()

    kind = "grouping"

    def __post_init__(self) -> None:
        if not self.grouping.is_balanced:
            raise ValueError("rules need groups of fixed sizes")
        object.__setattr__(self, "_known", self._find_first())

    @property
    def n(self) -> int:
        """Number of things."""
        return self.grouping.n

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return self.grouping.n_groups

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Size of each group."""
        return self.grouping.group_sizes

    def sample(self, rng: np.random.Generator) -> Labels:
        """Draw labels of the grouping, and repair them in a drawn order: all members can come, not equally often."""
        return self._repaired(self.grouping.sample(rng), rng.permutation(self.n), rng)

    def check(self, candidate: Any) -> Labels:
        """Return labels as an int64 array; raises `InvalidCandidate`, or `Infeasible` where they break a rule."""
        labels = self.grouping.check(candidate)
        for thing, allowed in self.allowed.items():
            if labels[thing] not in allowed:
                raise Infeasible(f"device {thing} has label {labels[thing]}, allowed {', '.join(map(str, allowed))}")
        for relation, keys in zip(self.relations, self._key_arrays, strict=True):
            result = keys[labels[list(relation.things)]]
            result = result[result != NOWHERE]
            if result.size and np.unique(result).size != (1 if relation.same else result.size):
                raise Infeasible(f"{relation.says}, found {', '.join(map(str, result))}")
        return labels

    def canonical(self, candidate: Labels) -> Labels:
        """The same labels."""
        return candidate

    def neighbour(self, candidate: Labels, rng: np.random.Generator) -> Labels:
        """Let two things of different groups change places, and whoever the rules bind to them follow."""
        for _ in range(_TRIES):
            one = int(rng.integers(self.n))
            others = np.flatnonzero(candidate != candidate[one])
            if not others.size:
                break
            other = int(rng.choice(others))
            wanted = candidate.copy()
            wanted[one], wanted[other] = candidate[other], candidate[one]
            rest = rng.permutation(self.n)
            changed = self._repaired(wanted, np.concatenate([[one, other], rest[(rest != one) & (rest != other)]]), rng)
            if (changed != candidate).any():
                return changed
        return candidate.copy()

    def cross(self, first: Labels, second: Labels, rng: np.random.Generator) -> Labels:
        """Each thing has the label of one parent, as far as sizes and rules allow; the order of repair is drawn."""
        return self._repaired(np.where(rng.random(self.n) < 0.5, first, second), rng.permutation(self.n), rng)

    @property
    def dimension(self) -> int:
        """One key for each thing."""
        return self.grouping.dimension

    def decode(self, keys: NDArray[np.float64]) -> Labels:
        """The grouping's labels, repaired."""
        return self.balance(self.grouping.decode(keys))

    def categories(self) -> Sequence[int]:
        """A group for each thing."""
        return self.grouping.categories()

    def from_categories(self, values: Sequence[int]) -> Labels:
        """Labels, repaired."""
        return self.balance(clip_categories(values, self.n_groups))

    def balance(self, labels: Labels) -> Labels:
        """A member near labels `(n,)` of any sizes, whatever rules they break; nothing is drawn."""
        return self._repaired(labels, np.arange(self.n))

    def to_json(self, candidate: Labels) -> Any:
        """The labels as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Labels:
        """Read a list of labels; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "labels"), dtype=np.int64))

    def describe(self) -> str:
        """The groups, and how many things are bound by rules."""
        return f"{self.grouping.describe()}, {len(self._bound)} of them bound by rules"

    def _repaired(self, wanted: Labels, order: NDArray[np.intp], rng: np.random.Generator | None = None) -> Labels:
        """The member that `wanted` leads to when things are placed in an order `(n,)`."""
        bound_first = self._by_relation(thing for thing in order.tolist() if thing in self._bound)
        placed = _Search(self, wanted, rng).run(bound_first, _STEPS * len(bound_first) + 100)
        if placed is None:
            placed = {thing: int(self._known[thing]) for thing in bound_first}  # type: ignore[attr-defined]
        room = np.array(self.group_sizes)
        labels = np.full(self.n, NOWHERE)
        for thing, label in placed.items():
            labels[thing] = label
            room[label] -= 1
        free = order[labels[order] == NOWHERE]
        for thing in free:
            if room[wanted[thing]] > 0:
                labels[thing] = wanted[thing]
                room[wanted[thing]] -= 1
        left = free[labels[free] == NOWHERE]
        places = np.repeat(np.arange(self.n_groups), room)
        labels[left] = places if rng is None else rng.permutation(places)
        return labels.astype(np.int64, copy=False)

    def _by_relation(self, things: Iterable[int]) -> list[int]:
        """The same things, each followed by those that must stand where it does."""
        ordered: dict[int, None] = {}
        for thing in things:
            ordered.setdefault(thing)
            for relation in self._relations_of.get(thing, ()):
                if self.relations[relation].same:
                    for mate in self.relations[relation].things:
                        ordered.setdefault(mate)
        return list(ordered)

    def _find_first(self) -> Labels:
        wanted = np.repeat(np.arange(self.n_groups), self.group_sizes)
        hardest = sorted(self._bound, key=lambda thing: (len(self.allowed.get(thing, wanted)), thing))
        sizes = {t: max((len(self.relations[r].things) for r in rs), default=0) for t, rs in self._relations_of.items()}
        hardest.sort(key=lambda thing: (thing not in self.allowed, -sizes.get(thing, 0)))
        placed = _Search(self, wanted, None).run(self._by_relation(hardest), _FIRST_STEPS, prove=True)
        known = np.full(self.n, NOWHERE)
        for thing, label in (placed or _solved(self)).items():
            known[thing] = label
        return known

    @cached_property
    def _bound(self) -> frozenset[int]:
        """Things that a rule is about."""
        return frozenset(self.allowed) | {thing for relation in self.relations for thing in relation.things}

    @cached_property
    def _relations_of(self) -> dict[int, list[int]]:
        result: dict[int, list[int]] = {}
        for number, relation in enumerate(self.relations):
            for thing in relation.things:
                result.setdefault(thing, []).append(number)
        return result

    @cached_property
    def _key_arrays(self) -> list[NDArray[np.int64]]:
        return [np.array(relation.key_of, dtype=np.int64) for relation in self.relations]


class _Search:
    """Places the bound things of a decision one after the other, and goes back where a thing has no place."""

    def __init__(self, decision: RuledGrouping, wanted: Labels, rng: np.random.Generator | None) -> None:
        self._decision, self._wanted, self._rng = decision, wanted, rng
        self._room = list(decision.group_sizes)
        self._keys: list[list[int]] = [[] for _ in decision.relations]
        self._unplaced = [len(relation.things) for relation in decision.relations]

    def run(self, order: list[int], steps: int, prove: bool = False) -> dict[int, int] | None:
        """A label for each thing of an order, or None after so many steps.

        Where all was tried it is None too, or, to `prove` that, `Unsatisfiable` is raised.
        """
        placed: dict[int, int] = {}
        options: list[Iterator[int]] = []
        while len(placed) < len(order):
            thing = order[len(placed)]
            if len(options) == len(placed):
                options.append(self._labels_for(thing))
            label = next((label for label in options[-1] if self._fits(thing, label)), None)
            steps -= 1
            if steps < 0:
                return None
            if label is not None:
                placed[thing] = label
                self._change(thing, label, 1)
                continue
            options.pop()
            if not placed:
                if prove:
                    raise Unsatisfiable("no allocation keeps all rules")
                return None
            thing, label = placed.popitem()
            self._change(thing, label, -1)
        return placed

    def _labels_for(self, thing: int) -> Iterator[int]:
        """The labels that a thing may have, the wanted one first, the others in a drawn order or by room."""
        wanted = int(self._wanted[thing])
        allowed = self._decision.allowed.get(thing)
        labels = list(range(len(self._room)) if allowed is None else allowed)
        if wanted in labels:
            yield wanted
            labels.remove(wanted)
        if self._rng is None:
            labels.sort(key=lambda label: -self._room[label])
        else:
            self._rng.shuffle(labels)
        yield from labels

    def _fits(self, thing: int, label: int) -> bool:
        if self._room[label] < 1:
            return False
        for number in self._decision._relations_of.get(thing, ()):
            relation, keys = self._decision.relations[number], self._keys[number]
            key = relation.key_of[label]
            if key == NOWHERE:
                continue
            if relation.same:
                if keys and keys[0] != key:
                    return False
                if not keys and not self._has_room(relation, key, self._unplaced[number]):
                    return False
            elif key in keys:
                return False
        return True

    def _has_room(self, relation: Relation, key: int, needed: int) -> bool:
        """Whether so many things can still have a key, or stand nowhere."""
        return sum(r for r, own in zip(self._room, relation.key_of, strict=True) if own in (key, NOWHERE)) >= needed

    def _change(self, thing: int, label: int, by: int) -> None:
        """Place a thing (1), or take the one placed last away (-1)."""
        self._room[label] -= by
        for number in self._decision._relations_of.get(thing, ()):
            self._unplaced[number] -= by
            key = self._decision.relations[number].key_of[label]
            if key != NOWHERE:
                if by > 0:
                    self._keys[number].append(key)
                else:
                    self._keys[number].pop()


def _solved(decision: RuledGrouping) -> dict[int, int]:
    """A label for each bound thing, by CP-SAT; raises `Unsatisfiable` where it proves that there is none."""
    from ortools.sat.python import cp_model

    model, bound = cp_model.CpModel(), sorted(decision._bound)
    labels = range(decision.n_groups)
    has = {(thing, label): model.new_bool_var("") for thing in bound for label in labels}
    for thing in bound:
        model.add_exactly_one(has[thing, label] for label in labels)
        for label in set(labels) - set(decision.allowed.get(thing, labels)):
            model.add(has[thing, label] == 0)
    for label, size in enumerate(decision.group_sizes):
        model.add(sum(has[thing, label] for thing in bound) <= size)
    for relation in decision.relations:
        for key in set(relation.key_of) - {NOWHERE}:
            here = [label for label in labels if relation.key_of[label] == key]
            if not relation.same:
                model.add_at_most_one(has[thing, label] for thing in relation.things for label in here)
                continue
            chosen = model.new_bool_var("")
            elsewhere = [label for label in labels if relation.key_of[label] not in (key, NOWHERE)]
            for thing in relation.things:
                model.add(sum(has[thing, label] for label in here) <= chosen)
                model.add(sum(has[thing, label] for label in elsewhere) + chosen <= 1)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Unsatisfiable("no allocation keeps all rules")
    return {thing: next(label for label in labels if solver.boolean_value(has[thing, label])) for thing in bound}
