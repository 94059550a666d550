"""Verdicts: of two tests and no others, whoever else takes part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.stats.pairs import Comparison
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.stats.signed_rank import signed_rank_p
from tasklet_bench.bench.stats.verdicts import fewest_instances, holm, verdict, verdict_table

NAMES = ("megatron", "champ", "alike", "better", "worse", "flaky")


def costs(rng: np.random.Generator, names: tuple[str, ...], factor: dict[str, float]) -> dict[str, np.ndarray]:
    """Costs above 1 s on 16 instances × 3 seeds, as far above as `factor` says."""
    return {name: 1 + factor.get(name, 0.1) * rng.uniform(0.5, 1.5, (16, 3)) for name in names}


@pytest.fixture
def pool(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Six entrants, one of them better than the champion, one worse, one that often fails."""
    return costs(rng, NAMES, {"megatron": 1.0, "better": 0.02, "worse": 0.5})


def compare_pool(make_sample: Callable[..., Sample], pool: dict[str, np.ndarray], **options: object) -> pd.DataFrame:
    """Verdicts against the champion and Megatron, `flaky` failing on every third instance."""
    failed = {"flaky": np.repeat(np.arange(16) % 3 == 0, 3).reshape(16, 3)}
    sample = make_sample(pool, failed=failed, penalty_s=4.0, **options)
    return verdict_table(sample, "champ", draws=200).set_index(["strategy", "against"])


def test_verdicts_say_what_was_built_in(make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]) -> None:
    """The better one is better, the worse one worse, and the one like the champion is not separated from it."""
    table = compare_pool(make_sample, pool)["verdict"]
    assert table["better", "champ"] == "better"
    assert table["worse", "champ"] == "worse"
    assert table["alike", "champ"] == "not separated"
    assert table["alike", "megatron"] == "better"
    assert table["megatron", "champ"] == "worse"


@pytest.mark.parametrize("kind", ["bad", "equal", "better"])
@pytest.mark.parametrize("best_known", [None, {}], ids=["over the best known", "over the best in the store"])
def test_ten_more_entrants_change_no_verdict(
    make_sample: Callable[..., Sample],
    pool: dict[str, np.ndarray],
    rng: np.random.Generator,
    kind: str,
    best_known: dict[str, float] | None,
) -> None:
    """Ten bad, ten equal or ten better strategies leave every figure of every other pair as it was, to the last bit."""
    options = {} if best_known is None else {"best_known": best_known}
    before = compare_pool(make_sample, pool, **options)
    names = tuple(f"{kind}-{i}" for i in range(10))
    if kind == "equal":
        others = dict.fromkeys(names, pool["alike"])
    else:
        others = costs(rng, names, dict.fromkeys(names, 2.0 if kind == "bad" else 0.001))
    after = compare_pool(make_sample, pool | others, **options)
    pd.testing.assert_frame_equal(after.loc[before.index], before, check_exact=True)


def test_entrants_on_other_instances_change_no_verdict(
    make_sample: Callable[..., Sample], pool: dict[str, np.ndarray], rng: np.random.Generator
) -> None:
    """A latecomer that has run on 9 of 16 instances narrows the leaderboard, but no pair of the others."""
    before = compare_pool(make_sample, pool)
    after = compare_pool(make_sample, pool | {"latecomer": rng.uniform(1, 2, (9, 3))})
    pd.testing.assert_frame_equal(after.loc[before.index], before, check_exact=True)


def test_the_family_is_the_entrants_own_tests(make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]) -> None:
    """Two tests for most, one for the champion and for Megatron, none against itself; Holm spans just these."""
    table = compare_pool(make_sample, pool)
    assert table.loc["alike", "family"].tolist() == [2, 2]
    assert table.loc["champ", "family"].tolist() == [1]
    assert table.loc["megatron", "family"].tolist() == [1]
    single = table[table["family"] == 1]
    np.testing.assert_array_equal(single["p_holm"], single["p_value"])
    assert (table["p_holm"] >= table["p_value"]).all()


def test_two_that_do_the_same_are_practically_equal(
    make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]
) -> None:
    """A strategy that reaches the champion's costs to 0.1 % on every instance is called equal, not `not separated`."""
    table = compare_pool(make_sample, pool | {"copy": pool["champ"] * 1.001})
    assert table.loc[("copy", "champ"), "verdict"] == "practically equal"


def test_what_cannot_be_separated_says_how_many_more_instances(
    make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]
) -> None:
    """Where no verdict was reached there is a number of further instances, and none is asked for where one was."""
    table = compare_pool(make_sample, pool)
    assert table.loc[("alike", "champ"), "more_instances"] > 0
    assert table.loc[("better", "champ"), "more_instances"] == 0


def test_failures_are_not_dropped(make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]) -> None:
    """An entrant that would be as good as the champion loses every instance on which it failed."""
    row = compare_pool(make_sample, pool).loc[("flaky", "champ")]
    assert row["losses"] >= 6
    assert row["n_instances"] == 16


def test_without_champion_or_megatron_there_is_less_to_say(make_sample: Callable[..., Sample]) -> None:
    """If neither opponent took part there are no tests at all, and the table is empty but has its columns."""
    table = verdict_table(make_sample({"a": np.ones((4, 1)), "b": np.ones((4, 1))}), None)
    assert table.empty
    assert {"strategy", "verdict", "p_holm", "family"} <= set(table)


@pytest.mark.parametrize(
    ("p_holm", "ahead", "low", "high", "words"),
    [
        (0.05, -1, -0.02, -0.01, "better"),
        (0.05, 1, 0.01, 0.02, "worse"),
        (0.051, -1, -0.02, -0.01, "not separated"),
        (0.001, -1, -0.005, 0.005, "practically equal"),
        (0.9, 0, -0.001, 0.001, "practically equal"),
        (0.9, -1, -0.0051, 0.001, "not separated"),
    ],
)
def test_a_verdict_in_words(p_holm: float, ahead: int, low: float, high: float, words: str) -> None:
    """Better and worse up to a corrected p of 0.05, equal where the whole interval lies within 0.5 %."""
    middle = (low + high) / 2
    comparison = Comparison("a", "b", 20, 3, 0.01, ahead, middle, low, high, 10, 5, 5, 0.6, 0.5, 0.7, 4.0, 0.005, 20)
    assert verdict(comparison, p_holm) == words


@pytest.mark.parametrize("family", [1, 2])
def test_the_fewest_instances_for_a_verdict(family: int) -> None:
    """With that many instances winning them all is a verdict after Holm, with one less it is not."""
    n = fewest_instances(family)
    enough, too_few = (holm([signed_rank_p(-np.arange(1.0, size + 1))] * family)[0] for size in (n, n - 1))
    assert enough <= 0.05 < too_few


def test_the_region_of_practical_equivalence_can_be_wider(
    make_sample: Callable[..., Sample], pool: dict[str, np.ndarray]
) -> None:
    """Entrants that differ by 10 % are not equal within 0.5 %, and are, and tie everywhere, within 50 %."""
    sample = make_sample(pool, penalty_s=4.0)
    close = verdict_table(sample, "champ", draws=200).set_index(["strategy", "against"])
    wide = verdict_table(replace(sample, equal_within=0.5), "champ", draws=200).set_index(["strategy", "against"])
    assert close["verdict"]["better", "champ"] == "better"
    assert wide["verdict"]["better", "champ"] == "practically equal"
    assert wide["ties"]["better", "champ"] == 16
    assert "within 50 %" in replace(sample, equal_within=0.5).scope()
