"""What is no Dask scheduler is reported within seconds, and an encrypted one is reached with three files."""

from __future__ import annotations

import http.server
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklet_bench.problems.bad_input import BadInput

distributed = pytest.importorskip("distributed")

from tasklet_bench.bench.engines.dask_address import TlsFiles, check_scheduler  # noqa: E402

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
RUN = ["run", "-p", "generated/uniform?n=8&dp=2&seed=1", "-s", "random-partition", "--evaluations", "10",
       "--seeds", "1", "--out", "o", "--engine", "dask"]  # fmt: skip


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that accepts and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a web server."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("address", ["foo", "", "x://y:z", "http://127.0.0.1:1", "tls://127.0.0.1:1", "127.0.0.1:1"])
def test_what_is_no_address_of_a_scheduler_is_refused(address: str) -> None:
    """The message names the option, what was typed and what is expected."""
    with pytest.raises(BadInput, match=f"option --scheduler: address: found {re.escape(repr(address))}"):
        check_scheduler(address)


def test_servers_of_another_kind_are_reported_in_a_sentence(silent: str, web: str, tmp_path: Path) -> None:
    """A socket that says nothing and a web server end in status 2, long before Dask's own client gives up."""
    for address in (silent, web):
        began = time.monotonic()
        command = [SCRIPT, *RUN, "--scheduler", address]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.strip().splitlines()
        assert line.startswith(f"tasklet-bench: option --scheduler: address: found '{address}'")
        assert time.monotonic() - began < 90, "Dask itself waits for minutes"


def test_an_encrypted_scheduler_is_reached_with_its_files_only(tmp_path: Path) -> None:
    """With --tls-ca, --tls-cert and --tls-key the run is made; without them, or with another's, status 2 says so."""
    for name in ("ours", "others"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.pem"],
            cwd=tmp_path, capture_output=True, check=True,
        )  # fmt: skip
    tls = ["--tls-ca-file", "ours.pem", "--tls-cert", "ours.pem", "--tls-key", "ours.key"]
    file = tmp_path / "scheduler.json"
    cli = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*cli, "distributed.cli.dask_scheduler", "--host", "tls://127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", file, *tls], cwd=tmp_path, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    worker = None
    try:
        while not file.exists() or not file.read_text().strip().endswith("}"):
            time.sleep(0.1)
        address = re.search(r"tls://[0-9.:]+", file.read_text())
        assert address is not None
        worker = subprocess.Popen(
            [*cli, "distributed.cli.dask_worker", address[0], "--nthreads", "1", "--no-dashboard", "--no-nanny", *tls],
            cwd=tmp_path, stderr=subprocess.DEVNULL,
        )  # fmt: skip

        def run(name: str | None) -> subprocess.CompletedProcess[str]:
            files = ["--tls-ca", f"{name}.pem", "--tls-cert", f"{name}.pem", "--tls-key", f"{name}.key"] if name else []
            command = [SCRIPT, *RUN, "--scheduler", address[0], *files]
            return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)

        for refused in (run(None), run("others")):
            assert refused.returncode == 2, refused.stderr
            assert "Traceback" not in refused.stderr
        done = run("ours")
        assert done.returncode == 0, done.stderr
        assert "1 runs made" in done.stdout
    finally:
        for process in filter(None, (worker, scheduler)):
            process.kill()
            process.wait()


def test_files_that_are_not_for_tls_are_named(tmp_path: Path) -> None:
    """A file that is missing is named by its option, one that is no certificate is refused before anything is asked."""
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    with pytest.raises(BadInput, match=r"option --tls-key: its value: found missing\.pem"):
        TlsFiles(text, text, Path("missing.pem")).security()
    with pytest.raises(BadInput, match="cannot be used"):
        TlsFiles(text, text, text).security()
