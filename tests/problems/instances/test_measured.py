"""The measured tables say what their sources say."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.data import toml
from tasklet_bench.problems.instances.features import triangle_violations
from tasklet_bench.problems.instances.measured import caps_gbps
from tasklet_bench.problems.instances.site_table import TABLES, SiteTable
from tasklet_bench.problems.instances.window_law import streams_gbps

FIGURES = list(csv.DictReader((Path(__file__).parent / "source_figures.csv").open(newline="", encoding="utf-8")))
"""Twenty links of each table (all there are of a smaller one), taken from the source."""

TABLE_NAMES = sorted({row["table"] for row in FIGURES})


def test_every_table_is_checked_against_its_source() -> None:
    """Each table has twenty checked links, or all of its measured ones."""
    assert sorted(path.name.removesuffix(".sites.csv") for path in TABLES.glob("*.sites.csv")) == TABLE_NAMES
    counts = {name: sum(row["table"] == name for row in FIGURES) for name in TABLE_NAMES}
    assert {name: count for name, count in counts.items() if count < 20} == {"gcp4-hivemind": 16, "hybrid-hivemind": 3}


@pytest.mark.parametrize("table_name", TABLE_NAMES)
def test_table_holds_the_figures_of_its_source(table_name: str) -> None:
    """Delays and bandwidths are those of the source, to the digit (residential: caps rounded to 0.1 Mbit/s)."""
    table = SiteTable.read(table_name)
    gbps = table.gbps
    if table_name == "residential":
        caps = np.array([[float(row["upload_gbps"]), float(row["download_gbps"])] for row in table.about])
        gbps = caps_gbps(*caps.T)
    for row in (row for row in FIGURES if row["table"] == table_name):
        i, j = table.names.index(row["from"]), table.names.index(row["to"])
        if row["rtt_ms"]:
            assert table.rtt_ms[i, j] == float(row["rtt_ms"]), row
        if row["gbps"]:
            tolerance = 1.01e-4 if table_name == "residential" else 0
            assert gbps[i, j] == pytest.approx(float(row["gbps"]), abs=tolerance, rel=0), row


@pytest.mark.parametrize("table_name", TABLE_NAMES)
def test_table_has_a_notice(table_name: str) -> None:
    """Each table stands in NOTICE, with a licence."""
    notice = (TABLES.parent / "NOTICE").read_text(encoding="utf-8")
    headings = [line for line in notice.splitlines() if line and not line.startswith(" ")]
    assert any(table_name in heading.replace(",", " ").split() for heading in headings)


def test_planetlab_has_the_known_share_of_triangle_violations() -> None:
    """For 5.7 % of all pairs and third hosts, the detour is faster."""
    topology = catalogue.load("measured/planetlab-128").topology
    assert triangle_violations(topology.delay_s) == pytest.approx(0.0567, abs=5e-5)


def test_skyplane_keeps_directions_apart() -> None:
    """What leaves a cloud is capped by its provider: the caps show in the table."""
    table = SiteTable.read("skyplane")
    provider = np.array([row["provider"] for row in table.about])
    other = provider[:, None] != provider[None, :]
    highest = {name: np.nanmax(table.gbps[(provider == name)[:, None] & other]) for name in ("aws", "gcp", "azure")}
    assert highest["aws"] < 6
    assert highest["gcp"] < 8
    assert highest["azure"] > 10


def test_window_law_joins_delay_and_bandwidth() -> None:
    """One stream moves 22 Mbit a round trip, streams add up, and the network card caps them."""
    rtt_ms = np.array([[22.0, 0.0], [220.0, 1.0]])
    assert np.array_equal(streams_gbps(rtt_ms, 1, 10.0), [[1.0, 10.0], [0.1, 10.0]])
    assert streams_gbps(rtt_ms, 8, 10.0)[1, 0] == 0.8


def test_streams_key_changes_modelled_bandwidths_alone() -> None:
    """More streams never make a link slower, and delays stay as they were measured."""
    one, many = (catalogue.load(f"measured/azure48-96?streams={s}").topology for s in (1, 64))
    assert (one.delay_s == many.delay_s).all()
    assert (one.bandwidth_bytes_s <= many.bandwidth_bytes_s).all()
    assert (one.bandwidth_bytes_s < many.bandwidth_bytes_s).any()


def test_a_homes_upload_caps_all_its_links() -> None:
    """A residential node's fastest link has its whole upload, unless nobody can download so much."""
    problem = catalogue.load("measured/residential-20")
    gbps = problem.topology.bandwidth_bytes_s / 1.25e8
    np.fill_diagonal(gbps, 0)
    for node, row in zip(problem.sites, gbps, strict=True):
        best_download = max(site.download_gbps for site in problem.sites if site is not node)  # type: ignore[type-var]
        assert row.max() == pytest.approx(min(node.upload_gbps, best_download))  # type: ignore[type-var]


def test_assumptions_fill_only_what_was_not_measured() -> None:
    """Inside a site the measured figure wins; the one unmeasured link of the hybrid table is the assumed one."""
    measured = catalogue.load("measured/gcp4-hivemind-32").topology
    assert measured.delay_s[0, 1] == pytest.approx(0.6594e-3)
    hybrid = catalogue.load("measured/hybrid-dgx2-t4-a10-24").topology
    assert hybrid.delay_s[16, 17] == pytest.approx(0.2959e-3)
    assert hybrid.delay_s[8, 9] == pytest.approx(0.6514e-3)
    assert hybrid.delay_s[8, 16] == hybrid.delay_s[16, 8] == pytest.approx(0.1031)


@pytest.mark.parametrize("instance", toml("measured"))
def test_devices_have_known_speeds(instance: str) -> None:
    """Every site of a measured instance names its type of device, with speed and memory."""
    for site in catalogue.load(f"measured/{instance}").sites:
        assert site.device
        assert site.tflops > 0
        assert site.memory_gb > 0
