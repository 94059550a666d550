"""A wire in user space: packets of a TUN device per namespace, held back by each link's rate and delay.

Every directed link is a queue without a limit: a packet of `b` bytes leaves `b / rate` seconds after the one before it
and arrives `delay` later. Nothing is lost, so TCP never backs off. Started by `lab.py`, which hands over the devices'
file descriptors. A line on standard input is answered with how late packets were; at its end, or after the time limit,
the wire ends.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import sys
import time
from contextlib import suppress

PACKETS_AT_ONCE = 64
LARGEST_PACKET = 65536


def main() -> None:
    """Read the links from the first line of the input, then carry packets."""
    plan = json.loads(sys.stdin.readline())
    with suppress(OSError):  # a late wire would be measured as a slow one
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    nic_bytes_s = plan["nic_bytes_s"] or float("inf")
    carry(plan["fds"], plan["delay_s"], plan["bandwidth_bytes_s"], nic_bytes_s, time.monotonic() + plan["limit_s"])


def carry(
    fds: list[int], delay_s: list[list[float]], rate: list[list[float]], nic_bytes_s: float, until_s: float
) -> None:
    """Carry packets until standard input ends or the time is over.

    Packets for one device queue for its NIC in the order in which they arrive there; what leaves a device is shaped by
    its kernel before it gets here.
    """
    number = {fd: device for device, fd in enumerate(fds)}
    free_s = [[0.0] * len(fds) for _ in fds]
    nic_free_s = [0.0] * len(fds)
    flying: list[tuple[float, int, int, bytes, bool]] = []  # when, tie-breaker, target, packet, whether past the NIC
    carried, late_s = 0, 0.0
    while True:
        now = time.monotonic()
        wait_s = min(max(flying[0][0] - now, 0.0), 0.5) if flying else 0.5
        ready, _, _ = select.select([*fds, sys.stdin], [], [], wait_s)
        now = time.monotonic()
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return
            print(json.dumps({"packets": carried, "mean_lateness_s": late_s / max(carried, 1)}), flush=True)  # noqa: T201
        if now > until_s:
            return
        for fd in number.keys() & ready:
            source = number[fd]
            for packet in read_packets(fd):
                target = packet[19] - 1  # the last byte of an IPv4 destination; device d is 10.x.y.(d+1)
                if packet[0] >> 4 != 4 or not 0 <= target < len(fds):
                    continue
                leaves_s = max(now, free_s[source][target]) + len(packet) / rate[source][target]
                free_s[source][target] = leaves_s
                carried += 1
                heapq.heappush(flying, (leaves_s + delay_s[source][target], carried, target, packet, False))
        now = time.monotonic()
        while flying and flying[0][0] <= now:
            due_s, order, target, packet, past_nic = heapq.heappop(flying)
            if not past_nic:
                nic_free_s[target] = due_s = max(due_s, nic_free_s[target]) + len(packet) / nic_bytes_s
                if due_s > now:
                    heapq.heappush(flying, (due_s, order, target, packet, True))
                    continue
            late_s += now - due_s
            os.write(fds[target], packet)


def read_packets(fd: int) -> list[bytes]:
    """Packets that wait at a device, a bounded number of them."""
    packets: list[bytes] = []
    with suppress(BlockingIOError):
        while len(packets) < PACKETS_AT_ONCE:
            packets.append(os.read(fd, LARGEST_PACKET))
    return packets


if __name__ == "__main__":
    main()
