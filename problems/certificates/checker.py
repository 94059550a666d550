"""Check a certificate of a lower bound in whole numbers, with the standard library and the instance's matrices alone.

A certificate is a JSON object `{"format", "kind", "problem", "matrices_sha256", "bound_s"}`. The one kind so far,
`compositions`, claims that nothing costs less than `bound_s`; the checker refutes every cheaper allocation itself:

- Devices whose exchange leaves both matrices unchanged form a class. What a stage pays for data parallelism, and what
  two neighbouring stages pay for their best wiring, depend only on how many devices of each class they have.
- Stages are laid one after another. A state is the last stage's counts, the counts used so far, and the costliest
  stage so far; of equal states the one with the cheapest boundaries stands for all. A state is dropped when what it has
  paid, with what the boundaries to come cost at least, reaches the bound.
- Links up to some level join the classes into parts. A boundary at or below that level keeps how many devices of each
  part a stage has; so what is left for the stages to come says how many boundaries have to be above the level.
- An allocation read backwards costs the same, so its first half of boundaries may be taken as the cheaper one: a state
  in that half is dropped, too, when twice what it has paid there, with the cheapest boundary amid, reaches the bound.
- Classes that can be exchanged as a whole are sorted, so that mirror images are one state.

The claim holds when no state is left at the last stage. Seconds become whole multiples of 2^-60 s: links are rounded
down, the claimed bound up, so that rounding can only refuse a true claim and never accept a false one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

FORMAT = 1
MOST_COMPOSITIONS, MOST_STATES = 7_000, 300_000
_UNIT = 2**60
_FIELDS = {"format", "kind", "problem", "matrices_sha256", "bound_s"}

Matrix = Sequence[Sequence[float]]
Counts = tuple[int, ...]


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
    bound_s = data["bound_s"]
    if not isinstance(bound_s, float) or not math.isfinite(bound_s) or bound_s < 0:
        raise Refused("bound_s is no finite number of seconds")
    if len(dp_pair_s) != data_parallel * stages:
        raise Refused("instances with spare devices admit no certificate of this kind")
    bound = math.ceil(Fraction(bound_s) * _UNIT)
    return _refute(bound, _whole(dp_pair_s), _whole(pp_pair_s), data_parallel, stages)


def _whole(matrix: Matrix) -> list[list[int]]:
    """Links in units of 2^-60 s, rounded down; the diagonal, which is never used, is 0."""
    rows = [[float(x) if i != j else 0.0 for j, x in enumerate(row)] for i, row in enumerate(matrix)]
    if any(len(row) != len(rows) or not all(0 <= x < math.inf for x in row) for row in rows):
        raise Refused("the matrices must be square, finite and not negative")
    if any(rows[i][j] != rows[j][i] for i in range(len(rows)) for j in range(i)):
        raise Refused("the matrices must be symmetric")
    return [[math.floor(Fraction(x) * _UNIT) for x in row] for row in rows]


def _exchangeable(matrices: Sequence[list[list[int]]], i: int, j: int) -> bool:
    """Whether exchanging i and j changes no link to a third."""
    others = [x for x in range(len(matrices[0])) if x not in (i, j)]
    return all(m[i][x] == m[j][x] for m in matrices for x in others)


def _grouped(n: int, matrices: Sequence[list[list[int]]], alike: Sequence[Any]) -> list[list[int]]:
    """The things 0..n-1 by exchangeability, among those whose `alike` is the same."""
    groups: list[list[int]] = []
    for i in range(n):
        for group in groups:
            if alike[i] == alike[group[0]] and _exchangeable(matrices, group[0], i):
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _compositions(sizes: Counts, total: int) -> Iterator[Counts]:
    """All counts up to `sizes` with this sum."""
    if not sizes:
        if total == 0:
            yield ()
        return
    for first in range(min(sizes[0], total) + 1):
        for rest in _compositions(sizes[1:], total - first):
            yield (first, *rest)


def _refute(bound: int, dp: list[list[int]], pp: list[list[int]], d: int, k: int) -> int:
    classes = _grouped(len(dp), (dp, pp), [0] * len(dp))
    sizes = tuple(len(group) for group in classes)
    every = range(len(classes))

    def between(matrix: list[list[int]]) -> list[list[int]]:
        return [[matrix[classes[a][0]][classes[b][-1]] for b in every] for a in every]

    dp, pp = between(dp), between(pp)  # the link inside a class is that of its first and its last device
    alike = [(sizes[c], dp[c][c], pp[c][c]) for c in every]
    orbits = _grouped(len(classes), (dp, pp), alike)

    stages: dict[Counts, int] = {}
    for counts in _compositions(sizes, d):
        loads = [sum(counts[b] * dp[a][b] for b in every) - dp[a][a] for a in every if counts[a]]
        stages[counts] = max(loads)
        if len(stages) > MOST_COMPOSITIONS:
            raise Refused(f"more than {MOST_COMPOSITIONS} compositions: too large for this checker")
    least_stage = max(min(own for counts, own in stages.items() if counts[c]) for c in every)
    real = [pp[a][b] for a in every for b in every if a != b or sizes[a] > 1]
    levels = sorted(set(real)) or [0]

    @cache
    def boundary(left: Counts, right: Counts) -> int:
        """The bottleneck of the best wiring: the least level whose links can carry all devices."""
        low, high = 0, len(levels) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if _wireable(left, right, pp, levels[middle]) else (middle + 1, high)
        return levels[low]

    def canonical(last: Counts, used: Counts) -> tuple[Counts, Counts]:
        lasts, useds = list(last), list(used)
        for orbit in orbits:
            for c, (x, y) in zip(orbit, sorted((last[c], used[c]) for c in orbit), strict=True):
                lasts[c], useds[c] = x, y
        return tuple(lasts), tuple(useds)

    half, amid = (k - 1) // 2, (k - 1) % 2 * levels[0]
    joined = _joined(pp, levels)

    @cache
    def still_to_pay(last: Counts, used: Counts) -> int:
        """What the boundaries to come cost at least: for each level, how many of them have to be above it."""
        left = tuple(size - x for size, x in zip(sizes, used, strict=True))
        stages_left = sum(left) // d
        cost = levels[0] * stages_left
        for parts, width in joined:
            now, rest = ([sum(counts[c] for c in part) for part in parts] for counts in (last, left))
            cost += width * _changes(now, rest, stages_left)
        return cost

    def reaches(placed: int, slowest: int, paid: int, more: int) -> bool:
        """Whether nothing below the bound can come of `placed` stages whose boundaries were `paid` for."""
        first_half = paid + (half + 1 - placed) * levels[0]
        return slowest + paid + more >= bound or (placed <= half + 1 and slowest + 2 * first_half + amid >= bound)

    layer: dict[tuple[Counts, Counts, int], int] = {}
    for counts, own in stages.items():
        if not reaches(1, max(own, least_stage), 0, still_to_pay(counts, counts)):
            layer[(*canonical(counts, counts), max(own, least_stage))] = 0
    refuted, cheapest_first = 0, sorted(stages.items(), key=lambda stage: stage[1])
    for placed in range(1, k):
        following: dict[tuple[Counts, Counts, int], int] = {}
        for (last, used, costliest), paid in layer.items():
            most = bound - paid - still_to_pay(last, used)  # a stage from which on nothing cheaper can come
            for counts, own in cheapest_first:
                if own >= most:
                    break
                slowest = max(costliest, own)
                if any(x + y > size for x, y, size in zip(used, counts, sizes, strict=True)):
                    continue
                now = paid + boundary(last, counts)
                after = tuple(map(sum, zip(used, counts, strict=True)))
                if reaches(placed + 1, slowest, now, still_to_pay(counts, after)):
                    continue
                key = (*canonical(counts, after), slowest)
                following[key] = min(now, following.get(key, now))
            if len(following) > MOST_STATES:
                raise Refused(f"more than {MOST_STATES} states: too large for this checker")
        refuted += len(layer)
        layer = following
    if layer:
        raise Refused("not true: an allocation costs less than the claimed bound")
    return refuted


def _joined(pp: list[list[int]], levels: list[int]) -> list[tuple[list[list[int]], int]]:
    """The parts that classes form by links up to a level, and for how many units of levels they stay the same."""
    result: list[tuple[list[list[int]], int]] = []
    for level, above in pairwise(levels):
        parts: list[list[int]] = []
        for c in range(len(pp)):
            near = [part for part in parts if any(pp[c][x] <= level for x in part)]
            parts = [part for part in parts if part not in near] + [[c, *(x for part in near for x in part)]]
        width = above - level
        if result and len(result[-1][0]) == len(parts):
            width += result.pop()[1]
        result.append((parts, width))
    return result


def _changes(now: list[int], left: list[int], stages: int) -> int:
    """How often, of 0 to 2 times at least, stages must change how many devices of each part they have.

    Links within the parts alone keep these numbers from one stage to the next. `now` are the last stage's, `left` those
    of all devices for the stages to come.
    """
    for same in range(stages, -1, -1):
        rest = [x - same * y for x, y in zip(left, now, strict=True)]
        if same == stages and not any(rest):
            return 0
        if same < stages and all(x >= 0 and x % (stages - same) == 0 for x in rest):
            return 1
    return min(2, stages)


def _wireable(left: Counts, right: Counts, pp: list[list[int]], level: int) -> bool:
    """Whether links up to a level join all devices of two stages in pairs: a flow by augmenting paths."""
    every = range(len(left))
    flow = [[0] * len(left) for _ in every]
    room = list(right)

    def place(a: int, visited: set[int]) -> bool:
        for b in every:
            if b in visited or not right[b] or pp[a][b] > level:
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
