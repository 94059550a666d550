"""The checker of certificates: what it accepts is true, and forged certificates are refused."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from tasklet_bench.problems.certificates.checker import Refused, check, matrices_sha256

Matrices = tuple[list[list[float]], list[list[float]]]


def small(seed: int, n: int) -> Matrices:
    """Random matrices of three sites, so that some devices are alike."""
    rng = random.Random(seed)  # noqa: S311
    site = [rng.randrange(3) for _ in range(n)]
    link = {(a, b, m): rng.random() for a in range(3) for b in range(a, 3) for m in range(2)}
    first, second = (
        [[link[min(site[i], site[j]), max(site[i], site[j]), m] for j in range(n)] for i in range(n)] for m in range(2)
    )
    return first, second


def optimum(dp: list[list[float]], pp: list[list[float]], d: int, k: int) -> float:
    """The least cost over all grids, by brute force."""
    best = float("inf")
    for order in itertools.permutations(range(d * k)):
        grid = [order[j * d : (j + 1) * d] for j in range(k)]
        slowest = max(sum(dp[a][b] for b in stage if b != a) for stage in grid for a in stage)
        path = sum(max(pp[a][b] for a, b in zip(*pair, strict=True)) for pair in itertools.pairwise(grid))
        best = min(best, slowest + path)
    return best


def claim(dp: list[list[float]], pp: list[list[float]], d: int, k: int, bound_s: float) -> dict[str, Any]:
    """A certificate of a bound."""
    digest = matrices_sha256(dp, pp, d, k)
    return {"format": 1, "kind": "compositions", "problem": "small", "matrices_sha256": digest, "bound_s": bound_s}


@pytest.mark.parametrize("seed", range(67))
def test_optima_are_accepted_and_nothing_above_them(seed: int) -> None:
    """On small instances the brute-force optimum is accepted, and a bound above it refused."""
    d, k = [(2, 3), (3, 2)][seed % 2]
    dp, pp = small(seed, 6)
    best_s = optimum(dp, pp, d, k)
    check(claim(dp, pp, d, k, best_s * (1 - 1e-12)), dp, pp, d, k)
    with pytest.raises(Refused, match="not true"):
        check(claim(dp, pp, d, k, best_s * (1 + 1e-12)), dp, pp, d, k)


@pytest.mark.parametrize(("d", "k", "seed"), [(1, 6, 0), *((1, 7, seed) for seed in range(8)), (2, 4, 1), (2, 4, 2)])
def test_the_same_holds_of_longer_pipelines(d: int, k: int, seed: int) -> None:
    """Where several boundaries follow each other, no optimum is cut off, and nothing above it passes."""
    dp, pp = small(100 + seed, d * k)
    best_s = optimum(dp, pp, d, k)
    check(claim(dp, pp, d, k, best_s * (1 - 1e-12)), dp, pp, d, k)
    with pytest.raises(Refused, match="not true"):
        check(claim(dp, pp, d, k, best_s * (1 + 1e-12)), dp, pp, d, k)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bound_s": 1e9}, "not true"),
        ({"bound_s": float("nan")}, "no finite number"),
        ({"matrices_sha256": "0" * 64}, "another instance"),
        ({"kind": "tree"}, "kind"),
        ({"extra": 1}, "fields"),
    ],
)
def test_a_forged_field_is_refused(change: dict[str, Any], reason: str) -> None:
    """A changed bound, digest, kind or field is refused, with the reason."""
    dp, pp = small(1, 6)
    with pytest.raises(Refused, match=reason):
        check(claim(dp, pp, 2, 3, 0.1) | change, dp, pp, 2, 3)


def test_another_instances_certificate_is_refused() -> None:
    """A certificate that holds for one instance proves nothing of another."""
    (dp, pp), (other_dp, other_pp) = small(1, 6), small(2, 6)
    with pytest.raises(Refused, match="another instance"):
        check(claim(dp, pp, 2, 3, 0.0), other_dp, other_pp, 2, 3)


def test_a_bound_rounded_the_wrong_way_is_refused() -> None:
    """The least float above a true optimum is refused, where the optimum is exact in binary."""
    dp = [[0.0 if i == j else 0.25 for j in range(4)] for i in range(4)]
    check(claim(dp, dp, 2, 2, 0.5), dp, dp, 2, 2)
    with pytest.raises(Refused, match="not true"):
        check(claim(dp, dp, 2, 2, 0.5000000000000001), dp, dp, 2, 2)
