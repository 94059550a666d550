"""Problem files: JSON that people write by hand.

Milliseconds and Gbps stand in the file only; what is returned is in seconds and bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.allocation.rules import Contradiction
from tasklet_bench.problems.allocation.site_level import make_problem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.hosts import HostEntry, check_hosts_apart, read_hosts
from tasklet_bench.problems.files.profile_file import ProfileFile, profile_from_json
from tasklet_bench.problems.files.rules_file import RulesFile, read_rules
from tasklet_bench.problems.files.size import DENSE_DEVICES, check_devices
from tasklet_bench.problems.files.source import read_json, sound
from tasklet_bench.problems.files.units import ask_about_units, unit_questions
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.problems.topology import Filled, Site, Topology
from tasklet_bench.problems.validation import Name, ProblemName, StrictModel, validated
from tasklet_bench.problems.workload import PRESETS, Shape, Transformer, Workload, workload_of_preset

Matrix = list[list[float | None]]

LEAST, MOST = 1e-9, 1e12
"""Figures beyond these are no rates, delays or sizes of anything, and products of them would overflow."""
MOST_BYTES = 1e24
Rate = Annotated[float, Field(ge=LEAST, le=MOST)]
Price = Annotated[float, Field(ge=0, le=MOST)]


class _Site(StrictModel):
    name: Name
    devices: int = Field(ge=1)
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    provider: Name | None = None
    device: Name | None = None
    tflops: Rate | None = None
    memory_gb: Rate | None = None
    host_memory_gb: Rate | None = None
    host_link_gbps: Rate | None = None
    upload_gbps: Rate | None = None
    download_gbps: Rate | None = None
    price_per_hour: Price | None = None
    egress_price_per_gb: Price | None = None
    hosts: list[HostEntry] | None = Field(None, min_length=1)


class _Grid(StrictModel):
    data_parallel: int = Field(ge=1)
    pipeline_parallel: int = Field(ge=1)


class _Workload(StrictModel):
    gradient_bytes: float | None = Field(None, ge=0, le=MOST_BYTES)
    activation_bytes: float | None = Field(None, ge=0, le=MOST_BYTES)
    preset: str | None = None
    layers: int | None = Field(None, ge=1)
    hidden: int | None = Field(None, ge=1)
    sequence_length: int | None = Field(None, ge=1)
    sequences_per_iteration: int | None = Field(None, ge=1)


class _Filled(StrictModel):
    figure: Literal["delay_ms", "bandwidth_gbps"]
    by: str
    links: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(min_length=1)


class _LinksFile(StrictModel):
    name: ProblemName
    sites: list[_Site] = Field(min_length=1)
    delay_ms: Matrix
    bandwidth_gbps: Matrix
    delay_is: Literal["rtt", "one-way"] = "rtt"
    filled: list[_Filled] = Field(default_factory=list)


class _ProblemFile(_LinksFile, RulesFile):
    grid: _Grid
    workload: _Workload
    profile: ProfileFile | None = None


def read_problem(path: str | Path) -> AllocationProblem:
    """Read a problem file; raises `BadInput` that names the file, the field, what was found and what was expected."""
    return problem_from_json(read_problem_json(path), str(path))


def read_problem_json(path: str | Path) -> Any:
    """The content of a problem file; a profile that it names by its file, relative to its own folder, is put in."""
    data = read_json(path)
    if isinstance(data, dict) and isinstance(data.get("profile"), str):
        return {**data, "profile": read_json(Path(path).parent / data["profile"])}
    return data


def ask_about_problem(data: dict[str, Any], source: str) -> None:
    """Ask about figures of a problem file, which has been read without a fault, that look like another unit's."""
    if not {"sites", "delay_ms", "bandwidth_gbps"} <= set(data):
        return
    places = [(site.get("latitude"), site.get("longitude")) for site in data["sites"]]
    known = [None if None in place else place for place in places]
    ask_about_units(source, unit_questions(data["delay_ms"], data["bandwidth_gbps"], known))


def problem_from_json(data: Any, source: str) -> AllocationProblem:
    """Make a problem from the content of a problem file; `source` is what errors call it."""
    file = validated(_ProblemFile, data, source)
    with sound(source):
        topology = _topology(file, source, by_site=not (file.pins or file.exclude or file.together or file.apart))
        shape = Shape(file.grid.data_parallel, file.grid.pipeline_parallel)
        rules = read_rules(file, topology.sites, source)
        workload = _workload(file.workload, shape, source)
        if file.profile is not None:
            workload = replace(workload, profile=profile_from_json(data["profile"], f"{source}: profile"))
        try:
            return make_problem(file.name, topology, workload, shape, rules)
        except Contradiction as fault:
            raise BadInput.at(source, fault.field, fault.found, fault.expected) from None


def topology_from_json(data: Any, source: str) -> Topology:
    """Make a topology from the keys of a problem file that describe sites and links, its `name` among them."""
    with sound(source):
        return _topology(validated(_LinksFile, data, source), source)


def _topology(file: _LinksFile, source: str, *, by_site: bool = False) -> Topology:
    """Sites and links; kept by site, where that is asked for and there are many devices."""
    n_devices = sum(site.devices for site in file.sites)
    by_site = by_site and n_devices > DENSE_DEVICES
    check_devices(n_devices, source, "sites", len(file.sites) if by_site else None)
    sites = tuple(
        Site(**{**site.model_dump(exclude={"hosts"}), "hosts": read_hosts(site.hosts, site.devices, source, index)})
        for index, site in enumerate(file.sites)
    )
    check_hosts_apart(sites, source)
    names = [site.name for site in sites]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise BadInput.at(source, f"sites[{index}].name", f"{name!r} a second time", "a name of its own")
    delay_ms = _matrix(
        file.delay_ms, sites, f"{source}: delay_ms", f"at least 0, at most {MOST:g}", lambda ms: 0 <= ms <= MOST, 0.0
    )
    bandwidth_gbps = _matrix(
        file.bandwidth_gbps,
        sites,
        f"{source}: bandwidth_gbps",
        f"above 0, from {LEAST:g} to {MOST:g}",
        lambda gbps: LEAST <= gbps <= MOST,
        math.inf,
    )
    kept: type[Topology] = SiteTopology if by_site else Topology
    return kept.between_sites(sites, delay_ms, bandwidth_gbps, file.delay_is, _filled(file.filled, sites, source))


def _filled(entries: list[_Filled], sites: tuple[Site, ...], source: str) -> tuple[Filled, ...]:
    last = len(sites) - 1
    for index, entry in enumerate(entries):
        for number, link in enumerate(entry.links):
            if not all(0 <= site <= last for site in link):
                place = f"filled[{index}].links[{number}]"
                raise BadInput.at(source, place, list(link), f"two site numbers from 0 to {last}")
    return tuple(Filled(entry.figure, entry.by, tuple((a, b) for a, b in entry.links)) for entry in entries)


def _matrix(
    rows: Matrix,
    sites: tuple[Site, ...],
    where: str,
    expected: str,
    valid: Callable[[float], bool],
    unused: float,
) -> NDArray[np.float64]:
    """Site × site figures; the diagonal of a site of one device is never used and becomes `unused`."""
    n = len(sites)
    if len(rows) != n:
        raise BadInput(f"{where}: found {len(rows)} rows, expected {n}, one for each site")
    matrix = np.empty((n, n))
    for i, row in enumerate(rows):
        if len(row) != n:
            raise BadInput(f"{where}[{i}]: found {len(row)} numbers, expected {n}, one for each site")
        for j, value in enumerate(row):
            if i == j and sites[i].devices == 1:
                matrix[i, j] = unused
            elif value is None or not valid(value):
                result = "null" if value is None else value
                raise BadInput(f"{where}[{i}][{j}]: found {result}, expected a number {expected}{_inside(i, j, sites)}")
            else:
                matrix[i, j] = value
    return matrix


def _inside(i: int, j: int, sites: tuple[Site, ...]) -> str:
    return f" for the links inside {sites[i].name!r} with its {sites[i].devices} devices" if i == j else ""


_WORKLOAD_FORMS = (
    ("gradient_bytes", "activation_bytes"),
    ("preset",),
    ("layers", "hidden", "sequence_length", "sequences_per_iteration"),
)


def _workload(given: _Workload, shape: Shape, source: str) -> Workload:
    values = given.model_dump(exclude_none=True)
    form = max(_WORKLOAD_FORMS, key=lambda form: len(set(form) & set(values)))
    if set(values) != set(form):
        forms = " or ".join("{" + ", ".join(form) + "}" for form in _WORKLOAD_FORMS)
        raise BadInput.at(source, "workload", "{" + ", ".join(values) + "}", forms)
    if "preset" in values:
        if values["preset"] not in PRESETS:
            raise BadInput(f"{source}: workload.preset: {BadInput.unknown('preset', values['preset'], PRESETS)}")
        return workload_of_preset(values["preset"], shape)
    return Transformer(**values).workload(shape) if "layers" in values else Workload(**values)
