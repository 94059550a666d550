"""Problem files out of the cloud tables that ship: `clouds:aws/us-east-1=8xA100,gcp/europe-west1=4xV100`.

Delays and bandwidths between regions are Skyplane's; a region that it lacks has the delays of its provider's table, and
bandwidths by the window law. What no table has is filled and flagged like the gaps of any measurement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.families import CLOUDS
from tasklet_bench.problems.files.measured.combining import Network, SiteDraft
from tasklet_bench.problems.files.measured.filling import Rules
from tasklet_bench.problems.files.measured.problem import Wishes, problem_of
from tasklet_bench.problems.instances.name import Key, Values, number, read, whole
from tasklet_bench.problems.instances.site_table import SiteTable

PREFIX = CLOUDS
STREAMS = 8
LONGEST_NAME = 80
_ENTRY = re.compile(r"(?P<region>[a-z]+/[a-z0-9-]+)=(?P<devices>\d{1,5})x(?P<kind>[A-Za-z0-9-]+)")
_TABLES = {"skyplane": None, "aws32-cloudping": "aws", "azure": "azure"}
"""Tables by trust; regions of the first begin with their provider, the others are of one provider."""
_EXAMPLE = "PROVIDER/REGION=NxTYPE,… such as aws/us-east-1=8xA100,gcp/europe-west1=4xV100"


def content_of(text: str) -> dict[str, Any]:
    """The content of a problem file for a preset; raises `BadInput` for an unknown region, type or key."""
    listed, _, query = text.removeprefix(PREFIX).partition("?")
    sites = _sites([_entry(entry.strip(), text) for entry in listed.split(",")])
    values = _values(text, query)
    delays = np.full((len(sites), len(sites)), np.nan)
    rates = delays.copy()
    for i, a in enumerate(sites):
        for j, b in enumerate(sites):
            delays[i, j], rates[i, j] = _link(a.region, b.region)
    drafts = tuple(SiteDraft(site.name, site.devices, (), _attributes(site)) for site in sites)
    n_devices, d = sum(site.devices for site in sites), int(values["dp"])
    if d and n_devices % d:
        raise BadInput.at(text, "dp", d, f"a divisor of {n_devices} devices")
    rules = Rules(int(values["streams"]), float(values["nic_gbps"]))
    name = text if len(text) <= LONGEST_NAME else f"{PREFIX}{n_devices} devices in {len(sites)} regions"
    grid = (d, n_devices // d) if d else None
    wishes = Wishes(name, grid=grid, workload={"preset": str(values["workload"])}, rules=rules)
    content, _ = problem_of(Network(drafts, delays, rates, {}, False, {}, ()), wishes)
    return content


@dataclass(frozen=True)
class _Site:
    name: str
    region: str
    devices: int
    kind: str


def _entry(entry: str, text: str) -> _Site:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise BadInput.at(text[:LONGEST_NAME], "a region", repr(entry[:LONGEST_NAME]), _EXAMPLE)
    if match["region"] not in regions():
        raise BadInput(f"{PREFIX} unknown region {match['region']!r}{nearest(match['region'], regions())}")
    if int(match["devices"]) < 1:
        raise BadInput.at(text[:LONGEST_NAME], "a region", repr(entry), "at least one device")
    return _Site(match["region"], match["region"], int(match["devices"]), _card(match["kind"]))


def _card(kind: str) -> str:
    """The known type that was meant: `A100` is the first of `A100-40`, `A100-80`."""
    from tasklet_bench.problems.instances.measured import card_types

    for card in card_types():
        if card.lower() == kind.lower() or card.lower().startswith(f"{kind.lower()}-"):
            return card
    raise BadInput(f"{PREFIX} unknown type of device {kind!r}{nearest(kind, card_types())}")


def _sites(entries: list[_Site]) -> list[_Site]:
    """The sites, with their type in the name where a region stands more than once."""
    regions = [entry.region for entry in entries]
    named: list[_Site] = []
    for entry in entries:
        name = entry.region if regions.count(entry.region) == 1 else f"{entry.region} {entry.kind}"
        if any(name == other.name for other in named):
            raise BadInput.at(PREFIX, "a region", f"{name!r} twice", "each region once for a type of device")
        named.append(_Site(name, entry.region, entry.devices, entry.kind))
    return named


def _values(text: str, query: str) -> Values:
    from tasklet_bench.problems.workload import PRESETS

    def preset(given: str) -> str:
        if given not in PRESETS:
            raise BadInput.unknown("preset", given, PRESETS)
        return given

    keys = (
        whole("dp", "replicas D; 0 for the squarest grid", default=0),
        Key("workload", preset, f"one of {', '.join(PRESETS)}", "the model", "gpt3-xl"),
        whole("streams", "TCP streams, where bandwidths were not measured", least=1, default=STREAMS),
        number("nic_gbps", "rate of the network card", 0.001, 10_000.0, 10.0),
    )
    given = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return read(text[:LONGEST_NAME], given, keys)


@cache
def regions() -> dict[str, dict[str, int]]:
    """Every region, `provider/region`, and its row in each table that has it."""
    result: dict[str, dict[str, int]] = {}
    for table, provider in _TABLES.items():
        for index, name in enumerate(SiteTable.read(table).names):
            owner, _, region = name.partition(":") if provider is None else (provider, "", name)
            if owner == "gcp":
                region = re.sub("-[a-f]$", "", region)  # its zone
            result.setdefault(f"{owner}/{region}", {})[table] = index
    return result


def _link(a: str, b: str) -> tuple[float, float]:
    """Round-trip time (ms) and bandwidth (Gbps) from one region to another by the first table that has it, else NaN."""
    if a == b:
        return np.nan, np.nan
    delay = rate = np.nan
    for name in _TABLES:
        table, known = SiteTable.read(name), regions()
        if name in known[a] and name in known[b]:
            i, j = known[a][name], known[b][name]
            delay = table.rtt_ms[i, j] if np.isnan(delay) else delay
            rate = table.gbps[i, j] if np.isnan(rate) else rate
    return float(delay), float(rate)


def _attributes(site: _Site) -> dict[str, Any]:
    """Place, provider and card, as a problem file names them."""
    from tasklet_bench.problems.instances.measured import with_card
    from tasklet_bench.problems.topology import Site

    table, index = next(iter(regions()[site.region].items()))
    about = SiteTable.read(table).about[index]
    place = Site(
        site.name, site.devices, float(about["latitude"]), float(about["longitude"]), site.region.partition("/")[0]
    )
    written = vars(with_card(place, site.kind))
    return {key: value for key, value in written.items() if value is not None and key not in ("name", "devices")}
