"""Whether a Dask scheduler answers at an address, found out within seconds and without a word from Dask itself.

Dask's own client waits long for whatever accepts a connection and says nothing, or speaks another protocol.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed.comm.core import connect
from distributed.security import Security

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import is_file
from tasklet_bench.problems.text import shorten

ANSWER_S = 10.0


@dataclass(frozen=True)
class TlsFiles:
    """PEM files for an encrypted connection: who is trusted, our certificate, and its key."""

    ca: Path
    cert: Path
    key: Path

    def security(self) -> Security:
        """Dask's form of it; raises `BadInput` for a file that is not there or is no such file."""
        for option, path in (("--tls-ca", self.ca), ("--tls-cert", self.cert), ("--tls-key", self.key)):
            if not is_file(path):
                raise BadInput.at(f"option {option}", "its value", str(path), "a PEM file that is there")
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.load_cert_chain(self.cert, self.key, password=lambda: b"")
        except (OSError, ValueError) as error:  # an `ssl.SSLError` is an `OSError`
            raise BadInput(f"--tls-ca, --tls-cert, --tls-key: cannot be used: {shorten(error)}") from None
        return Security(
            require_encryption=True,
            tls_ca_file=str(self.ca),
            tls_client_cert=str(self.cert),
            tls_client_key=str(self.key),
        )


def check_scheduler(address: str, security: Security | None = None) -> None:
    """Raise `BadInput` unless a Dask scheduler answers at the address within `ANSWER_S`."""
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(_ask(address, security)), daemon=True)
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        asking.start()
        asking.join(ANSWER_S)
    finally:
        log.setLevel(level)
    kind = answers[0] if answers else f"nothing that answers within {ANSWER_S:.0f} s"
    if kind != "Scheduler":
        expected = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"
        raise BadInput.at("option --scheduler", "address", f"{shorten(address)!r} ({kind})", expected)


def _ask(address: str, security: Security | None) -> str:
    """What a server says that it is, or in words why it says nothing."""
    try:
        return asyncio.run(asyncio.wait_for(_kind(address, security), ANSWER_S))
    except TimeoutError:
        return f"nothing that answers within {ANSWER_S:.0f} s"
    except Exception as error:  # an odd address raises much, and whatever answers may answer anything
        return shorten(error, 60) or type(error).__name__


async def _kind(address: str, security: Security | None) -> str:
    arguments = {} if security is None else security.get_connection_args("client")
    comm = await connect(address, timeout=ANSWER_S / 2, **arguments)
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await comm.read()
    finally:
        comm.abort()
    return str(answer["type"])
