"""Generated instances are what their family says, and nothing but functions of their name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import structure
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.features import triangle_violations
from tasklet_bench.problems.instances.generated import draw, families

FAMILIES = sorted(families.FAMILIES)


def _links(matrix: np.ndarray) -> np.ndarray:
    return matrix[~np.eye(len(matrix), dtype=bool)]


@pytest.mark.parametrize("family", FAMILIES)
@given(n=st.sampled_from([20, 24, 30, 48]), seed=st.integers(0, 2**64))
def test_links_are_whole_microseconds_and_kilobits(family: str, n: int, seed: int) -> None:
    """Delays are whole µs and bandwidths whole kbit/s, symmetric and finite."""
    topology = catalogue.load(f"generated/{family}?n={n}&dp=2&seed={seed}{_few_sites(family)}").topology
    for links in (_links(topology.delay_s) * 1e6, _links(topology.bandwidth_bytes_s) / 125):
        assert np.isfinite(links).all()
        np.testing.assert_allclose(links, np.rint(links), rtol=1e-12)
    assert (topology.delay_s == topology.delay_s.T).all()
    assert (topology.bandwidth_bytes_s == topology.bandwidth_bytes_s.T).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_an_instance_is_a_function_of_its_name(family: str) -> None:
    """Loading twice gives the same digest; another seed gives another instance."""
    few = _few_sites(family)
    names = [f"generated/{family}?n=24&dp=4&seed={seed}{few}" for seed in (1, 1, 2)]
    first, again, other = (catalogue.load(name).digest for name in names)
    assert first == again != other


@pytest.mark.parametrize("family", [family for family in FAMILIES if not families.FAMILIES[family].knows_shape])
def test_every_shape_has_the_same_links(family: str) -> None:
    """The shape D×K does not enter the drawing, so that shapes of one instance can be compared."""
    few = _few_sites(family)
    one, other = (catalogue.load(f"generated/{family}?n=24&dp={dp}&seed=5{few}").topology for dp in (2, 12))
    assert (one.delay_s == other.delay_s).all()
    assert (one.bandwidth_bytes_s == other.bandwidth_bytes_s).all()


@pytest.mark.parametrize("n", [64, 256])
def test_uniform_has_no_two_links_alike(n: int) -> None:
    """All pairs differ in what they pay for gradients, and in what they pay for activations."""
    problem = catalogue.load(f"generated/uniform?n={n}&dp=8&seed=1")
    for pair_s in (problem.dp_pair_s, problem.pp_pair_s):
        upper = pair_s[np.triu_indices(n, k=1)]
        assert np.unique(upper).size == upper.size
    assert np.unique(structure.interchangeable(problem.dp_pair_s)).size == n


def test_geometric_delays_are_great_circles() -> None:
    """No detour is faster, delay follows the coordinates' distance, bandwidth the window law of 8 streams."""
    problem = catalogue.load("generated/geometric?n=48&dp=6&seed=3&inflation=2")
    topology = problem.topology
    assert triangle_violations(topology.delay_s - 0.0002 * ~np.eye(48, dtype=bool)) < 0.001
    angle = np.radians([[site.latitude, site.longitude] for site in problem.sites])
    latitude, longitude = angle.T
    cosine = np.sin(latitude)[:, None] * np.sin(latitude) + np.cos(latitude)[:, None] * np.cos(latitude) * np.cos(
        longitude[:, None] - longitude
    )
    expected_ms = 2 * np.arccos(np.clip(cosine, -1, 1)) * 6371 / 100 + 0.2
    np.testing.assert_allclose(_links(topology.delay_s) * 1e3, _links(expected_ms), atol=0.1)
    law_gbps = np.minimum(10, 8 * 22 / (_links(topology.delay_s) * 1e3))
    np.testing.assert_allclose(_links(topology.bandwidth_bytes_s) / 1.25e8, law_gbps, rtol=1e-3)


def test_clustered_sites_are_uneven_and_fast_inside() -> None:
    """Sites differ in size, and the slowest link inside one beats the median between two."""
    problem = catalogue.load("generated/clustered?n=96&dp=8&seed=3")
    sizes = [site.devices for site in problem.sites]
    assert (len(sizes), sum(sizes)) == (8, 96)
    assert max(sizes) >= 2 * min(sizes)
    site_of = problem.topology.site_of
    inside = (site_of[:, None] == site_of) & ~np.eye(96, dtype=bool)
    between = site_of[:, None] != site_of
    assert problem.pp_pair_s[inside].max() < np.median(problem.pp_pair_s[between])


def test_hierarchical_hosts_are_interchangeable_inside() -> None:
    """Devices of one host are one class, and each level of the hierarchy is slower than the one inside it."""
    problem = catalogue.load("generated/hierarchical?n=64&dp=8&seed=2&host=4&rack=2&sites=4")
    classes = structure.interchangeable(problem.dp_pair_s, problem.pp_pair_s)
    assert np.array_equal(classes, np.arange(64) // 4)
    pay = problem.pp_pair_s
    assert pay[0, 1] < pay[0, 4] < pay[0, 8] < pay[0, 16]


def test_hierarchical_racks_never_span_sites() -> None:
    """Where N does not divide, the last rack is short and every site still holds whole racks."""
    problem = catalogue.load("generated/hierarchical?n=54&dp=6&seed=1&host=4&rack=2&sites=3")
    sizes = [site.devices for site in problem.sites]
    assert sum(sizes) == 54
    assert all(size % 8 == 0 for size in sizes[:-1])


def test_transit_paths_share_the_backbone() -> None:
    """Every link of a device is capped by its access line, and far pairs get less than near ones do."""
    topology = catalogue.load("generated/transit?n=64&dp=8&seed=1").topology
    gbps = topology.bandwidth_bytes_s / 1.25e8
    np.fill_diagonal(gbps, 0)
    assert (gbps.max(axis=1) <= 10).all()
    assert np.unique(gbps.max(axis=1)).size > 32
    near = topology.site_of[:, None] == topology.site_of
    np.fill_diagonal(near, val=False)
    assert gbps[near].mean() > 2 * gbps[topology.site_of[:, None] != topology.site_of].mean()


@given(n=st.integers(1, 300), data=st.data())
def test_uneven_sizes_add_up(n: int, data) -> None:
    """Sites share out all devices, at least one each."""
    parts = data.draw(st.integers(1, n))
    sizes = draw.uneven_sizes(draw.generator("test", n, 1), n, parts)
    assert len(sizes) == parts
    assert sum(sizes) == n
    assert min(sizes) >= 1


@given(n=st.integers(20, 120), seed=st.integers(0, 2**64))
def test_cities_have_two_to_twelve_devices(n: int, seed: int) -> None:
    """Ten cities hold all devices, each at least 2 and at most 12."""
    sizes = [site.devices for site in catalogue.load(f"generated/cities?n={n}&dp=1&seed={seed}").topology.sites]
    assert (len(sizes), sum(sizes)) == (10, n)
    assert all(2 <= size <= 12 for size in sizes)


@pytest.mark.parametrize("n", [19, 121])
def test_cities_that_cannot_hold_all_devices_are_refused(n: int) -> None:
    """The message names the field and what it can be."""
    with pytest.raises(BadInput, match=rf"n: found {n}, expected 20 to 120"):
        catalogue.load(f"generated/cities?n={n}&dp=1&seed=1")


def _few_sites(family: str) -> str:
    """Fewer sites for families whose default has more than a small instance can hold."""
    return {"clustered": "&sites=3", "hierarchical": "&sites=2", "transit": "&routers=5"}.get(family, "")
