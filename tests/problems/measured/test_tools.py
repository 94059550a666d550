"""Output of each tool is read as its owner means it, and half of it is refused with what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json
from tasklet_bench.problems.files.measured import Units, Wishes, combine, problem_of, read_all
from tasklet_bench.problems.files.measured.units import unit_in

from . import outputs

Save = Callable[..., list[Path]]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Save texts by file name, `a=b` for one whose name is no identifier."""

    def make(files: dict[str, str]) -> list[Path]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return [tmp_path]

    return make


def figures(paths: list[Path], units: Units = Units()) -> dict[tuple[str, str, str], float]:  # noqa: B008 - frozen
    """All figures of files by source, target and figure; a later one wins."""
    return {(f.source, f.target, f.figure): f.value for r in read_all(paths, units) for f in r.figures}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (outputs.PING, 38.1),
        (outputs.PING_MACOS, 38.114),
        (outputs.PING_QUIET_BUSYBOX, 38.1),
        (outputs.PING_WINDOWS, 38.0),
    ],
    ids=["iputils", "macos", "busybox", "windows"],
)
def test_ping_is_read(save: Save, text: str, expected: float) -> None:
    """The median of the replies counts (not the first, slow one, nor a duplicate), else the average that is printed."""
    result = figures(save({"ping-oslo-to-rome.txt": text}))
    assert result == {("oslo", "rome", "delay_ms"): pytest.approx(expected, abs=1e-3)}


def test_a_lost_ping_is_a_note(save: Save) -> None:
    """Nobody answered: no figure, and the note names both."""
    (reading,) = read_all(save({"oslo-to-rome.ping": outputs.PING_LOST}))
    assert not reading.figures
    assert "no reply from rome to oslo" in reading.notes[0]


@pytest.mark.parametrize("text", [outputs.FPING, outputs.FPING_COUNTED, outputs.FPING_ALIVE], ids=["C", "c", "alive"])
def test_fping_is_read(save: Save, text: str) -> None:
    """Each host's median or average counts; a silent host is a note."""
    (reading,) = read_all(save({"oslo.fping.txt": text}))
    result = {(f.source, f.target): f.value for f in reading.figures}
    assert result["oslo", "rome"] == pytest.approx(38.1)
    assert ("oslo", "lyon") not in result
    assert "no reply from lyon" in reading.notes[0]


def test_iperf3_is_read_in_its_direction(save: Save) -> None:
    """The receiver's rate counts; `--reverse` goes the other way; hosts are the file's, the system's, or addresses."""
    named = figures(save({"oslo-to-rome.iperf3.json": outputs.iperf3(129638594.99)}))
    assert named["oslo", "rome", "bandwidth_gbps"] == pytest.approx(0.12963859499)
    assert named["oslo", "rome", "delay_ms"] == pytest.approx(77.793)
    back = figures(save({"oslo-to-rome.iperf3.json": outputs.iperf3(1e9, reverse=1)}))
    assert back["rome", "oslo", "bandwidth_gbps"] == pytest.approx(1.0)


def test_addresses_become_names(save: Save) -> None:
    """What ping says of an address, and iperf3 of its own machine, joins figures of one host under one name."""
    files = {
        "oslo-to-rome.ping.txt": outputs.PING,
        "run1.json": outputs.iperf3(5e8, system="Linux oslo 6.1.0 x86_64"),
    }
    network = combine(read_all(save(files)))
    assert [site.name for site in network.sites] == ["oslo", "rome"]
    assert network.delay_ms[0, 1] == pytest.approx(38.1), "ping's round trip counts, not that of a full queue"
    assert network.bandwidth_gbps[0, 1] == pytest.approx(0.5)


def test_nccl_tests_measure_both_directions(save: Save) -> None:
    """Bytes become bits, the smallest message's time twice the delay, and both directions were sent at once."""
    result = figures(save({"pairs.log": outputs.NCCL + outputs.NCCL.replace("rome", "bonn")}))
    assert result["oslo", "rome", "bandwidth_gbps"] == result["rome", "oslo", "bandwidth_gbps"] == pytest.approx(0.88)
    assert result["bonn", "oslo", "delay_ms"] == pytest.approx(38.0684)
    inside = figures(save({"pairs.log": outputs.RCCL_OLD}))
    assert inside == {("x0", "x0", "bandwidth_gbps"): pytest.approx(46.56)}


def test_a_map_of_the_topology_zoo_is_read(save: Save) -> None:
    """Parallel links add up, shared labels keep their ids, lone nodes go; distances and paths are flagged."""
    network = combine(read_all(save({"small.graphml": outputs.GRAPHML})))
    names = [site.name for site in network.sites]
    assert names == ["Oslo", "Rome", "Bern (2)", "Bern (4)"]
    assert any("node 3 is left out" in note for note in network.notes)
    content, _ = problem_of(network, Wishes())
    assert content["bandwidth_gbps"][0][2] == pytest.approx(12.5)
    assert content["delay_ms"][0][2] == pytest.approx(14.63, rel=0.01), "1,463 km at 200 km a millisecond, both ways"
    assert content["delay_ms"][0][1] == pytest.approx(content["delay_ms"][0][2] + content["delay_ms"][2][1], rel=1e-4)
    assert content["bandwidth_gbps"][0][1] == pytest.approx(1.0), "the narrowest link of the path"
    by = {(entry["figure"], entry["by"].split(" ")[0]) for entry in content["filled"]}
    assert {("delay_ms", "distance"), ("delay_ms", "shortest"), ("bandwidth_gbps", "narrowest")} <= by


def test_gml_is_read(save: Save) -> None:
    """Entities in labels are letters, and both directions exist although the map calls itself undirected."""
    content, _ = problem_of(combine(read_all(save({"small.gml": outputs.GML}))), Wishes())
    assert [site["name"] for site in content["sites"]] == ["Oslo", "Zürich"]
    assert content["bandwidth_gbps"] == [[None, 10.0], [10.0, None]]


def test_a_providers_matrix_is_read(save: Save) -> None:
    """The corner names figure and unit; blanks are gaps, filled and flagged."""
    content, _ = problem_of(combine(read_all(save({"ibm.csv": outputs.MATRIX})), devices=2), Wishes(grid=(2, 4)))
    assert content["delay_ms"][0] == [0.5, 34.0, 31.0, 123.0]
    assert content["delay_ms"][1][3] == 93.0
    flagged = {(e["figure"], tuple(link)): e["by"] for e in content["filled"] for link in e["links"]}
    assert flagged["delay_ms", (1, 3)] == "the opposite direction"
    assert flagged["delay_ms", (0, 0)] == "0.5 ms inside a site"
    assert content["bandwidth_gbps"][0][3] == pytest.approx(22 / 123, rel=1e-4)
    assert "window law" in flagged["bandwidth_gbps", (0, 3)]
    assert ("delay_ms", (0, 1)) not in flagged


def test_semicolons_decimal_commas_and_seconds(save: Save) -> None:
    """A title above, a byte-order mark, a unit in the corner and dashes for blanks are no obstacle."""
    result = figures(save({"rhein.csv": outputs.MATRIX_GERMAN}))
    assert result == {
        ("Köln", "Bonn", "delay_ms"): pytest.approx(4.0),
        ("Bonn", "Köln", "delay_ms"): pytest.approx(4.0),
    }


def test_a_table_of_links_is_read(save: Save) -> None:
    """The round-trip time counts before the one-way delay, and Mbit/s become Gbps."""
    result = figures(save({"links.csv": outputs.LINKS}))
    assert result["Oslo", "Rome", "delay_ms"] == 38
    assert result["Oslo", "Rome", "bandwidth_gbps"] == pytest.approx(0.9)
    assert result["Oslo", "Oslo", "bandwidth_gbps"] == pytest.approx(10)
    assert ("Rome", "Oslo", "bandwidth_gbps") not in result


def test_a_table_of_hosts_makes_sites_of_hosts(save: Save) -> None:
    """Hosts stand at their sites with their slots; a site's figure is the median of its hosts' figures."""
    links = "from,to,rtt_ms,bandwidth_gbps\na,b,0.2,20\na,c,30,1\nb,c,34,1.2\nb,10.9.9.9,36,1.1\n"
    hosts = "host,site,gpus,address,device\na,Oslo,4,,A100\nb,Oslo,4,,A100\nc,New York,8,10.9.9.9,V100\n"
    content, _ = problem_of(
        combine(read_all(save({"links.csv": links, "hosts.csv": hosts})), contradictions="median"), Wishes()
    )
    assert content["sites"][0] == {
        "name": "Oslo",
        "devices": 8,
        "device": "A100",
        "hosts": [{"name": "a", "slots": 4}, {"name": "b", "slots": 4}],
    }
    assert content["delay_ms"][0] == [0.2, pytest.approx((30 + 35) / 2)]
    assert problem_from_json(content, "x").topology.n_devices == 16


UNITS = {
    "rtt_ms": ("delay_ms", 1.0),
    "Average latency (ms)": ("delay_ms", 1.0),
    "latency [µs]": ("delay_ms", 1e-3),
    "mean_bits_per_second": ("bandwidth_gbps", 1e-9),
    "throughput (Mbit/s)": ("bandwidth_gbps", 1e-3),
    "Bandwidth GB/s": ("bandwidth_gbps", 8.0),
    "bandwidth (MiB/s)": ("bandwidth_gbps", 8 * 1.048576e-3),
    "bandwidth_gbps": ("bandwidth_gbps", 1.0),
    "RTT in s": ("delay_ms", 1e3),
}


@pytest.mark.parametrize("heading", UNITS)
def test_units_of_headings(heading: str) -> None:
    """Bits and bytes, decimal and binary, and times are distinguished."""
    result = unit_in(heading)
    assert result is not None
    assert result[0] == UNITS[heading][0]
    assert result[1] == pytest.approx(UNITS[heading][1])


def broken_iperf3() -> str:
    """A test that its owner interrupted."""
    document = json.loads(outputs.iperf3(1e9))
    return json.dumps({**document, "error": "interrupt - the client has terminated"})


BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "half an iperf3 document": ({"a-to-b.json": outputs.iperf3(1e9)[:300]}, "half a document .* measure again"),
    "an iperf3 error": ({"a-to-b.json": broken_iperf3()}, "interrupt .* measure again"),
    "iperf3 without its end": ({"a-to-b.json": '{"start": {"connected": []}, "end": {}}'}, "end|start"),
    "a ping of nobody": ({"ping.txt": outputs.PING}, "oslo-to-rome|oslo-to-"),
    "a ping broken off": ({"oslo-to-rome.ping": outputs.PING.splitlines()[0]}, "neither a reply nor a summary"),
    "an fping of nobody": ({"out.txt": outputs.FPING}, "oslo.fping.txt"),
    "a ring of ranks": ({"ring.log": outputs.RCCL_RING}, "3, a ring of all of them, expected 2"),
    "nccl broken off": ({"n.log": outputs.NCCL[: outputs.NCCL.index("           8 ")]}, "broke off"),
    "a row of nccl broken off": (
        {"n.log": outputs.NCCL[: outputs.NCCL.index("     sum      -1  1192")]},
        "all its columns",
    ),
    "wrong data": (
        {"n.log": outputs.NCCL.replace("0.11      0  1192881", "0.11      7  1192881")},
        "#wrong at size 134217728",
    ),
    "XML broken off": ({"m.graphml": outputs.GRAPHML[:900]}, "whole XML"),
    "entities": (
        {"m.graphml": '<!DOCTYPE graphml [<!ENTITY a "aa">]>' + outputs.GRAPHML.partition("?>")[2]},
        "no GraphML needs one",
    ),
    "an edge to nowhere": ({"m.graphml": outputs.GRAPHML.replace('target="4"', 'target="9"')}, "node '9'"),
    "GML broken off": ({"m.gml": outputs.GML[:-20]}, "open brackets"),
    "a matrix without a unit": ({"m.csv": outputs.MATRIX.replace("Average latency (ms)", "from")}, "--delay-unit"),
    "a matrix with a word": ({"m.csv": outputs.MATRIX.replace("123", "far", 1)}, "'far'"),
    "a source twice": ({"m.csv": outputs.MATRIX.replace("Toronto,34", "Dallas,34")}, "each source once"),
    "links without a unit": ({"l.csv": "from,to,latency\na,b,3\n"}, "column latency: its unit"),
    "links without an end": ({"l.csv": "from,to,rtt_ms\na,,3\n"}, "row 2: its ends"),
    "a negative delay": ({"l.csv": "from,to,rtt_ms\na,b,-3\n"}, "'-3'"),
    "no bandwidth": ({"l.csv": "from,to,gbps\na,b,0\n"}, "above 0, or a blank"),
    "no tool": ({"README": "hello\n"}, "expected output of one of problem file, GraphML"),
    "nothing": ({"empty.txt": ""}, "found nothing"),
    "contradicting pings": (
        {"a-to-rome.ping": outputs.PING, "again/a-to-rome.ping": outputs.PING.replace("38.", "138.")},
        "38.1 ms from a to rome in .*contradict each other; measure again",
    ),
    "contradicting directions": ({"l.csv": "from,to,rtt_ms\na,b,10\nb,a,90\n"}, "contradict each other"),
    "an island": (
        {"l.csv": "from,to,rtt_ms\na,b,10\nc,d,9\n"},
        "a to c: delay: found neither a measurement nor a path",
    ),
    "a host that the table lacks": (
        {"l.csv": "from,to,rtt_ms\noslo,rome,10\n", "hosts.csv": "host,gpus\noslo,1\nroma,1\n"},
        "'rome'.*did you mean 'roma'",
    ),
    "a column of hosts misspelt": ({"hosts.csv": "host,gpus,latitud\na,1,2\n"}, "did you mean 'latitude'"),
    "a host that is an option": ({"hosts.csv": "host,gpus\n-o,1\n"}, "a host name or an address"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_output_is_refused(save: Save, fault: str) -> None:
    """The message names the file, what was found, and what to do."""
    files, message = BROKEN[fault]
    with pytest.raises(BadInput, match=message):
        problem_of(combine(read_all(save(files))), Wishes())


def test_contradictions_may_be_settled_by_the_median(save: Save) -> None:
    """Who wants it gets the median of what contradicts."""
    paths = save({"l.csv": "from,to,rtt_ms\na,b,10\na,b,90\na,b,11\nb,a,11\n"})
    network = combine(read_all(paths), contradictions="median")
    assert network.delay_ms[0, 1] == 11


GAPS: dict[str, Any] = {
    "name": "gaps",
    "sites": [{"name": "Dallas", "devices": 2}, {"name": "Bonn", "devices": 2}, {"name": "London", "devices": 2}],
    "delay_ms": [[None, 120, 113], [120, None, None], [113, None, None]],
    "bandwidth_gbps": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 3},
    "workload": {"preset": "gpt3-xl"},
}


def test_a_problem_file_with_gaps_is_completed_and_can_be_measured_again(save: Save) -> None:
    """Gaps are filled and flagged, and a later measurement of a filled link takes the place of the guess."""
    paths = save({"gaps.json": json.dumps(GAPS)})
    content, _ = problem_of(combine(read_all(paths)), Wishes())
    assert content["delay_ms"][1][2] == 233
    assert content["name"] == "gaps"
    assert content["grid"] == GAPS["grid"]
    more = save({"gaps.json": json.dumps(content), "links.csv": "from,to,rtt_ms\nBonn,London,13\n"})
    again, _ = problem_of(combine(read_all(more)), Wishes())
    assert again["delay_ms"][1][2] == again["delay_ms"][2][1] == 13
    flagged = {(e["figure"], tuple(link)): e["by"] for e in again["filled"] for link in e["links"]}
    assert ("delay_ms", (1, 2)) not in flagged
    assert flagged["delay_ms", (2, 1)] == "the opposite direction"


def test_a_grid_that_does_not_fit_is_replaced(save: Save) -> None:
    """Six devices for 2×4: another grid is chosen, and said; for 1×5 one is a spare, and the grid stays."""
    paths = save({"gaps.json": json.dumps({**GAPS, "grid": {"data_parallel": 2, "pipeline_parallel": 4}})})
    content, notes = problem_of(combine(read_all(paths)), Wishes())
    assert content["grid"] == {"data_parallel": 2, "pipeline_parallel": 3}
    assert any("does not fit 6 devices" in note for note in notes)
    paths = save({"gaps.json": json.dumps({**GAPS, "grid": {"data_parallel": 1, "pipeline_parallel": 5}})})
    assert problem_of(combine(read_all(paths)), Wishes())[0]["grid"] == {"data_parallel": 1, "pipeline_parallel": 5}
