"""No listed instance can change unnoticed."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.instances import catalogue, digests

PINNED = digests.pinned()


def test_exactly_the_listed_instances_are_pinned() -> None:
    """Every listed instance has a digest, no two the same."""
    assert tuple(PINNED) == catalogue.listed()
    assert len(set(PINNED.values())) == len(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_the_instance_is_the_pinned_one(name: str) -> None:
    """A listed instance has the digest that is pinned."""
    assert families.load(name).digest == PINNED[name]


def test_an_unlisted_instance_gets_its_own_digest() -> None:
    """Only listed names are looked up."""
    name = "generated/uniform?n=6&dp=2&seed=77"
    assert digests.digest(name) == catalogue.load(name).digest


def test_digests_are_the_same_without_the_wide_vector_units() -> None:
    """With numpy's optional vector instructions switched off, every drawn instance is still the pinned one."""
    drawn = [name for name in PINNED if "seed=" in name or "noise=" in name or "asymmetry=" in name]
    small = [name for name in drawn if name in catalogue.names() and catalogue.shape(name).n_devices <= 512]
    code = (
        "import sys\n"
        "from numpy._core._multiarray_umath import __cpu_features__ as features\n"
        "from tasklet_bench.problems.instances import catalogue\n"
        "off = sys.argv[1].split()\n"
        "assert not any(features[name] for name in off), off\n"
        "for name in sys.argv[2:]: print(catalogue.load(name).digest)\n"
    )
    off = _optional_features()
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(off)}
    result = subprocess.run(
        [sys.executable, "-c", code, " ".join(off), *small],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == [PINNED[name] for name in small]


def _optional_features() -> list[str]:
    """The vector instructions that this machine has and numpy can do without."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    result = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    if not result:
        pytest.skip(f"numpy {np.__version__} has no optional vector instructions on this machine")
    return result
