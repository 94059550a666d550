"""Problem files: what is read is what was meant, and what is broken is refused with a message."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json, problem_to_json, read_problem

GOOD: dict[str, Any] = {
    "name": "two cities",
    "sites": [{"name": "Oslo", "devices": 3, "latitude": 59.9, "longitude": 10.8}, {"name": "Rome", "devices": 1}],
    "delay_ms": [[1, 30], [40, None]],
    "bandwidth_gbps": [[5, 0.5], [0.25, 0]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 2},
    "workload": {"gradient_bytes": 4e8, "activation_bytes": 1e8},
}

Edit = Callable[[dict[str, Any]], None]


def put(*path: Any, value: Any) -> Edit:
    """An edit of nested data: set the place at `path` to `value`."""

    def edit(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return edit


def drop(key: str) -> Edit:
    """An edit that removes a top-level key."""
    return lambda data: data.pop(key)


BROKEN: dict[str, tuple[Edit, str, str]] = {
    "wrong number of rows": (put("delay_ms", value=[[1, 2]]), "delay_ms", "expected 2, one for each site"),
    "wrong row length": (put("bandwidth_gbps", 1, value=[1]), r"bandwidth_gbps\[1\]", "expected 2"),
    "negative delay": (
        put("delay_ms", 0, 1, value=-3),
        r"delay_ms\[0\]\[1\]",
        "found -3.0, expected a number at least 0",
    ),
    "non-finite delay": (put("delay_ms", 0, 1, value=float("inf")), r"delay_ms\[0\]\[1\]", "finite number"),
    "delay that is no number": (put("delay_ms", 0, 1, value=float("nan")), r"delay_ms\[0\]\[1\]", "finite number"),
    "zero bandwidth": (put("bandwidth_gbps", 1, 0, value=0), r"bandwidth_gbps\[1\]\[0\]", "above 0"),
    "unused link where it is used": (put("delay_ms", 0, 0, value=None), r"delay_ms\[0\]\[0\]", "inside 'Oslo'"),
    "more cells than devices": (put("grid", "pipeline_parallel", value=3), "grid", "such as 1×4, 2×2, 4×1"),
    "unknown preset": (put("workload", value={"preset": "gpt3-xll"}), "workload.preset", "did you mean 'gpt3-xl'"),
    "two workloads": (put("workload", value={"preset": "gpt3-xl", "layers": 2}), "workload", "or {preset} or"),
    "missing key": (drop("delay_ms"), "delay_ms", "missing"),
    "unknown key": (put("bandwith", value=1), "bandwith", "did you mean 'bandwidth_gbps'"),
    "unknown key of a site": (put("sites", 0, "latitud", value=1), r"sites\[0\].latitud", "did you mean 'latitude'"),
    "text for a number": (
        put("bandwidth_gbps", 0, 1, value="1.5"),
        r"bandwidth_gbps\[0\]\[1\]",
        "found '1.5', expected",
    ),
    "truth for a number": (put("sites", 1, "devices", value=True), r"sites\[1\].devices", "found True, expected"),
    "no devices at a site": (put("sites", 1, "devices", value=0), r"sites\[1\].devices", "greater than or equal to 1"),
    "no sites": (put("sites", value=[]), "sites", "found none, expected at least 1"),
    "two sites of one name": (put("sites", 1, "name", value="Oslo"), r"sites\[1\].name", "a second time"),
    "unknown delay convention": (put("delay_is", value="rount-trip"), "delay_is", "'rtt' or 'one-way'"),
    "latitude off the globe": (
        put("sites", 0, "latitude", value=99),
        r"sites\[0\].latitude",
        "less than or equal to 90",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_problem_file_is_refused(tmp_path: Path, fault: str) -> None:
    """Each broken input raises one `BadInput` that names the file, the field and what was expected."""
    edit, field, expected = BROKEN[fault]
    data = copy.deepcopy(GOOD)
    edit(data)
    path = tmp_path / "cities.json"
    path.write_text(json.dumps(data))
    with pytest.raises(
        BadInput, match=rf"cities\.json: {field}\b.*{expected}|cities\.json: {field}.*{expected}"
    ) as reported:
        read_problem(path)
    assert "\n" not in str(reported.value)


@pytest.mark.parametrize("text", ["{", "", "[1, 2]", "\x00", '"text"'])
def test_a_file_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    """Anything but a JSON object raises `BadInput` that names the file."""
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"p\.json: "):
        read_problem(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that does not exist raises `BadInput` that says so."""
    with pytest.raises(BadInput, match=r"nowhere\.json: no such file"):
        read_problem(tmp_path / "nowhere.json")


def test_rows_are_sources_and_units_are_converted() -> None:
    """Delays in ms become seconds, Gbps become bytes per second, and row i column j is the link from i to j."""
    topology = problem_from_json(GOOD, "good").topology
    assert topology.delay_s[0, 3] == 0.030
    assert topology.delay_s[3, 0] == 0.040
    assert topology.bandwidth_bytes_s[0, 3] == 0.5e9 / 8
    assert topology.bandwidth_bytes_s[3, 0] == 0.25e9 / 8
    assert topology.delay_s[0, 1] == 0.001


def test_the_three_forms_of_a_workload() -> None:
    """Bytes, a preset and a transformer's shape are accepted; the last two agree where they say the same."""
    shape = {"layers": 24, "hidden": 2048, "sequence_length": 2048, "sequences_per_iteration": 512}
    by_preset = problem_from_json(GOOD | {"workload": {"preset": "gpt3-xl"}}, "preset")
    by_shape = problem_from_json(GOOD | {"workload": shape}, "shape")
    assert by_preset.workload == by_shape.workload == Workload(12 * 12 * 2048**2 * 4, 256 * 2048 * 2048 * 2)
    assert problem_from_json(GOOD, "bytes").workload == Workload(4e8, 1e8)


@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5), noise=st.booleans())
def test_writing_and_reading_gives_the_same_problem(seed: int, sizes: list[int], noise: bool) -> None:
    """A problem survives the round trip through its file: links of every device and workload, and so every cost."""
    rng = np.random.default_rng(seed)
    sites = tuple(Site(f"s{i}", size, provider="x") for i, size in enumerate(sizes))
    delay_ms = rng.integers(0, 300_000, (len(sizes), len(sizes))) / 1000
    bandwidth_gbps = rng.integers(1, 10_000_000, (len(sizes), len(sizes))) / 1e6
    topology = Topology.between_sites(sites, delay_ms, bandwidth_gbps)
    if noise:
        n = topology.n_devices
        topology = Topology(sites, topology.delay_s + rng.integers(0, 9, (n, n)) / 1e3, topology.bandwidth_bytes_s)
    problem = AllocationProblem("trip", topology, Workload(1e9, 3e8), Shape(topology.n_devices, 1))
    again = problem_from_json(json.loads(json.dumps(problem_to_json(problem))), "again")
    if noise:  # a sum of decimals need not be a decimal: the float next to it may be what the file can say
        np.testing.assert_allclose(again.topology.delay_s, topology.delay_s, rtol=3e-16)
    else:
        assert again.digest == problem.digest
    assert again.workload == problem.workload
