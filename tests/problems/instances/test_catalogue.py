"""The catalogue lists, loads and describes instances."""

import re
import subprocess
import sys

import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.bases import all_bases
from tasklet_bench.problems.problem import Problem

LISTED = catalogue.names()

MEASURED = [name for name in all_bases() if name.startswith("measured/")]


def test_at_least_sixty_instances_are_listed_once_each() -> None:
    """The list is long, has no name twice, and every base stands in it, by itself or behind the name of a family.

    All but `generated/cities`: its draws time proofs, and no suite ranks on them.
    """
    everywhere = catalogue.listed()
    assert len(LISTED) >= 60
    assert len(set(everywhere)) == len(everywhere)
    prefixes = "|".join(families.ROOMS)
    assert {re.sub(rf"^({prefixes})/", "", name).partition("?")[0] for name in everywhere} == {*all_bases()} - {
        "generated/cities"
    }


@pytest.mark.parametrize("name", LISTED)
def test_listed_names_are_canonical_and_described(name: str) -> None:
    """A listed name is its own canonical form and has a summary of one line, tags and a description."""
    assert catalogue.canonical_name(name) == name
    assert catalogue.summary(name)
    assert "\n" not in catalogue.summary(name)
    assert len(catalogue.tags(name)) >= 4
    assert len(catalogue.describe(name)) > len(catalogue.summary(name))


@pytest.mark.parametrize("name", [name for name in LISTED if catalogue.shape(name).n_devices <= 256])
def test_listed_instances_load(name: str) -> None:
    """A listed instance is a problem of the stated shape, with finite pair costs above 0."""
    problem = catalogue.load(name)
    assert isinstance(problem, Problem)
    assert problem.name == name
    assert problem.shape == catalogue.shape(name)
    assert problem.bound() > 0
    assert sum(site.devices for site in problem.sites) == problem.shape.n_devices


def test_listing_imports_no_numpy() -> None:
    """Names, summaries, tags, shapes and suites are reported without importing numpy or scipy."""
    code = (
        "import sys\n"
        "from tasklet_bench.problems.instances import catalogue as c\n"
        "for name in c.names(): c.summary(name), c.tags(name), c.shape(name)\n"
        "for name in c.suites(): c.suite(name).digest\n"
        "assert not {'numpy', 'scipy', 'numba'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", MEASURED)
def test_measured_instances_say_what_was_measured(name: str) -> None:
    """A measured instance tells what was measured, which delays are meant, and what was assumed inside a site."""
    text = " ".join(catalogue.describe(name).split())
    assert text.startswith("Measured: ")
    assert "Delays are round-trip times" in text
    assert "Assumed" in text or "nothing is assumed inside" in text


@pytest.mark.parametrize("name", MEASURED)
def test_names_of_measured_instances_end_in_their_size(name: str) -> None:
    """The number at the end of a measured instance's name is its number of devices."""
    assert catalogue.load(name).topology.n_devices == int(name.rpartition("-")[2])


def test_one_way_halves_every_delay() -> None:
    """`delay=one-way` halves the round-trip times and leaves bandwidths alone."""
    both, half = (catalogue.load("measured/aws10-uneven-64" + query).topology for query in ("", "?delay=one-way"))
    assert (half.delay_s * 2 == both.delay_s).all()
    assert (half.bandwidth_bytes_s == both.bandwidth_bytes_s).all()
    assert (both.delay_is, half.delay_is) == ("rtt", "one-way")


def test_workload_keys_change_the_bytes_alone() -> None:
    """`pp_scale` multiplies the activations, `workload` takes another preset; links stay."""
    plain = catalogue.load("paper/worldwide")
    scaled = catalogue.load("paper/worldwide?pp_scale=0.3")
    assert scaled.workload.activation_bytes == plain.workload.activation_bytes * 0.3
    assert scaled.workload.gradient_bytes == plain.workload.gradient_bytes
    assert (scaled.topology.delay_s == plain.topology.delay_s).all()
    xl = catalogue.load("paper/worldwide?workload=gpt3-xl")
    assert (xl.workload.gradient_bytes, xl.workload.activation_bytes) == (603_979_776, 536_870_912)


def test_tags_follow_what_a_key_changes() -> None:
    """A key that changes the kind of an instance changes its tags too."""
    assert "symmetric" in catalogue.tags("paper/worldwide")
    assert "symmetric" not in catalogue.tags("paper/worldwide?asymmetry=0.5")
    assert "directed" in catalogue.tags("paper/worldwide?asymmetry=0.5")
    assert "no-sites" in catalogue.tags("paper/worldwide?relabel=yes")
    assert "known-optimum" not in catalogue.tags("generated/planted?n=24&dp=4&seed=1&noise=0.1")
    assert "pp-light" in catalogue.tags("paper/worldwide?pp_scale=0.3")
    assert {"deep", "medium"} <= set(catalogue.tags("paper/worldwide?dp=4"))


@pytest.mark.parametrize("name", [name for name in LISTED if catalogue.shape(name).n_devices <= 128])
def test_tags_agree_with_the_matrices(name: str) -> None:
    """Symmetry, directions and sites are tagged as they are."""
    problem, tags = catalogue.load(name), catalogue.tags(name)
    symmetric = (problem.topology.bandwidth_bytes_s == problem.topology.bandwidth_bytes_s.T).all() and (
        problem.topology.delay_s == problem.topology.delay_s.T
    ).all()
    assert symmetric == ("symmetric" in tags)
    assert symmetric != ("directed" in tags)
    sizes = [site.devices for site in problem.sites]
    assert ("no-sites" not in tags) or max(sizes) == 1
    assert ("sites" not in tags) or max(sizes) > 1
    assert ("even" not in tags) or len(set(sizes)) == 1
    assert ("uneven" not in tags) or len(set(sizes)) > 1
