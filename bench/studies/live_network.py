"""Measure a network now: `ping` and `iperf3` between hosts, over ssh or in network namespaces of this machine.

What the tools print is kept in files, a file for each test, and read like any other output of theirs. Pairs are
measured one after the other, so that they do not disturb each other, and every command has a time limit on its host.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.hosts import check_host_name

PINGS = 5
PING_LIMIT_S = 12
SLOW_START_S = 1
GRACE_S = 10
FIRST_PORT, PORTS = 52_000, 1_000
CONNECT_TRIES = 8
LEAST_HOSTS = 2
_SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5")


@dataclass(frozen=True)
class LiveHost:
    """A host: what it is called here and by the machine, how to run a command on it, and where the others reach it."""

    name: str
    machine: str
    via: tuple[str, ...]
    address: str
    over_ssh: bool

    def command(self, *words: str) -> list[str]:
        """The command that runs these words on the host."""
        return [*self.via, shlex.join(words)] if self.over_ssh else [*self.via, *words]


def hosts_typed(text: str) -> list[LiveHost]:
    """The hosts of `--run`: names with commas between, or a table of hosts; raises `BadInput` for fewer than two.

    A name is one for ssh, `USER@NAME`, or `netns:NAME` for a network namespace; `LABEL=` before it is what it is
    called.
    """
    entries = _of_table(Path(text)) if Path(text).is_file() else [(entry, None) for entry in text.split(",") if entry]
    hosts = [_host(entry.strip(), address) for entry, address in entries]
    if len({host.name for host in hosts}) < max(LEAST_HOSTS, len(hosts)):
        raise BadInput.at("option --run", "its hosts", repr(text[:60]), "at least two hosts, each once")
    return hosts


def _of_table(path: Path) -> list[tuple[str, str | None]]:
    from tasklet_bench.problems.files.measured.files import read_file

    reading = read_file(path)
    addresses = {name: address for address, name in reading.aliases}
    return [(place.name, addresses.get(place.name)) for place in reading.places if place.is_host]


def _host(entry: str, address: str | None) -> LiveHost:
    label, equals, target = entry.rpartition("=")
    if equals:
        check_host_name(label, "option --run", "a label")
    if target.startswith("netns:"):
        space = target.removeprefix("netns:")
        check_host_name(space, "option --run", "a namespace")
        via = ("ip", "netns", "exec", space)
        return LiveHost(label or space, space, via, address or _address_in(space, via), over_ssh=False)
    user, at, machine = target.rpartition("@")
    for part in (machine, *([user] if at else [])):
        check_host_name(part, "option --run", "a host")
    return LiveHost(label or machine, machine, (*_SSH, "--", target), address or machine, over_ssh=True)


def _address_in(space: str, via: tuple[str, ...]) -> str:
    """The first IPv4 address of a namespace that others can reach."""
    done = _done([*via, "ip", "-4", "-o", "addr", "show", "scope", "global"], PING_LIMIT_S)
    match = re.search(r"inet ([\d.]+)", done.stdout)
    if match is None:
        result = done.stderr.strip().splitlines()[-1:] or ["no address"]
        raise BadInput.at("option --run", f"netns:{space}", result[0], "a namespace with an address (`ip netns list`)")
    return match[1]


def measure_all(hosts: list[LiveHost], folder: Path, seconds: int) -> Iterator[str]:
    """Measure all ordered pairs, keep what was printed in `folder`, and tell each pair as it is done.

    Raises `BadInput` for a host that cannot be reached or lacks a tool; a test that fails is reported and leaves a gap.
    """
    for host in hosts:
        _check_tools(host)
    for number, (a, b) in enumerate(permutations(hosts, 2)):
        reported = [_ping(a, b, folder), _iperf3(a, b, folder, seconds, FIRST_PORT + number % PORTS)]
        yield f"{a.name} to {b.name}: " + ", ".join(reported)


def write_hosts(hosts: list[LiveHost], devices: int, path: Path) -> None:
    """Write the table of hosts of what is measured: each a site of its own with so many devices."""
    rows = [f"{host.machine},{host.name},{devices}\n" for host in hosts]
    path.write_text("host,site,gpus\n" + "".join(rows), encoding="utf-8")


def _check_tools(host: LiveHost) -> None:
    for tool in ("ping", "iperf3", "timeout"):
        done = _done(host.command("sh", "-c", f"command -v {tool}"), PING_LIMIT_S)
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or [f"no {tool}"]
            raise BadInput.at("option --run", f"host {host.name}", said[0][:120], f"{tool} there, and a way to run it")


def _ping(a: LiveHost, b: LiveHost, folder: Path) -> str:
    words = ("timeout", str(PING_LIMIT_S), "ping", "-n", "-c", str(PINGS), "-i", "0.2", "-W", "2", b.address)
    done = _done(a.command(*words), PING_LIMIT_S + GRACE_S)
    replies = re.findall(r"time[=<]([\d.]+) ?ms", done.stdout)
    if not replies:
        return "ping without a reply"
    (folder / f"{a.name}-to-{b.name}.ping.txt").write_text(done.stdout, encoding="utf-8")
    return f"{sorted(map(float, replies))[len(replies) // 2]:.4g} ms"


def _iperf3(a: LiveHost, b: LiveHost, folder: Path, seconds: int, port: int) -> str:
    """Send from `a` to a server that serves one test on `b`."""
    limit_s = seconds + SLOW_START_S + GRACE_S
    server = subprocess.Popen(  # noqa: S603
        b.command("timeout", str(limit_s), "iperf3", "-s", "-1", "-p", str(port)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        test = ("iperf3", "-c", b.address, "-p", str(port), "-J", "-O", str(SLOW_START_S), "-t", str(seconds))
        for attempt in range(CONNECT_TRIES):
            time.sleep(0.1 * (attempt + 1))
            done = _done(a.command("timeout", str(limit_s), *test), limit_s + GRACE_S)
            problem = _error_of(done.stdout)
            if problem is None or "connect" not in problem:
                break
    finally:
        server.terminate()
        server.wait()
    if problem is not None:
        return f"iperf3: {problem}"
    (folder / f"{a.name}-to-{b.name}.iperf3.json").write_text(done.stdout, encoding="utf-8")
    rate = json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"]
    return f"{rate / 1e9:.4g} Gbps"


def _error_of(text: str) -> str | None:
    """What iperf3 says went wrong; None for a whole test."""
    try:
        document = json.loads(text)
        if document.get("error"):
            return str(document["error"])[:120]
        return None if document["end"]["sum_received"]["bits_per_second"] > 0 else "nothing arrived"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no result within the time limit"


def _done(command: list[str], limit_s: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603
            command, check=False, capture_output=True, text=True, timeout=limit_s, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not installed")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer within {limit_s:g} s")
