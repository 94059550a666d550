"""Stores and exports that were changed at random are read, or refused in a sentence; a small form of the command."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_mutations_are_read_or_refused(seed: int) -> None:
    """Nothing but refusals or success comes of 300 mutations, in at most 2 CPU seconds each and a gigabyte."""
    spec = spec_from_file_location("fuzz_stores", Path(__file__).with_name("stores.py"))
    assert spec is not None
    assert spec.loader is not None
    stores = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(stores)
    outcome = stores.main(300, seed)
    assert outcome.failures == []
    assert outcome.read > 50
    assert outcome.refused.total() > 100
    assert outcome.peak_bytes < stores.MOST_BYTES
