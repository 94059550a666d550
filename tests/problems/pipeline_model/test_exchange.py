"""The exchange of gradients: shares, seconds, what nobody beats, and the compiled form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.exchange import exchange, least, shares
from tasklet_bench.problems.pipeline_model.exchange_kernel import exchange_seconds, network

MakeDevices = Callable[..., Devices]


@settings(max_examples=40)
@given(st.lists(st.floats(0.01, 100.0), min_size=2, max_size=12))
def test_shares_are_those_of_the_linear_program(cards: list[float]) -> None:
    """Shares sum to 1, and the largest load over rate is the optimum of the released averaging's linear program."""
    rates, n = np.array(cards), len(cards)
    share = shares(rates)
    np.testing.assert_allclose(share.sum(), 1.0)
    assert (share >= 0).all()
    load = (1 + (n - 2) * share) / rates
    program = linprog(
        [0.0] * n + [1.0],
        A_ub=np.hstack([np.diag(np.full(n, float(n - 2))), -rates[:, None]]),
        b_ub=-np.ones(n),
        A_eq=[[1.0] * n + [0.0]],
        b_eq=[1.0],
    )
    np.testing.assert_allclose(load.max(), program.fun, rtol=1e-9)


@settings(max_examples=20)
@given(st.integers(1, 8), st.integers(0, 1000))
def test_nobody_beats_the_least(make_devices: MakeDevices, n: int, seed: int) -> None:
    """No group of n peers exchanges faster than `least` says, and one peer exchanges nothing."""
    devices = make_devices(8, seed)
    group = np.random.default_rng(seed).permutation(8)[:n].tolist()
    assert exchange(devices, group, 1e8) >= least(devices, n, 1e8) * (1 - 1e-12)
    assert exchange(devices, group[:1], 1e8) == 0.0


@settings(max_examples=20)
@given(st.integers(1, 9), st.integers(0, 1000))
def test_compiled_and_readable_exchanges_agree(make_devices: MakeDevices, n: int, seed: int) -> None:
    """Groups in the order of falling cards take as long in compiled code as in the readable one."""
    devices = make_devices(9, seed)
    ready = network(devices)
    members = ready.falling[np.isin(ready.falling, np.random.default_rng(seed).permutation(9)[:n])]
    compiled_s = exchange_seconds(ready, members, 0, n, 3e8)
    np.testing.assert_allclose(compiled_s, exchange(devices, members.tolist(), 3e8), rtol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("card", [1e6, 1e9])
def test_equal_peers_have_a_closed_form(make_devices: MakeDevices, n: int, card: float) -> None:
    """N peers with equal cards and links take 2α + max(2V/(nβ), V(2n−2)/(n·b))."""
    each, links = np.full(n, card), np.ones((n, n))
    devices = replace(
        make_devices(n, 0),
        upload_bytes_s=each,
        download_bytes_s=each,
        delay_s=links * 0.01,
        bandwidth_bytes_s=links * 1e7,
    )
    expected = 0.02 + max(2 * 1e8 / (n * 1e7), 1e8 * (2 * n - 2) / (n * card))
    np.testing.assert_allclose(exchange(devices, range(n), 1e8), expected, rtol=1e-12)


def test_a_peer_without_a_share_still_sends_its_vector(make_devices: MakeDevices) -> None:
    """With one very slow card of three, the group takes at least as long as that card sends the whole vector."""
    devices = make_devices(3, 0)
    cards = np.array([1e9, 1e9, 1e3])
    devices = replace(
        devices,
        upload_bytes_s=cards,
        download_bytes_s=cards,
        bandwidth_bytes_s=np.full((3, 3), 1e12),
        delay_s=np.zeros((3, 3)),
    )
    assert shares(cards)[2] == 0.0
    np.testing.assert_allclose(exchange(devices, range(3), 1e6), 1e6 / 1e3)
