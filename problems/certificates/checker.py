"""Check a certificate of a lower bound in whole numbers, with the standard library and the instance's matrices alone.

A certificate is a JSON object `{"format", "kind", "problem", "matrices_sha256", "bound_s", "windows_s"}`. The one kind,
`compositions`, claims that nothing costs less than `bound_s`; the checker refutes every cheaper allocation itself:

- Devices whose exchange leaves both matrices unchanged form a class. What a stage pays for data parallelism, and what
  two neighbouring stages pay for their best wiring, depend only on how many devices of each class they have.
- `windows_s` cut the range of the costliest stage. In each window, stages up to its upper end may be used, and the
  boundaries together have what the bound leaves above the cheapest stage that is in it.
- Stages are laid one after another. A state is the last stage's counts and the counts used so far; of equal states the
  one with the cheapest boundaries stands for all.
- What the boundaries to come cost at least is read from the same programme with two classes merged into one, whose
  links are the cheapest between them; that one is guided by a coarser one in turn, down to a single class. Read
  backwards, a pipeline costs the same: the cheapest that ends with these counts is also the cheapest that begins with
  them. So a state whose completion the coarser programme does not hold cannot stay below the bound.
- For the same reason the first half of the boundaries may be taken as the cheaper one, among the real classes.

The claim holds when in no window a state is left at the last stage. Seconds become whole multiples of 2^-60 s: links
are rounded down, the claimed bound up, so that rounding can only refuse a true claim and never accept a false one.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

FORMAT = 2
MOST_COMPOSITIONS, MOST_STATES = 250_000, 600_000
_UNIT = 2**60
_FIELDS = {"format", "kind", "problem", "matrices_sha256", "bound_s", "windows_s"}

Matrix = Sequence[Sequence[float]]
Counts = tuple[int, ...]
Whole = list[list[int]]
Table = dict[Counts, list[tuple[int, Counts]]]
"""For the counts that some stages have used: what their boundaries cost at least, by the last one's counts."""


class Refused(Exception):
    """The certificate does not prove its claim, for the reason given."""


def matrices_sha256(dp_pair_s: Matrix, pp_pair_s: Matrix, data_parallel: int, stages: int) -> str:
    """Hex SHA-256 of the grid's shape and of all links of both matrices, each `(N, N)` in seconds."""
    digest = hashlib.sha256(f"{data_parallel} {stages} {len(dp_pair_s)}".encode())
    for matrix in (dp_pair_s, pp_pair_s):
        for i, row in enumerate(matrix):
            digest.update("".join(f" {float(x).hex()}" for j, x in enumerate(row) if i != j).encode())
    return digest.hexdigest()


def check(data: Mapping[str, Any], dp_pair_s: Matrix, pp_pair_s: Matrix, data_parallel: int, stages: int) -> int:
    """Check a certificate against matrices `(N, N)` in seconds; returns how many states were refuted.

    Raises `Refused` for one that is malformed, of another instance, not true, or too large to check here.
    """
    if not isinstance(data, Mapping) or set(data) != _FIELDS:
        raise Refused(f"expected exactly the fields {', '.join(sorted(_FIELDS))}")
    if data["format"] != FORMAT or data["kind"] != "compositions":
        raise Refused(f"expected format {FORMAT} and kind compositions")
    if data["matrices_sha256"] != matrices_sha256(dp_pair_s, pp_pair_s, data_parallel, stages):
        raise Refused("it is of another instance: the digests of the matrices differ")
    bound_s, windows_s = data["bound_s"], data["windows_s"]
    numbers = [bound_s, *windows_s] if isinstance(windows_s, list) else [None]
    if not all(isinstance(x, float) and math.isfinite(x) and x >= 0 for x in numbers) or windows_s != sorted(windows_s):
        raise Refused("bound_s is no finite number of seconds, or windows_s no ascending list of such")
    if len(dp_pair_s) != data_parallel * stages:
        raise Refused("instances with spare devices admit no certificate of this kind")
    bound = math.ceil(Fraction(bound_s) * _UNIT)
    tops = [math.floor(Fraction(x) * _UNIT) for x in windows_s]
    return _refute(bound, tops, _whole(dp_pair_s), _whole(pp_pair_s), data_parallel, stages)


def _whole(matrix: Matrix) -> Whole:
    """Links in units of 2^-60 s, rounded down; the diagonal, which is never used, is 0."""
    rows = [[float(x) if i != j else 0.0 for j, x in enumerate(row)] for i, row in enumerate(matrix)]
    if any(len(row) != len(rows) or not all(0 <= x < math.inf for x in row) for row in rows):
        raise Refused("the matrices must be square, finite and not negative")
    if any(rows[i][j] != rows[j][i] for i in range(len(rows)) for j in range(i)):
        raise Refused("the matrices must be symmetric")
    return [[math.floor(Fraction(x) * _UNIT) for x in row] for row in rows]


def _classes(matrices: Sequence[Whole]) -> list[list[int]]:
    """The devices by class: those whose exchange changes no link to a third."""
    classes: list[list[int]] = []
    for i in range(len(matrices[0])):
        for members in classes:
            first = members[0]
            if all(m[first][x] == m[i][x] for m in matrices for x in range(len(m)) if x not in (first, i)):
                members.append(i)
                break
        else:
            classes.append([i])
    return classes


def _compositions(sizes: Counts, total: int) -> Iterator[Counts]:
    """All counts up to `sizes` with this sum."""
    if len(sizes) == 1:
        if total <= sizes[0]:
            yield (total,)
        return
    for first in range(max(0, total - sum(sizes[1:])), min(sizes[0], total) + 1):
        for rest in _compositions(sizes[1:], total - first):
            yield (first, *rest)


def _refute(bound: int, tops: list[int], dp: Whole, pp: Whole, d: int, k: int) -> int:
    classes = _classes((dp, pp))
    every, sizes = range(len(classes)), tuple(len(members) for members in classes)
    dp, pp = ([[m[classes[a][0]][classes[b][-1]] for b in every] for a in every] for m in (dp, pp))
    stages: dict[Counts, int] = {}
    for counts in _compositions(sizes, d):
        stages[counts] = max(sum(counts[b] * dp[a][b] for b in every) - dp[a][a] for a in every if counts[a])
        if len(stages) > MOST_COMPOSITIONS:
            raise Refused(f"more than {MOST_COMPOSITIONS} compositions: too large for this checker")
    programme = _Programme(sizes, [[pp[a][b] if a != b or sizes[a] > 1 else None for b in every] for a in every], d, k)
    below, refuted = max(min(own for counts, own in stages.items() if counts[c]) for c in every) - 1, 0
    for top in [*tops, max(stages.values())]:  # no costliest stage is at `below` or cheaper
        cheapest = min((own for own in stages.values() if below < own <= top), default=None)
        if cheapest is not None and cheapest + (k - 1) * programme.least < bound:
            allowed = [counts for counts, own in stages.items() if own <= top]
            last, states = programme.run(allowed, bound - cheapest, cheaper_half_first=True)
            refuted += states
            if last:
                raise Refused("not true, or its windows are too wide: one may hold an allocation that costs less")
        below = max(below, top)
    return refuted


class _Programme:
    """The dynamic programme for classes of these sizes, and the coarser one that guides it."""

    def __init__(self, sizes: Counts, pp: Sequence[Sequence[int | None]], d: int, k: int) -> None:
        self.sizes, self.pp, self.d, self.k = sizes, pp, d, k
        self.levels = sorted({x for row in pp for x in row if x is not None}) or [0]
        self.least = self.levels[0]
        self.known: dict[tuple[Counts, Counts], int] = {}
        self.coarser: _Programme | None = None
        if len(sizes) > 1:
            n = len(sizes)
            pairs = [(pp[a][b] or 0, sizes[a] + sizes[b], a, b) for a in range(n) for b in range(a + 1, n)]
            self.pair = min(pairs)[2:]
            merged = [self._merged_row(row) for row in zip(*(self._merged_row(row) for row in pp), strict=True)]
            self.coarser = _Programme(self._merged(sizes), merged, d, k)

    def _merged_row(self, row: Sequence[int | None]) -> list[int | None]:
        a, b = self.pair
        both = min((x for x in (row[a], row[b]) if x is not None), default=None)
        return [both if c == a else x for c, x in enumerate(row) if c != b]

    def _merged(self, counts: Counts) -> Counts:
        a, b = self.pair
        return tuple(x + counts[b] if c == a else x for c, x in enumerate(counts) if c != b)

    def run(self, stages: list[Counts], budget: int, cheaper_half_first: bool = False) -> tuple[Table, int]:
        """All that stays below the budget, and how many states that are; only the last layer where halves count."""
        if self.coarser is None:
            return {(self.d * n,): [(self.least * (n - 1), (self.d,))] for n in range(1, self.k + 1)}, 0
        parts: dict[Counts, list[Counts]] = defaultdict(list)
        for counts in stages:
            parts[self._merged(counts)].append(counts)
        guide, states = self.coarser.run(list(parts), budget)
        half, amid = (self.k - 1) // 2, (self.k - 1) % 2 * self.least
        table: dict[Counts, dict[Counts, int]] = {}
        nothing = tuple(0 for _ in self.sizes)
        layer: dict[Counts, dict[Counts, int]] = {nothing: {nothing: 0}}
        for placed in range(self.k):
            following: dict[Counts, dict[Counts, int]] = defaultdict(dict)
            for used, lasts in layer.items():
                left = tuple(size - x for size, x in zip(self.sizes, used, strict=True))
                coming = guide.get(self._merged(left), ())
                fitting = [
                    (more, [c for c in parts[part] if all(x <= y for x, y in zip(c, left, strict=True))])
                    for more, part in coming
                ]
                for last, paid in lasts.items():
                    for more, choices in fitting:
                        room = budget - paid - more
                        if cheaper_half_first and 0 < placed <= half:
                            room = min(room, -(-(budget - amid) // 2) - paid - (half - placed) * self.least)
                        for counts in choices if room > (self.least if placed else 0) else ():
                            now = paid + (self._boundary(last, counts) if placed else 0)
                            if now - paid < room:
                                after = following[tuple(map(sum, zip(used, counts, strict=True)))]
                                after[counts] = min(now, after.get(counts, now))
            layer = dict(following)
            states += sum(map(len, layer.values()))
            if states > MOST_STATES:
                raise Refused(f"more than {MOST_STATES} states in a window: too large for this checker")
            if not cheaper_half_first:  # a guide is asked for every layer, a claim for the last one alone
                table |= layer
        kept = layer if cheaper_half_first else table
        return {used: sorted((paid, last) for last, paid in lasts.items()) for used, lasts in kept.items()}, states

    def _boundary(self, left: Counts, right: Counts) -> int:
        """The bottleneck of the best wiring: the least level whose links can carry all devices."""
        key = (left, right) if left < right else (right, left)
        if key not in self.known:
            low, high = 0, len(self.levels) - 1
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if _wireable(*key, self.pp, self.levels[middle]) else (middle + 1, high)
            self.known[key] = self.levels[low]
        return self.known[key]


def _wireable(left: Counts, right: Counts, pp: Sequence[Sequence[int | None]], level: int) -> bool:
    """Whether links up to a level join all devices of two stages in pairs: a flow by augmenting paths."""
    every = range(len(left))
    flow = [[0] * len(left) for _ in every]
    room = list(right)

    def place(a: int, visited: set[int]) -> bool:
        for b in every:
            link = pp[a][b]
            if b in visited or not right[b] or link is None or link > level:
                continue
            visited.add(b)
            if room[b]:
                room[b] -= 1
                flow[a][b] += 1
                return True
            for other in every:
                if flow[other][b] and other != a and place(other, visited):
                    flow[other][b] -= 1
                    flow[a][b] += 1
                    return True
        return False

    return all(place(a, set()) for a in every for _ in range(left[a]))
