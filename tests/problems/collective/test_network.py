"""Devices, models, overlap, and instance files that hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.devices import devices_of
from tasklet_bench.problems.collective.instance_file import read_instance
from tasklet_bench.problems.collective.model import MODELS, compute_seconds, message_bytes, sequence_flops
from tasklet_bench.problems.collective.overlap import OVERLAPS
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.validation import StrictModel

CHECKS = Path(__file__).parents[1] / "families"


class _Options(StrictModel):
    mixing: str = "ring"
    local: int = 1
    overlap: str = "delayed"
    bytes_per_parameter: float = 4
    local_steps: int = 1


def _instance(index: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((CHECKS / "gossip.json").read_text())["instances"][index]
    return data


DERIVED = ("message_bytes", "compute_s", "rounds", "mixing_factor")


def _sites(*tflops: float | None) -> Topology:
    sites = tuple(Site(f"site-{i}", 2, tflops=speed) for i, speed in enumerate(tflops))
    n = 2 * len(tflops)
    return Topology(sites, np.ones((n, n)), np.ones((n, n)))


def test_an_instance_file_says_what_its_devices_compute() -> None:
    """Message and seconds of computing are those that the check values state."""
    for index in range(3):
        data = _instance(index)
        read = read_instance(data, "file", _Options, given=("multipliers",), derived=DERIVED)
        assert message_bytes(read.network.model, read.options.bytes_per_parameter) == data["message_bytes"]
        compute_s = compute_seconds(read.network.model, read.network.devices, read.options.local_steps)
        np.testing.assert_allclose(compute_s, data["compute_s"][0], rtol=1e-14)


def test_sites_without_a_speed_take_the_default() -> None:
    """Speed and memory of the instance stand in where a site declares none."""
    devices = devices_of(_sites(None, 250.0), tflops=100.0, memory_gb=8.0, efficiency=0.5)
    np.testing.assert_array_equal(devices.flops_s, [50e12, 50e12, 125e12, 125e12])
    np.testing.assert_array_equal(devices.memory_bytes, [8e9] * 4)


def test_without_any_speed_computing_counts_as_nothing() -> None:
    """A default of 0 is no speed; then either all have one, or nobody."""
    devices = devices_of(_sites(None, None), tflops=0.0)
    assert (compute_seconds(MODELS["gpt2-small"], devices) == 0).all()
    with pytest.raises(BadInput, match="tflops of site 'site-0'"):
        devices_of(_sites(None, 250.0), tflops=0.0)


def test_the_model_of_the_field() -> None:
    """gpt2-small weighs 340 MB, and a sequence of it takes 0.8 TFLOP."""
    assert message_bytes(MODELS["gpt2-small"]) == 339738624
    assert sequence_flops(MODELS["gpt2-small"]) == 3 * 12 * (24 * 1024 * 768**2 + 4 * 1024**2 * 768)


def test_overlap_never_hurts() -> None:
    """What is sent arrives the sooner, the more of the exchange runs beside computing."""
    compute_s, exchange_s = np.array([1.0, 1.0, 3.0]), np.array([0.1, 2.0, 0.0])
    none, backward, delayed = (
        OVERLAPS[name].seconds(compute_s, exchange_s) for name in ("none", "backward", "delayed")
    )
    np.testing.assert_allclose(none, compute_s + exchange_s)
    np.testing.assert_allclose(backward, [1.0, 1 / 3 + 2.0, 3.0])
    np.testing.assert_allclose(delayed, exchange_s)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modle": {}}, "modle: unknown key; did you mean 'model'"),
        ({"model": {"preset": "gpt2"}}, "did you mean 'gpt2-small'"),
        ({"model": {"layers": 12}}, "model: found"),
        ({"efficiency": 2.0}, "efficiency: found 2.0"),
        ({"problem": {"mixng": "ring"}}, "problem: mixng: unknown key; did you mean 'mixing'"),
        ({"delay_ms": [[1.0]]}, "delay_ms: found 1 rows"),
    ],
)
def test_files_that_cannot_be_used_are_refused(change: dict[str, Any], message: str) -> None:
    """The message names the field, and the nearest that is known."""
    with pytest.raises(BadInput, match=message):
        read_instance(_instance() | change, "file", _Options, given=("multipliers",), derived=DERIVED)


def test_a_file_may_leave_the_model_to_the_default() -> None:
    """The same goes for the speed of devices and the efficiency."""
    data = {key: _instance()[key] for key in ("name", "sites", "delay_ms", "bandwidth_gbps")}
    assert read_instance(data, "file", _Options).network.model == MODELS["gpt2-small"]
