"""Suites are data that hold together."""

import hashlib

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

SUITES = catalogue.suites()


@pytest.mark.parametrize("name", SUITES)
def test_suites_hold_listed_instances_once_each(name: str) -> None:
    """A suite names listed instances in their canonical form, none twice, and a champion."""
    suite = catalogue.suite(name)
    assert set(suite.problems) <= set(catalogue.listed())
    assert len(set(suite.problems)) == len(suite.problems)
    assert suite.summary
    assert suite.champion


def test_the_suites_of_the_command_line_are_there() -> None:
    """The suites that documentation and commands speak of exist."""
    assert {"quick", "paper", "core", "scale", "train", "test"} <= set(SUITES)


def test_an_unknown_suite_gets_the_nearest_name() -> None:
    """A misspelt suite is refused with the suite that was meant."""
    with pytest.raises(BadInput, match="did you mean 'quick'"):
        catalogue.suite("quik")


def test_a_digest_depends_on_instances_and_champion_alone() -> None:
    """The order of instances makes no difference, the champion and every instance do."""
    digests = ["b" * 64, "a" * 64]
    assert catalogue.suite_digest(digests, "x") == catalogue.suite_digest(digests[::-1], "x")
    assert catalogue.suite_digest(digests, "x") != catalogue.suite_digest(digests, "y")
    assert catalogue.suite_digest(digests, "x") != catalogue.suite_digest(digests[:1], "x")


def test_a_suites_digest_is_that_of_its_loaded_instances() -> None:
    """The digest of suite `paper` is the hash of what its instances, once loaded, say of themselves."""
    suite = catalogue.suite("paper")
    digests = sorted(catalogue.load(name).digest for name in suite.problems)
    assert suite.digest == hashlib.sha256("\n".join([suite.champion, *digests]).encode()).hexdigest()


def test_core_covers_every_tag() -> None:
    """Core has 40 to 60 instances, among them one of each tag that listed instances of up to 128 devices have."""
    core = catalogue.suite("core").problems
    assert 40 <= len(core) <= 60
    covered = {tag for name in core for tag in catalogue.tags(name)}
    listed = {tag for name in catalogue.names() for tag in catalogue.tags(name)}
    assert listed - covered <= {"large"}


def test_train_and_test_halve_core_and_share_no_site_table() -> None:
    """Every instance of core is in exactly one half, and no measured figure is in both."""
    train, test = (catalogue.suite(name).problems for name in ("train", "test"))
    assert sorted(train + test) == sorted(catalogue.suite("core").problems)
    assert abs(len(train) - len(test)) <= 6
    used = [{table for name in half for table in catalogue.tables(name)} for half in (train, test)]
    assert not used[0] & used[1]


def test_scale_goes_from_64_to_65536_devices() -> None:
    """Suite `scale` spans the sizes that it is for."""
    sizes = [catalogue.shape(name).n_devices for name in catalogue.suite("scale").problems]
    assert (min(sizes), max(sizes)) == (64, 65536)
