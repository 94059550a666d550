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
    """A certificate of a bound, with a window for each cost that a stage can have."""
    digest = matrices_sha256(dp, pp, d, k)
    stages = itertools.combinations(range(d * k), d)
    costs_s = {max(sum(dp[a][b] for b in stage if b != a) for a in stage) for stage in stages}
    return {
        "format": 2,
        "kind": "compositions",
        "problem": "small",
        "matrices_sha256": digest,
        "bound_s": bound_s,
        "windows_s": sorted(cost_s * (1 + 1e-13) for cost_s in costs_s),
    }


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
        ({"format": 1}, "format"),
        ({"extra": 1}, "fields"),
        ({"windows_s": [0.3, 0.2]}, "ascending"),
        ({"windows_s": [float("inf")]}, "ascending"),
        ({"windows_s": "0.3"}, "ascending"),
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


@pytest.mark.parametrize("seed", range(20))
def test_no_windows_make_a_false_claim_pass(seed: int) -> None:
    """However the costliest stage is cut into windows, a bound above the optimum is refused."""
    d, k = [(2, 3), (3, 2)][seed % 2]
    dp, pp = small(seed, 6)
    false = claim(dp, pp, d, k, optimum(dp, pp, d, k) * (1 + 1e-12))
    rng = random.Random(seed)  # noqa: S311
    for _ in range(10):
        windows_s = sorted(rng.choice([rng.uniform(0, 5), *false["windows_s"]]) for _ in range(rng.randrange(6)))
        with pytest.raises(Refused, match="not true"):
            check(false | {"windows_s": windows_s}, dp, pp, d, k)


def test_a_missing_window_is_refused() -> None:
    """Without the windows that a proof needs, the claim is true and yet not proven: what is left is too wide."""
    dp, pp = small(2, 6)
    whole = claim(dp, pp, 2, 3, optimum(dp, pp, 2, 3) * (1 - 1e-12))
    check(whole, dp, pp, 2, 3)
    with pytest.raises(Refused, match="too wide"):
        check(whole | {"windows_s": []}, dp, pp, 2, 3)
