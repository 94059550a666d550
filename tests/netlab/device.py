"""One device of the lab: a process in a network namespace that trains for real, as far as the network can tell.

It keeps a TCP connection to every other device, and runs iterations that `lab.py` orders: the passes of its stage on
its micro-batches, whose activations it sends and awaits, and the sharded exchange of its gradients, whose sums it
checks. Written apart from the simulator, with sockets instead of formulas.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

import numpy as np

HEADER = struct.Struct("!BII")
FORWARD, BACKWARD, PUSH, PULL = range(4)
BUFFER_BYTES = 1 << 26
PORT = 7077


class Device:
    """Its connections, and what has arrived: a future for each message (source, kind, number)."""

    def __init__(self, me: int, addresses: list[str], traffic_classes: list[int] | None) -> None:
        self.me, self.addresses, self.traffic_classes = me, addresses, traffic_classes
        self.out: dict[int, asyncio.StreamWriter] = {}
        self.inbox: dict[tuple[int, int, int], asyncio.Future[bytes]] = {}
        self.received_bytes = self.sent_bytes = 0

    async def connect(self) -> None:
        """Listen, and open one connection to every other device for what goes there."""
        await asyncio.start_server(self._accept, self.addresses[self.me], PORT, limit=BUFFER_BYTES)
        for peer, address in enumerate(self.addresses):
            while peer != self.me and peer not in self.out:
                try:
                    _, writer = await asyncio.open_connection(address, PORT)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.transport.set_write_buffer_limits(high=BUFFER_BYTES)
                if self.traffic_classes:
                    connection = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, self.traffic_classes[peer])
                writer.write(bytes([self.me]))
                self.out[peer] = writer

    async def _accept(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        source = (await reader.readexactly(1))[0]
        try:
            while True:
                kind, number, size = HEADER.unpack(await reader.readexactly(HEADER.size))
                payload = await reader.readexactly(size)
                self.received_bytes += size
                self._message(source, kind, number).set_result(payload)
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the lab is being taken down

    def _message(self, source: int, kind: int, number: int) -> asyncio.Future[bytes]:
        return self.inbox.setdefault((source, kind, number), asyncio.get_running_loop().create_future())

    def send(self, target: int, kind: int, number: int, payload: bytes) -> None:
        """Queue a message; the network takes it from there."""
        self.sent_bytes += len(payload)
        self.out[target].write(HEADER.pack(kind, number, len(payload)) + payload)

    async def iteration(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run one iteration from `start_s` on; returns when this device was done, and whether all sums were right."""
        grid = np.array(order["grid"])
        row, stage = np.nonzero(grid == self.me)
        self.inbox.clear()
        self.received_bytes = self.sent_bytes = 0
        time.sleep(max(order["start_s"] - time.monotonic(), 0.0))
        await self._passes(grid[row[0]].tolist(), int(stage[0]), order)
        exchange = {"direct": self._direct, "ring": self._ring}[order["collective"]]
        right = await exchange(grid[:, stage[0]].tolist(), order["gradient_bytes"] // 4)
        return {"end_s": time.monotonic(), "right": right, "sent": self.sent_bytes, "received": self.received_bytes}

    async def _passes(self, pipeline: list[int], stage: int, order: dict[str, Any]) -> None:
        size = order["activation_bytes"] // order["micro_batches"]
        for kind, number in passes(order["schedule"], stage, len(pipeline), order["micro_batches"]):
            step = 1 if kind == FORWARD else -1
            giver, taker = stage - step, stage + step
            payload = bytes([number]) * size
            if 0 <= giver < len(pipeline) and await self._message(pipeline[giver], kind, number) != payload:
                raise ValueError(f"device {self.me} got a wrong micro-batch {number}")
            time.sleep(order["forward_ms"] / 1e3 * (1 if kind == FORWARD else 2))  # it computes; the kernel receives
            if 0 <= taker < len(pipeline):
                self.send(pipeline[taker], kind, number, payload)

    async def _direct(self, group: list[int], n_parameters: int) -> bool:
        """The paper's exchange: push each shard to its owner, sum, and pull the sums."""
        shards = self._gradients(group, n_parameters)
        mine = group.index(self.me)
        others = [(owner, device) for owner, device in enumerate(group) if device != self.me]
        for owner, device in others:
            self.send(device, PUSH, 0, shards[owner].tobytes())
        for _, device in others:
            shards[mine] = shards[mine] + np.frombuffer(await self._message(device, PUSH, 0), np.float32)
        for _, device in others:
            self.send(device, PULL, 0, shards[mine].tobytes())
        for owner, device in others:
            shards[owner] = np.frombuffer(await self._message(device, PULL, 0), np.float32)
        return self._right(shards, group, n_parameters)

    async def _ring(self, group: list[int], n_parameters: int) -> bool:
        """Round the ring once to sum each shard, and once more to hand the sums on."""
        shards = self._gradients(group, n_parameters)
        n, mine = len(group), group.index(self.me)
        for step in range(2 * (n - 1)):
            self.send(group[(mine + 1) % n], PUSH, step, shards[(mine - step) % n].tobytes())
            got = np.frombuffer(await self._message(group[mine - 1], PUSH, step), np.float32)
            place = (mine - step - 1) % n
            shards[place] = shards[place] + got if step < n - 1 else got
        return self._right(shards, group, n_parameters)

    def _gradients(self, group: list[int], n_parameters: int) -> list[np.ndarray]:
        """Gradients of this device in shards: whole numbers so small that float sums of them are exact."""
        return np.array_split(np.arange(n_parameters, dtype=np.float32) % 1000 * (self.me + 1), len(group))

    def _right(self, shards: list[np.ndarray], group: list[int], n_parameters: int) -> bool:
        expected = np.arange(n_parameters, dtype=np.float32) % 1000 * sum(device + 1 for device in group)
        return bool((np.concatenate(shards) == expected).all())


def passes(schedule: str, stage: int, n_stages: int, micro_batches: int) -> list[tuple[int, int]]:
    """Direction and micro-batch of each pass of a stage, in order."""
    ahead = micro_batches if schedule == "gpipe" else min(micro_batches, n_stages - stage)
    forward, backward = list(range(micro_batches)), list(range(micro_batches))
    result = [(FORWARD, forward.pop(0)) for _ in range(ahead)]
    while backward:
        result.append((BACKWARD, backward.pop(0)))
        if forward:
            result.append((FORWARD, forward.pop(0)))
    return result


async def main() -> None:
    """Connect, say so, and run what is ordered, one line of JSON an iteration."""
    with suppress(OSError):  # what else the machine does is not what is measured
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    plan = json.loads(sys.stdin.readline())
    device = Device(plan["me"], plan["addresses"], plan["traffic_classes"])
    await device.connect()
    print(json.dumps({"connected": True}), flush=True)  # noqa: T201 - the answer to lab.py
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        report = await device.iteration(json.loads(line))
        print(json.dumps(report), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
