"""Kernels for ranks of one byte, which only big problems have, are tested on small ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasklet_bench.problems.allocation.kernels import packing


@pytest.fixture(autouse=True, scope="module")
def ranks_of_one_byte() -> Iterator[None]:
    """Let the classes alone choose the type of the ranks, so that both types occur."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "SMALL", 0)
        yield
