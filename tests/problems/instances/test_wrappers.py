"""Wrappers change what they say and nothing else."""

import numpy as np
import pytest

from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.generated import draw

PLAIN = "measured/aws10-uneven-64"


def _topologies(query: str):
    return catalogue.load(PLAIN).topology, catalogue.load(f"{PLAIN}?{query}").topology


def _ratios(changed: np.ndarray, plain: np.ndarray) -> np.ndarray:
    off_diagonal = ~np.eye(len(plain), dtype=bool)
    return changed[off_diagonal] / plain[off_diagonal]


def test_noise_is_log_normal_and_symmetric() -> None:
    """The logarithms of what noise multiplies have mean 0 and the stated deviation; directions stay alike."""
    plain, noisy = _topologies("noise=0.3")
    for changed, before in ((noisy.delay_s, plain.delay_s), (noisy.bandwidth_bytes_s, plain.bandwidth_bytes_s)):
        logs = np.log(_ratios(changed, before))
        assert abs(logs.mean()) < 0.02
        assert logs.std() == pytest.approx(0.3, rel=0.05)
        assert (changed == changed.T).all()
    delay, bandwidth = _ratios(noisy.delay_s, plain.delay_s), _ratios(noisy.bandwidth_bytes_s, plain.bandwidth_bytes_s)
    assert abs(np.corrcoef(delay, bandwidth)[0, 1]) < 0.05


def test_asymmetry_keeps_the_mean_of_both_directions() -> None:
    """What one direction gains the other loses; delays stay as they are."""
    plain, skewed = _topologies("asymmetry=0.5")
    assert (skewed.delay_s == plain.delay_s).all()
    product = skewed.bandwidth_bytes_s * skewed.bandwidth_bytes_s.T
    np.testing.assert_allclose(_ratios(product, plain.bandwidth_bytes_s**2), 1.0, rtol=1e-4)
    assert np.log(_ratios(skewed.bandwidth_bytes_s, plain.bandwidth_bytes_s)).std() == pytest.approx(0.5, rel=0.05)


def test_failed_links_cost_a_million_times_more() -> None:
    """Exactly the stated number of pairs is a million times slower, in both directions."""
    plain, failed = (catalogue.load(name) for name in (PLAIN, f"{PLAIN}?failed_links=5"))
    ratio = failed.pp_pair_s[np.triu_indices(64, k=1)] / plain.pp_pair_s[np.triu_indices(64, k=1)]
    assert (np.isclose(ratio, 1e6, rtol=1e-9)).sum() == 5
    assert (ratio == 1).sum() == ratio.size - 5


def test_relabelling_hides_the_sites_and_changes_no_cost() -> None:
    """Every device is a site of its own, and a partition carried over to the new numbers costs the same."""
    plain, hidden = (catalogue.load(name) for name in (PLAIN, f"{PLAIN}?relabel=yes&draw=3"))
    assert all(site.devices == 1 for site in hidden.sites)
    assert hidden.digest != plain.digest
    assert np.array_equal(np.sort(hidden.pp_pair_s, axis=None), np.sort(plain.pp_pair_s, axis=None))
    order = draw.shuffled(draw.generator("relabelling", 64, 3), 64)
    labels = plain.random(np.random.default_rng(1))
    assert hidden.cost(labels[order]).total_s == pytest.approx(plain.cost(labels).total_s, rel=1e-12)
    assert hidden.cost(labels).total_s != pytest.approx(plain.cost(labels).total_s, rel=1e-6)


@pytest.mark.parametrize("query", ["noise=0.3", "asymmetry=0.5", "failed_links=4", "relabel=yes"])
def test_another_draw_is_another_instance(query: str) -> None:
    """The seed of the wrappers matters, and the same seed gives the same instance."""
    one, again, other = (catalogue.load(f"{PLAIN}?{query}{draw}").digest for draw in ("", "&draw=0", "&draw=1"))
    assert one == again != other


def test_wrappers_stack_in_a_fixed_order() -> None:
    """All wrappers together work on one-way delays too, and say so."""
    problem = catalogue.load(f"{PLAIN}?noise=0.1&asymmetry=0.2&failed_links=2&relabel=yes&delay=one-way&draw=5")
    assert problem.topology.delay_is == "one-way"
    assert len(problem.sites) == 64
