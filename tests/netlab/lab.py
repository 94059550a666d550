"""The lab: a network namespace and a process for each device, and one wire between them all.

Needs root, `ip` of iproute2, and /dev/net/tun. Names are unique to the process; whatever was made is removed in the
end, also after a failure; nothing outside the lab's own namespaces is touched, and everything has a time limit.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SETTINGS = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv4.tcp_congestion_control": "reno",
    "net.ipv4.tcp_slow_start_after_idle": "0",
    "net.ipv4.tcp_no_metrics_save": "1",
    "net.ipv4.tcp_rmem": "4096 8388608 33554432",
    "net.ipv4.tcp_wmem": "4096 8388608 33554432",
}
FIRST_WINDOW_PACKETS = 1000
QUEUE_PACKETS = 20000
COMMAND_LIMIT_S = 10


class Lab:
    """Devices that are connected and wait for iterations to run."""

    def __init__(self, devices: list[subprocess.Popen[str]], wire: subprocess.Popen[str], spaces: list[str]) -> None:
        self._devices, self._wire, self._spaces = devices, wire, spaces

    def iteration_s(self, order: dict[str, Any], limit_s: float = 60.0) -> float:
        """Measure one iteration: seconds from the common start to the last device's end.

        Raises `RuntimeError` if a sum was wrong or bytes got lost, `TimeoutError` beyond the limit.
        """
        start_s = time.monotonic() + 0.15
        for device in self._devices:
            send(device, {**order, "start_s": start_s})
        reports = [read_answer(device, limit_s) for device in self._devices]
        if not all(report["right"] for report in reports):
            raise RuntimeError("a device has wrong sums of gradients")
        if sum(report["sent"] for report in reports) != sum(report["received"] for report in reports):
            raise RuntimeError("bytes sent and received differ")
        return max(report["end_s"] for report in reports) - start_s

    def retransmitted(self) -> int:
        """TCP segments sent more than once, in all namespaces, since the lab was made."""
        tables = [ip("netns", "exec", space, "cat", "/proc/net/snmp") for space in self._spaces]
        return sum(int(table.split("Tcp: ")[2].split()[11]) for table in tables)

    def wire_report(self) -> dict[str, Any]:
        """How many packets the wire carried, and how many seconds late it delivered them on average."""
        send(self._wire, {})
        return read_answer(self._wire, limit_s=10.0)


@contextmanager
def made_lab(
    delay_s: list[list[float]],
    bandwidth_bytes_s: list[list[float]],
    mtu: int,
    limit_s: float,
    nic_bytes_s: float | None = None,
) -> Iterator[Lab]:
    """Make a lab for N devices with these directed links, for at most `limit_s`; remove it when done.

    With `nic_bytes_s`, the kernel of each device shares that rate fairly among its connections, and arriving packets of
    all connections queue for the same rate.
    """
    n = len(delay_s)
    with ExitStack() as stack:
        network = made_network(delay_s, bandwidth_bytes_s, mtu, limit_s, nic_bytes_s)
        spaces, addresses, wire = stack.enter_context(network)
        classes = [_traffic_class(d) for d in range(n)] if nic_bytes_s else None
        devices = []
        for me, space in enumerate(spaces):
            command = ["ip", "netns", "exec", space, sys.executable, str(HERE / "device.py")]
            devices.append(stack.enter_context(_process(command)))
            send(devices[-1], {"me": me, "addresses": addresses, "traffic_classes": classes})
        for device in devices:
            read_answer(device, limit_s=60.0)
        yield Lab(devices, wire, spaces)


@contextmanager
def made_network(
    delay_s: list[list[float]],
    bandwidth_bytes_s: list[list[float]],
    mtu: int,
    limit_s: float,
    nic_bytes_s: float | None = None,
) -> Iterator[tuple[list[str], list[str], subprocess.Popen[str]]]:
    """Namespaces with an address each, and the wire that joins them; the arguments are those of `made_lab`."""
    n = len(delay_s)
    with ExitStack() as stack:
        spaces = [stack.enter_context(_namespace(f"tbench-{os.getpid()}-{d}")) for d in range(n)]
        addresses = [f"10.77.0.{d + 1}" for d in range(n)]
        fds = [
            stack.enter_context(_tun(f"tb{os.getpid()}d{d}", space, address, mtu))
            for d, (space, address) in enumerate(zip(spaces, addresses, strict=True))
        ]
        if nic_bytes_s:
            for d, space in enumerate(spaces):
                _share_nic(space, f"tb{os.getpid()}d{d}", n, nic_bytes_s)
        wire = stack.enter_context(_process([sys.executable, str(HERE / "wire.py")], fds))
        plan = {"fds": fds, "delay_s": delay_s, "bandwidth_bytes_s": bandwidth_bytes_s, "nic_bytes_s": nic_bytes_s}
        send(wire, {**plan, "limit_s": limit_s})
        yield spaces, addresses, wire


def send(process: subprocess.Popen[str], data: dict[str, Any]) -> None:
    """Hand a process one line of JSON."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(data) + "\n")
    process.stdin.flush()


def read_answer(process: subprocess.Popen[str], limit_s: float) -> dict[str, Any]:
    """The next line of JSON from a process; raises `TimeoutError` after `limit_s`, `RuntimeError` if it has ended."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], limit_s)
    if not ready:
        raise TimeoutError(f"process {process.pid} said nothing for {limit_s} s")
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"process {process.pid} ended with status {process.poll()}")
    result: dict[str, Any] = json.loads(line)
    return result


def ip(*arguments: str) -> str:
    """Run `ip`; raises `CalledProcessError` with what it said."""
    return subprocess.run(
        ["ip", *arguments], check=True, capture_output=True, text=True, timeout=COMMAND_LIMIT_S
    ).stdout


@contextmanager
def _namespace(name: str) -> Iterator[str]:
    ip("netns", "add", name)
    try:
        ip("netns", "exec", name, "sysctl", "-q", "-w", *(f"{key}={value}" for key, value in SETTINGS.items()))
        yield name
    finally:
        ip("netns", "del", name)


@contextmanager
def _tun(name: str, space: str, address: str, mtu: int) -> Iterator[int]:
    """A TUN device inside a namespace whose packets this process can read; it goes when the descriptor is closed."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        ip("link", "set", name, "netns", space)
        inside = ("-n", space)
        ip(*inside, "addr", "add", f"{address}/24", "dev", name)
        ip(*inside, "link", "set", name, "mtu", str(mtu), "txqueuelen", str(QUEUE_PACKETS), "up")
        window = ("initcwnd", str(FIRST_WINDOW_PACKETS), "initrwnd", str(FIRST_WINDOW_PACKETS))
        ip(*inside, "route", "replace", "10.77.0.0/24", "dev", name, "src", address, *window)
        yield fd
    finally:
        os.close(fd)


def _share_nic(space: str, name: str, n_devices: int, rate_bytes_s: float) -> None:
    """Let the kernel share a device's rate: a class for each connection, all with the same claim to all of it."""

    def tc(*arguments: str) -> None:
        ip("netns", "exec", space, "tc", *arguments)

    whole, share = f"{round(rate_bytes_s * 8)}bit", f"{round(rate_bytes_s * 8 / (n_devices + 1))}bit"
    ip("-n", space, "link", "set", name, "gso_max_segs", "1")  # shares are counted in packets, not in bundles of them
    tc("qdisc", "replace", "dev", name, "root", "handle", "1:", "htb", "default", "2")
    tc("class", "add", "dev", name, "parent", "1:", "classid", "1:1", "htb", "rate", whole, "burst", "20k")
    for minor in ("2", *(f"{_traffic_class(d) & 0xFFFF:x}" for d in range(n_devices))):
        limits = ("rate", share, "ceil", whole, "burst", "20k", "cburst", "20k", "quantum", "9000")
        tc("class", "add", "dev", name, "parent", "1:1", "classid", f"1:{minor}", "htb", *limits)


def _traffic_class(device: int) -> int:
    """The class of what goes to a device, as the kernel takes it for a socket's priority."""
    return (1 << 16) + 0x10 + device


@contextmanager
def _process(command: list[str], fds: list[int] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process with pipes to its input and output, ended with the lab."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=fds or (), start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)
        process.stdout.close()  # type: ignore[union-attr]
