"""Names of families whose devices hold a model each."""

from __future__ import annotations

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.names import NETWORK_KEYS, read_name
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.name import number

KEYS = (*NETWORK_KEYS, number("jitter", "deviation", 0.0, 3.0, default=0.0))


def test_a_name_is_spelt_in_one_way() -> None:
    """Keys come in a fixed order, and defaults are left out."""
    result = read_name("gossip/measured/aws10-uneven-64?tflops=50&model=gpt2-small&first=16", "gossip", KEYS)
    assert result.name == "gossip/measured/aws10-uneven-64?first=16&tflops=50"
    assert read_name(result.name, "gossip", KEYS).name == result.name


def test_a_generated_topology_needs_no_grid() -> None:
    """The links are those of any shape of the same N and seed."""
    result = read_name("gossip/generated/uniform?n=16&seed=6", "gossip", KEYS).network.topology
    known = catalogue.load("generated/uniform?n=16&dp=4&seed=6").topology
    assert (result.delay_s == known.delay_s).all()
    assert (result.bandwidth_bytes_s == known.bandwidth_bytes_s).all()


def test_the_first_devices_keep_their_links_and_sites() -> None:
    """`first` cuts sites, and leaves those out that have no device left."""
    whole = catalogue.load("measured/aws10-uneven-64").topology
    few = read_name("gossip/measured/aws10-uneven-64?first=20", "gossip", KEYS).network.topology
    assert few.n_devices == 20 == sum(site.devices for site in few.sites)
    assert [site.name for site in few.sites] == [site.name for site in whole.sites][: len(few.sites)]
    assert (few.delay_s == whole.delay_s[:20, :20]).all()


@pytest.mark.parametrize("key", ["dp=4", "pp=2", "pp_scale=0.3", "workload=gpt3-xl"])
def test_keys_of_a_grid_are_refused_by_name(key: str) -> None:
    """A shape and the bytes of an allocation mean nothing here."""
    with pytest.raises(BadInput, match=rf"{key.partition('=')[0]}: found a key of placements on a grid"):
        read_name(f"gossip/measured/aws10-uneven-64?{key}", "gossip", KEYS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gossip/measured/aws10-uneven-63", "did you mean 'measured/aws10-uneven-64'"),
        ("gossip/measured/aws10-uneven-64?modle=gpt2-small", "did you mean 'model'"),
        ("gossip/measured/aws10-uneven-64?model=gpt2", "did you mean 'gpt2-small'"),
        ("gossip/measured/aws10-uneven-64?model=gpt3-xl-reference", "did you mean 'gpt3-xl'"),
        ("gossip/measured/aws10-uneven-64?first=65", "from 1 to 64"),
        ("gossip/measured/aws10-uneven-64?draw=3", "one of .*jitter"),
        ("gossip/generated/planted?n=16&seed=1", "built for a grid"),
        ("gossip/generated/uniform?seed=1", "n=…"),
        ("gossip/paper/worldwide?failed_links=9999", "expected at most 2016"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, message: str) -> None:
    """The message names what was found and what would fit."""
    with pytest.raises(BadInput, match=message) as caught:
        read_name(name, "gossip", KEYS, drawn=("jitter",))
    assert "dp" not in str(caught.value)


def test_a_draw_may_be_for_the_links_or_for_the_family() -> None:
    """One seed serves both."""
    for query in ("noise=0.2&draw=3", "jitter=0.3&draw=3"):
        name = f"gossip/measured/aws10-uneven-64?{query}"
        assert set(read_name(name, "gossip", KEYS, drawn=("jitter",)).name.split("?")[1].split("&")) == set(
            query.split("&")
        )
