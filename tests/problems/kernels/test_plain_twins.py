"""Each intrinsic in LLVM and its plain twin give the same, to the last bit; and so do whole evaluations."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tasklet_bench.problems.allocation.kernels.llvm import (
    avx512_permute,
    bit_rows,
    blocks_8x8,
    eight_swaps,
    group_sum,
    held_karp,
    nearest_links,
    plain,
    switch,
)
from tasklet_bench.problems.compiled import jit

pytestmark = pytest.mark.skipif(switch.PLAIN, reason="the twins are in the intrinsics' place")

SEEDS = range(12)


@jit
def of_block(blocks, threshold, chosen):  # type: ignore[no-untyped-def]
    """What the intrinsics say of block 1."""
    pairs = blocks_8x8.pairs_within(blocks, 1, threshold)
    return (
        blocks_8x8.lower_bound(blocks, 1),
        pairs,
        blocks_8x8.cheapest(blocks, 1, chosen),
        blocks_8x8.hall_violator(pairs),
        blocks_8x8.deficiency(pairs),
        blocks_8x8.shortest_rows(pairs),
        bit_rows.lowest_bit(pairs),
    )


def of_block_plainly(blocks: np.ndarray, threshold: int, chosen: np.uint64) -> tuple[int, ...]:
    """The same by the twins."""
    pairs = np.uint64(plain.pairs_within(blocks, 1, threshold))
    return (  # type: ignore[return-value]
        plain.lower_bound(blocks, 1),
        pairs,
        plain.cheapest(blocks, 1, chosen),
        plain.hall_violator(pairs),
        plain.deficiency(pairs),
        plain.shortest_rows(pairs),
        plain.lowest_bit(pairs),
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_blocks_of_8_agree(dtype: type) -> None:
    """Bounds, thresholds, violators and deficiencies, from no pair within reach to all."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        blocks: np.ndarray = rng.integers(0, 40, (3, 8, 8)).astype(dtype)
        chosen = np.uint64(rng.integers(0, 1 << 63)) if seed else np.uint64(0)
        for threshold in (0, 5, 12, 20, 39):
            result = of_block(blocks, threshold, chosen)
            assert [int(value) for value in result] == [int(v) for v in of_block_plainly(blocks, threshold, chosen)]


@jit
def rows_of(blocks, row, threshold, rows, columns, n):  # type: ignore[no-untyped-def]
    """What the intrinsics say of a row of a block of 16, or of some rows."""
    return (
        bit_rows.row_within_16(blocks, 1, row, threshold),
        bit_rows.cheapest_16(blocks, 1, rows, columns),
        bit_rows.lower_bound_16(blocks, 1, n),
    )


def test_rows_agree() -> None:
    """With padding beyond the first n rows and columns, as the kernels leave it."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        n = 9 + seed % 8
        blocks = rng.integers(0, 100, (2, 16, 16)).astype(np.uint16)
        blocks[:, :, n:] = np.iinfo(np.uint16).max
        rows, columns = (np.uint64(word) for word in rng.integers(1, 1 << n, 2))
        expected = (
            plain.row_within(blocks, 1, 3, 50),
            plain.cheapest_in_rows(blocks, 1, rows, columns),
            plain.lower_bound_of_side(blocks, 1, n),
        )
        assert [int(v) for v in rows_of(blocks, 3, 50, rows, columns, n)] == [int(v) for v in expected]


@jit
def replaced(blocks, slot, as_row, rank, device, members):  # type: ignore[no-untyped-def]
    """Block 0 with a device in a slot, written to block 1."""
    blocks_8x8.replace_device(blocks, 0, 1, slot, as_row, rank, device, members, 2)


def test_replacing_a_device_agrees() -> None:
    """In rows and in columns, in every slot."""
    rng = np.random.default_rng(0)
    rank = rng.integers(0, 200, (64, 64)).astype(np.uint8)
    members = rng.permutation(64).astype(np.uint32).reshape(8, 8)
    for slot in range(8):
        for as_row in (True, False):
            ours = rng.integers(0, 200, (2, 8, 8)).astype(np.uint8)
            theirs = ours.copy()
            replaced(ours, slot, as_row, rank, 17, members)
            plain.replace_device(theirs, 0, 1, slot, as_row, rank, 17, members, 2)
            assert np.array_equal(ours, theirs)


@jit
def sum_of(dp_s, members):  # type: ignore[no-untyped-def]
    """The slowest device of group 3."""
    return group_sum.group_of_8_s(dp_s, members, 3)


@jit
def copied(blocks):  # type: ignore[no-untyped-def]
    """Block 2, written to block 0."""
    bit_rows.copy_block(blocks, 2, 0)


@pytest.mark.parametrize("side", [16, 64])
def test_copying_a_block_agrees(side: int) -> None:
    """All of it, and nothing else."""
    blocks = np.random.default_rng(0).integers(0, 1000, (3, side, side)).astype(np.uint32)
    theirs = blocks.copy()
    copied(blocks)
    plain.copy_block(theirs, 2, 0)
    assert np.array_equal(blocks, theirs)


@jit
def slowest_with(pair_s, slot, new_s):  # type: ignore[no-untyped-def]
    """The slowest of group 1, another device in one slot, but for the one in it."""
    return group_sum.slowest_other_s(pair_s, 1, slot, new_s, 1)


@pytest.mark.parametrize("size", [1, 3, 8, 13, 32])
def test_sums_with_a_device_replaced_agree(size: int) -> None:
    """To the last bit, in every slot, with groups that fill their rows and groups that do not."""
    rng = np.random.default_rng(size)
    pair_s = np.zeros((2, size, -(-size // 8) * 8))
    pair_s[..., :size] = rng.random((2, size, size))
    new_s = np.zeros((2, pair_s.shape[2]))
    new_s[:, :size] = rng.random((2, size))
    for slot in range(size):
        assert slowest_with(pair_s, slot, new_s) == plain.slowest_other_s(pair_s, 1, slot, new_s, 1)


@jit
def within(load_s, near_s, without_s, dp_s, device_at, ceiling_s):  # type: ignore[no-untyped-def]
    """Which swaps of device 5 with those at the positions 8 to 15 are within a ceiling."""
    terms = (3.0, 2.5, 0.25, 1.0, 0.5, 0.0, 0.75, ceiling_s)
    return eight_swaps.within_ceiling(load_s, near_s, without_s, dp_s, device_at, (1, 2, 0, 1, 2), 5, 8, terms)


def test_eight_swaps_agree() -> None:
    """From ceilings that no swap keeps to some that all do."""
    rng = np.random.default_rng(0)
    load_s, near_s, without_s, dp_s = (
        3 * rng.random((2, 24)),
        rng.random((3, 24)),
        rng.random((3, 24)),
        rng.random((16, 16)),
    )
    device_at = rng.integers(0, 16, 24)
    words = set()
    for ceiling_s in np.linspace(2, 9, 40):
        terms = (3.0, 2.5, 0.25, 1.0, 0.5, 0.0, 0.75, ceiling_s)
        words.add(word := int(within(load_s, near_s, without_s, dp_s, device_at, ceiling_s)))
        assert word == plain.within_ceiling(load_s, near_s, without_s, dp_s, device_at, (1, 2, 0, 1, 2), 5, 8, terms)
    assert {0, 255} < words


@jit
def nearest_of(rank, device_at, device, count):  # type: ignore[no-untyped-def]
    """The two cheapest links of a device to those at the positions from 8 on."""
    return nearest_links.two_nearest(rank, device_at, device, 8, count)


@jit
def follow(near, after, nearest, device_at, rank, changed):  # type: ignore[no-untyped-def]
    """Group 1 has device 7 for 9 in slot 3."""
    nearest_links.replace_member(near, after, nearest, device_at, rank, changed, 1, 3, 9, 7)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_nearest_links_agree(dtype: type) -> None:
    """Found for one device, among members with itself and without, and followed for all, with many ties."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rank: np.ndarray = rng.integers(0, 9, (40, 40)).astype(dtype)
        device_at = rng.permutation(40)
        for device in range(40):
            for count in (1, 2, 7, 8, 13):
                two = nearest_of(rank, device_at, device, count)
                assert two == plain.two_nearest(rank, device_at, device, 8, count)
        ours = [np.sort(rng.integers(0, 9, (2, 2, 40)), axis=0).astype(np.int32)[i] for i in range(2)]
        ours += [rng.integers(0, 8, (2, 40)).astype(np.int32), np.zeros((2, 5), dtype=np.uint8)]
        theirs = [table.copy() for table in ours]
        follow(*ours[:3], device_at, rank, ours[3])
        plain.replace_member(*theirs[:3], device_at, rank, theirs[3], 1, 3, 9, 7)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@jit
def meeting(path_s, meet):  # type: ignore[no-untyped-def]
    """Where two halves are shortest together."""
    return held_karp.shortest_meeting(path_s, meet)


def test_sums_and_meetings_agree() -> None:
    """Sums to the last bit, and the same of equally short meetings."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        dp_s = rng.random((64, 64))
        dp_s += dp_s.T
        members = rng.permutation(64).astype(np.uint32).reshape(8, 8)
        assert sum_of(dp_s, members) == plain.group_of_8_s(dp_s, members, 3)
        path_s = rng.integers(0, 4, 256).astype(float)
        meet = rng.integers(0, path_s.size, (2, 40))
        assert meeting(path_s, meet) == plain.shortest_meeting(path_s, meet)


@jit
def gathered(rank, members, blocks):  # type: ignore[no-untyped-def]
    """All blocks at once, where this machine can."""
    if avx512_permute.available(rank):
        avx512_permute.all_blocks(rank, members, blocks)
        return True
    return False


def test_gathering_agrees() -> None:
    """Where the machine has the instructions; elsewhere the kernels gather block by block anyway."""
    rng = np.random.default_rng(1)
    rank = rng.integers(0, 250, (64, 64)).astype(np.uint8)
    members = rng.permutation(64).astype(np.uint32).reshape(8, 8)
    ours, theirs = np.zeros((64, 8, 8), np.uint8), np.zeros((64, 8, 8), np.uint8)
    if not gathered(rank, members, ours):
        pytest.skip("no AVX-512 VBMI here")
    plain.all_blocks(rank, members, theirs)
    assert np.array_equal(ours, theirs)


COSTS = """
import json, sys
import numpy as np
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.allocation.kernels.llvm import switch
rng = np.random.default_rng(0)
found = [switch.PLAIN]
for name in ("paper/worldwide", "generated/uniform?n=36&dp=3&seed=1", "generated/uniform?n=40&dp=10&seed=2"):
    problem = catalogue.load(name)
    found += [problem.cost(problem.random(rng)).total_s for _ in range(20)]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_whole_evaluations_agree_with_the_switch_on() -> None:
    """Three shapes: blocks of 8, twelve groups in order, and rows of bits."""
    answers = {}
    for setting in ("0", "1"):
        environment = {**os.environ, "TASKLET_BENCH_PLAIN_KERNELS": setting}
        done = subprocess.run(
            [sys.executable, "-c", COSTS], env=environment, capture_output=True, text=True, timeout=280, check=True
        )
        answers[setting] = json.loads(done.stdout)
    assert (answers["0"][0], answers["1"][0]) == (False, True)
    assert answers["0"][1:] == answers["1"][1:]
