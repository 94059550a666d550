"""Sealed suites follow from a secret, and nobody needs to know it to have it written down."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue, sealed
from tasklet_bench.problems.instances.relatives import base_of

SECRETS = [f"a secret that is made up for tests, number {number}" for number in range(20)]
FIRST = "aa28e065db08696dde55a3f9385dbadff0aa86dc3375f061126c6ca4c307583e"


def test_the_first_round_is_committed_to() -> None:
    """The commitment that was written down first stands there."""
    assert sealed.Round(1, FIRST) in sealed.read_rounds()


@pytest.mark.parametrize("secret", SECRETS)
def test_forty_instances_of_forty_bases(secret: str) -> None:
    """Measured ones carry noise, drawn ones are of no listed base, and no two are related."""
    names = sealed.instances(secret)
    bases = Counter(map(base_of, names))
    assert len(bases) == len(names) == sealed.SIZE
    assert names == tuple(map(catalogue.canonical_name, names))
    measured = [name for name in names if name.startswith("measured/")]
    assert all("noise=" in name and "draw=" in name for name in measured)
    listed = {base_of(name) for name in catalogue.names()}
    assert not listed & (set(bases) - {base_of(name) for name in measured})


def test_sizes_and_kinds_are_those_of_core() -> None:
    """No instance is smaller or larger than core's, and all of core's kinds of networks are there."""
    sizes = [catalogue.shape(name).n_devices for name in catalogue.suite("core").problems]
    names = sealed.instances(SECRETS[0])
    assert all(min(sizes) <= catalogue.shape(name).n_devices <= max(sizes) for name in names)
    tags = {tag for name in names for tag in catalogue.tags(name)}
    assert {"measured", "generated", "small", "medium", "deep", "wide", "square", "directed", "noisy"} <= tags


def test_another_secret_is_another_suite() -> None:
    """Two secrets share no instance, and one gives the same suite each time."""
    first, again, second = (sealed.sealed_suite(SECRETS[number], 1) for number in (0, 0, 1))
    assert first == again
    assert not set(first.problems) & set(second.problems)


def test_a_secret_is_known_by_its_commitment(tmp_path: Path) -> None:
    """With its commitment written down a secret is of that round; another one is refused with its own."""
    file = tmp_path / "commitments.toml"
    digest = hashlib.sha256(SECRETS[0].encode()).hexdigest()
    file.write_text(f'[[round]]\nnumber = 7\nsha256 = "{digest}"\n')
    assert sealed.round_of(SECRETS[0], file).number == 7
    with pytest.raises(BadInput, match=sealed.commitment(SECRETS[1])):
        sealed.round_of(SECRETS[1], file)


def test_blanks_around_a_secret_do_not_count(tmp_path: Path) -> None:
    """A line break at the end is no part of it; a short text, or one that is not ASCII, is no secret."""
    file = tmp_path / "secret"
    file.write_text(f"  {SECRETS[0]}\n\n")
    assert sealed.read_secret(file) == SECRETS[0]
    for text, complaint in (("short\n", "5 characters"), ("ä" * 64, "not ASCII")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match=complaint):
            sealed.read_secret(file)
    with pytest.raises(BadInput, match="cannot be read"):
        sealed.read_secret(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "list of"),
        ("round = 3", "list of"),
        ("[[round]]\nnumber = 0\nsha256 = 'x'", "whole number from 1"),
        ("[[round]]\nnumber = 1\nsha256 = 'x'", "64 hexadecimal digits"),
        ("[[round]]\nnumber = 1", "number and sha256"),
        ("[[", "not TOML"),
    ],
)
def test_commitments_that_cannot_be_read_are_reported(tmp_path: Path, text: str, complaint: str) -> None:
    """The message names the file and what was expected."""
    file = tmp_path / "commitments.toml"
    file.write_text(text)
    with pytest.raises(BadInput, match=complaint):
        sealed.read_rounds(file)


def test_digests_are_the_same_without_the_wide_vector_units() -> None:
    """With numpy's optional vector instructions switched off, a sealed suite is the same."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    off = " ".join(name for name in __cpu_dispatch__ if __cpu_features__[name])
    if not off:
        pytest.skip("numpy has no optional vector instructions on this machine")
    code = (
        "import sys\n"
        "from numpy._core._multiarray_umath import __cpu_features__ as features\n"
        "from tasklet_bench.problems.instances import sealed\n"
        "assert not any(features[name] for name in sys.argv[2].split())\n"
        "print(sealed.sealed_suite(sys.argv[1], 1).digest)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, SECRETS[0], off],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": off},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == sealed.sealed_suite(SECRETS[0], 1).digest
