"""What the processes of a run send each other ends without a word when one of them is gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tasklet_bench.bench.execution import messages
from tasklet_bench.bench.execution.fork_server import _accept


@pytest.fixture
def left() -> Iterator[socket.socket]:
    """One end of a line whose other end went away with a report unread: reading from it raises a reset, not an end."""
    mine, theirs = socket.socketpair()
    messages.send_report(mine, "hello", pid=1)
    theirs.close()
    with mine:
        yield mine


def test_a_supervisor_ends_with_a_coordinator_that_left_reports_unread(left: socket.socket) -> None:
    """No job comes any more."""
    assert messages.receive_job(left) is None


def test_a_run_is_abandoned_with_a_coordinator_that_left_reports_unread(left: socket.socket) -> None:
    """It was not asked to stop; there is nobody to ask."""
    assert not messages.is_stop(left)


def test_reports_to_nobody_are_dropped(left: socket.socket) -> None:
    """A supervisor learns it from its next read, not from an exception in the midst of its work."""
    for _ in range(3):
        messages.send_report(left, "phase", name="search")


def test_a_fork_server_ends_with_a_coordinator_that_left_news_unread(left: socket.socket) -> None:
    """No supervisor is asked for any more."""
    assert _accept(left) is None
