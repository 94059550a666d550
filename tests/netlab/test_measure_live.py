"""A network of namespaces is measured for real."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(not all(map(shutil.which, ("ip", "ping", "iperf3"))), reason="ip, ping or iperf3 is missing"),
    pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="there is no /dev/net/tun"),
]


@pytest.mark.timeout(500)
def test_a_network_of_namespaces_is_measured_as_it_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty links, each with a delay and a bandwidth of its own, come out within a quarter; none is filled."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import measure_five_hosts

    content = measure_five_hosts.measured(tmp_path, seconds=2)
    assert [site["name"] for site in content["sites"]] == [f"host-{d}" for d in range(5)]
    assert "filled" not in content
    of_delays, of_bandwidths = measure_five_hosts.deviations(content)
    assert of_delays < 0.25
    assert of_bandwidths < 0.25
    assert len(list((tmp_path / "raw").glob("*.iperf3.json"))) == 20
    assert "measure_five_hosts" in sys.modules
