"""Problems that are kept by site: how they are loaded, written, bounded in memory and refused."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.contract.problem_checking import check_problem
from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.rules import Pin, Rules
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem, make_problem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json, problem_to_json
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.generated import farm
from tasklet_bench.problems.instances.spec import understand
from tasklet_bench.problems.site_topology import SiteTopology
from tests.peak_memory import forget_peak, peak_bytes

LARGEST = "generated/farm?n=65536&dp=64&seed=1&sites=128"
SMALLER = "generated/farm?n=4160&dp=64&seed=1&sites=128"
SITES = (Site("a", 2), Site("b", 1))
GRID = {"data_parallel": 16, "pipeline_parallel": 256}
FIGURES = np.array([[0.001, 0.02], [0.03, np.nan]]), np.array([[1e9, 1e8], [2e8, np.nan]])


def file_of(devices: int) -> dict[str, Any]:
    """A problem file of two sites with so many devices each."""
    return {
        "name": "two large sites",
        "sites": [{"name": "Oslo", "devices": devices}, {"name": "Rome", "devices": devices}],
        "delay_ms": [[0.1, 30], [40, 0.2]],
        "bandwidth_gbps": [[50, 0.5], [0.25, 10]],
        "grid": {"data_parallel": 16, "pipeline_parallel": devices // 8},
        "workload": {"gradient_bytes": 4e8, "activation_bytes": 1e8},
    }


def test_problem_files_of_many_devices_are_kept_by_site() -> None:
    """Above 4,096 devices a file's figures are not expanded; below they are; writing gives the same problem back."""
    assert type(problem_from_json(file_of(2048), "small.json")) is AllocationProblem
    large = problem_from_json(file_of(2056), "large.json")
    assert isinstance(large, SiteLevelProblem)
    again = problem_from_json(problem_to_json(large), "again.json")
    assert isinstance(again, SiteLevelProblem)
    assert again.digest == large.digest


def test_rules_are_kept_by_device() -> None:
    """A file with rules keeps all links by device, as before; so does a problem that is given rules."""
    problem = problem_from_json({**file_of(2056), "exclude": [0], "grid": GRID}, "ruled.json")
    assert type(problem) is AllocationProblem
    links = SiteTopology(SITES, *FIGURES)
    ruled = make_problem("ruled", links, Workload(1.0, 1.0), Shape(1, 3), Rules(pins=(Pin(0, stage=1),)))
    assert type(ruled) is AllocationProblem


def test_the_largest_instance_takes_little_memory() -> None:
    """65,536 devices are loaded, scored, judged and bounded in less than 64 MB; N² figures would be 34 GB each."""
    smaller = catalogue.load(SMALLER)
    smaller.cost(smaller.allocation(smaller.random(np.random.default_rng(0))))  # which compiles what is compiled
    before = forget_peak()
    problem = catalogue.load(LARGEST)
    assert isinstance(problem, SiteLevelProblem)
    allocation = problem.wire_in_order(problem.random(np.random.default_rng(0)))
    cost = problem.cost(allocation)
    assert problem.judge(allocation).total_s == pytest.approx(cost.total_s, rel=1e-12)
    assert 0 < problem.bound() < cost.total_s
    assert peak_bytes() - before < 64e6


def test_all_pairs_of_the_largest_instance_are_refused() -> None:
    """A strategy that asks for the matrices of 65,536 devices is refused in a sentence that says what they need."""
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 190 * 2**30:
        pytest.skip("they fit into this machine's memory")
    problem = catalogue.load(LARGEST)
    with pytest.raises(BadInput, match="GiB for 65536 devices"):
        _ = problem.dp_pair_s


def test_too_many_sites_are_refused() -> None:
    """Links that are kept by site take memory for all pairs of sites, which is looked at beforehand."""
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 160 * 2**30:
        pytest.skip("they fit into this machine's memory")
    with pytest.raises(BadInput, match="GiB for 65536 devices at 60000 sites"):
        catalogue.load("generated/farm?n=65536&dp=64&seed=1&sites=60000")


def test_a_name_is_kept_by_site_only_where_sites_say_all() -> None:
    """With few devices, or with noise on every pair, links are kept by device; half delays are known by site."""
    assert type(catalogue.load("generated/farm?n=64&dp=8&seed=1")) is AllocationProblem
    assert not understand("generated/farm?n=4100&dp=4&seed=1&noise=0.1").by_site
    assert not understand("generated/uniform?n=4096&dp=4&seed=1").by_site
    plain = catalogue.load("generated/farm?n=4100&dp=4&seed=1")
    halved = catalogue.load("generated/farm?n=4100&dp=4&seed=1&delay=one-way")
    assert isinstance(plain, SiteLevelProblem)
    assert isinstance(halved, SiteLevelProblem)
    np.testing.assert_array_equal(halved.links.site_delay_s, plain.links.site_delay_s / 2)


def test_facts_and_kinds_need_no_matrix() -> None:
    """What `show` tells of a large instance comes from the sites' figures."""
    problem = catalogue.load(LARGEST)
    facts = problem.facts()
    assert facts["devices"] == "65536 on a grid of 64×1024"
    assert facts["delay"].startswith("0.1 to ")
    assert problem.kinds()["links"] == "symmetric"
    assert "delay_s" not in vars(problem.topology)


def test_penalty_is_what_not_searching_costs() -> None:
    """A failed run is taken to cost as much as random grids do on average, or more."""
    problem = problem_from_json(file_of(2056), "large.json")
    drawn = problem.wire_in_order(problem.random(np.random.default_rng(3)))  # type: ignore[attr-defined]
    assert problem.penalty() >= problem.cost(drawn).total_s


@pytest.mark.parametrize(
    ("delay", "bandwidth", "fault"),
    [
        (np.zeros((3, 3)), FIGURES[1], "site_delay_s has shape"),
        (-FIGURES[0], FIGURES[1], "negative"),
        (FIGURES[0], np.zeros((2, 2)), "not positive"),
    ],
)
def test_site_figures_are_checked(delay: np.ndarray, bandwidth: np.ndarray, fault: str) -> None:
    """A wrong shape, a negative delay and a bandwidth of nothing are refused."""
    with pytest.raises(ValueError, match=fault):
        SiteTopology(SITES, delay, bandwidth)


def test_site_topologies_expand_to_dense_ones() -> None:
    """Both forms of a topology have the same links, sites and symmetry, also with other sites or half the delay."""
    links = SiteTopology(SITES, *FIGURES)
    dense = Topology.between_sites(SITES, FIGURES[0] * 1e3, FIGURES[1] / 1.25e8)
    np.testing.assert_allclose(links.expanded().delay_s, dense.delay_s)
    np.testing.assert_allclose(links.bandwidth_bytes_s, dense.bandwidth_bytes_s)
    assert links.n_devices == 3
    assert not links.symmetric
    renamed = (Site("x", 2), Site("y", 1))
    assert links.with_sites(renamed).sites == dense.with_sites(renamed).sites == renamed
    np.testing.assert_array_equal(links.one_way().delay_s, links.expanded().one_way().delay_s)
    with pytest.raises(ValueError, match="one-way already"):
        links.one_way().one_way()


def test_the_contract_of_problems_is_kept() -> None:
    """A problem kept by site keeps every clause of `check`."""

    def load() -> SiteLevelProblem:
        return SiteLevelProblem("farm", farm.site_topology(48, 1, 5, 2), Workload(4e8, 1e8), Shape(6, 8))

    findings = list(check_problem(load, "farm"))
    assert [(finding.clause, finding.found) for finding in findings if finding.status == "broken"] == []
    assert len(findings) > 8
