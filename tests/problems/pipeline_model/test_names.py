"""Names, sites and files that the three pipeline families share."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.problem_file import problem_from_json
from tasklet_bench.problems.instances import catalogue, wrappers
from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.instance_file import read_instance
from tasklet_bench.problems.pipeline_model.model import MODELS, split
from tasklet_bench.problems.pipeline_model.names import understand
from tasklet_bench.problems.validation import StrictModel

CHECK_VALUES = Path(__file__).parents[1] / "families" / "swarm.json"


class AnyOptions(StrictModel):
    """Options of no family in particular."""

    stages: int = 1


def read(name: str) -> Any:
    """The instance that a name of swarm stands for."""
    return understand(name, "swarm", (), {"dp": "stages=K"})


def test_split_is_nearly_even() -> None:
    """24 layers in 5 stages are 4, 5, 5, 5, 5; every split sums to the whole and differs by one at most."""
    assert split(24, 5) == (4, 5, 5, 5, 5)
    for total in range(1, 30):
        for parts in range(1, total + 1):
            assert sum(split(total, parts)) == total
            assert max(split(total, parts)) - min(split(total, parts)) <= 1


def test_models_have_heads_that_divide_them() -> None:
    """Every model's hidden size is a multiple of its heads."""
    assert all(model.hidden % model.heads == 0 for model in MODELS.values())


def test_one_name_has_one_spelling() -> None:
    """Keys are put in order and defaults left out."""
    name = "swarm/measured/residential-20?rates=10&cards=RTX4090,RTX3090&efficiency=0.4"
    assert read(name).name == "swarm/measured/residential-20?cards=RTX4090,RTX3090&rates=10"
    assert read(read(name).name).name == read(name).name


@pytest.mark.parametrize(
    ("query", "reported"),
    [
        ("dp=8", "dp: found dp=8, expected stages=K"),
        ("pp_scale=2", "pp_scale"),
        ("card=T4", "did you mean 'cards'"),
        ("cards=T5", "unknown type of device 'T5'"),
        ("each=1,2", "2 sizes for 4 sites"),
        ("each=8,x,8,8", "whole numbers of at least 1"),
        ("workload=gpt3-xxl", "did you mean 'gpt3-xl'"),
        ("draw=3", "one of noise"),
    ],
)
def test_what_does_not_fit_is_refused(query: str, reported: str) -> None:
    """Keys of other families, misspelt keys and values are refused by name, with what would do."""
    with pytest.raises(BadInput, match=reported):
        read(f"swarm/measured/gcp4-hivemind-32?{query}").devices()


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("swarm/paper/worldwide", "tflops of site 'Oregon': found none"),
        ("swarm/generated/planted?n=16&seed=1", "another one"),
        ("swarm/generated/uniform?n=8&seed=1&cards=T4&each=2", "its sites are drawn"),
        ("swarm/measured/residential-20?each=" + ",".join(["2"] * 20), "nothing is known of links inside it"),
    ],
)
def test_topologies_that_say_too_little_are_refused(name: str, reported: str) -> None:
    """Sites without speed, links made for a grid and sizes of drawn sites are refused with the remedy."""
    with pytest.raises(BadInput, match=reported):
        read(name).devices()


def test_sizes_rates_and_cards_do_what_they_say() -> None:
    """Uneven sites keep the links between and inside sites; rates multiply bandwidths; cards go round the sites."""
    plain = read("swarm/measured/gcp4-hivemind-32").devices()
    other = read("swarm/measured/gcp4-hivemind-32?each=3,1,2,5&rates=10&cards=T4,V100-16").devices()
    assert [site.devices for site in other.sites] == [3, 1, 2, 5]
    assert [site.device for site in other.sites] == ["T4", "V100-16", "T4", "V100-16"]
    assert other.bandwidth_bytes_s[0, 1] == pytest.approx(10 * plain.bandwidth_bytes_s[0, 1])
    assert other.bandwidth_bytes_s[2, 3] == pytest.approx(10 * plain.bandwidth_bytes_s[7, 8])
    assert other.delay_s[3, 6] == plain.delay_s[8, 24]
    np.testing.assert_allclose(other.flops[[0, 3]], [26e12, 50e12])


def test_a_shared_way_out_is_divided() -> None:
    """With a shared card, a device's rate is its part of its site's fastest link to elsewhere."""
    plain = read("swarm/measured/hybrid-dgx2-t4-a10-24").devices()
    shared = read("swarm/measured/hybrid-dgx2-t4-a10-24?network_card=shared").devices()
    assert shared.upload_bytes_s[0] == pytest.approx(plain.bandwidth_bytes_s[0, 8:].max() / 8)
    assert plain.upload_bytes_s[0] == plain.bandwidth_bytes_s[0, 1]


def test_rates_follow_the_fastest_link_where_none_is_declared() -> None:
    """An undeclared upload is the fastest outgoing link, an undeclared download the fastest incoming one."""
    devices = read("swarm/generated/uniform?n=6&seed=2&cards=T4&asymmetry=0.5").devices()
    links = np.where(np.isfinite(devices.bandwidth_bytes_s), devices.bandwidth_bytes_s, 0.0)
    np.testing.assert_array_equal(devices.upload_bytes_s, links.max(axis=1))
    np.testing.assert_array_equal(devices.download_bytes_s, links.max(axis=0))


def test_the_catalogues_hybrid_is_that_of_the_check_values() -> None:
    """All arrays of the named instance are those of the file of check values, to the last bit."""
    instances = json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"]
    data = next(instance for instance in instances if instance["name"] == "hybrid 24")
    from_file = read_instance({**data, "options": {}}, "file", AnyOptions).devices
    named = read("swarm/measured/hybrid-dgx2-t4-a10-24").devices()
    for name in vars(Devices)["__dataclass_fields__"].keys() - {"sites"}:
        np.testing.assert_array_equal(getattr(named, name), getattr(from_file, name), err_msg=name)


def test_sites_keep_host_figures_in_problem_files() -> None:
    """A problem file's host memory and host link arrive in its sites, and negative ones are refused."""
    site = {"name": "a", "devices": 2, "host_memory_gb": 64.0, "host_link_gbps": 126.0}
    data: dict[str, Any] = {
        "name": "two",
        "sites": [site],
        "delay_ms": [[1.0]],
        "bandwidth_gbps": [[1.0]],
        "grid": {"data_parallel": 2, "pipeline_parallel": 1},
        "workload": {"preset": "gpt3-xl"},
    }
    (read_site,) = problem_from_json(data, "file").sites
    assert (read_site.host_memory_gb, read_site.host_link_gbps) == (64.0, 126.0)
    site["host_link_gbps"] = -1.0
    with pytest.raises(BadInput, match="host_link_gbps"):
        problem_from_json(data, "file")


def test_resizing_to_the_same_sizes_changes_nothing() -> None:
    """A topology of uniform sites resized to its own sizes has the same links."""
    topology = catalogue.load("measured/aws10-uneven-64").topology
    same = wrappers.resized(topology, [site.devices for site in topology.sites])
    np.testing.assert_array_equal(same.delay_s, topology.delay_s)
    np.testing.assert_array_equal(same.bandwidth_bytes_s, topology.bandwidth_bytes_s)


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (lambda data: data["devices"].pop("flops"), "devices.flops: missing"),
        (lambda data: data["devices"]["memory_bytes"].pop(), "devices.memory_bytes: found 4 numbers, expected 5"),
        (lambda data: data["devices"]["delay_s"].pop(), "delay_s: found 4 rows, expected 5"),
        (lambda data: data["devices"]["delay_s"][1].__setitem__(0, None), "delay_s\\[1\\]\\[0\\]: found null"),
        (lambda data: data["devices"]["flops"].__setitem__(0, -1.0), "flops has an entry"),
        (lambda data: data["model"].update(head=4), "did you mean 'heads'"),
        (lambda data: data["devices"].update(sites=[["a", 4, "T4"]]), "sites of 4 devices"),
        (lambda data: data.update(extra=1), "extra: unknown key"),
    ],
)
def test_broken_instance_files_are_refused(change: Any, reported: str) -> None:
    """A wrong field is named, with what was found and what was expected."""
    data = copy.deepcopy(json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"][0])
    data["options"] = {}
    change(data)
    with pytest.raises(BadInput, match=reported):
        read_instance(data, "file", AnyOptions)
