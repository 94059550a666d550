"""A hash table from whole numbers to whole numbers for compiled code: two arrays, open addressing."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

EMPTY = -1


@jit
def slot(keys, key):  # type: ignore[no-untyped-def]
    """Where a key (at least 0) is, or would be put, among `keys`, whose length is a power of two."""
    mask = len(keys) - 1
    place = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    while keys[place] not in (EMPTY, key):
        place = (place + 1) & mask
    return place


@jit
def doubled(keys, values):  # type: ignore[no-untyped-def]
    """The same table with twice the room."""
    more_keys = np.full(2 * len(keys), EMPTY, np.int64)
    more_values = np.zeros(2 * len(keys), np.int64)
    for old in range(len(keys)):
        if keys[old] != EMPTY:
            new = slot(more_keys, keys[old])
            more_keys[new], more_values[new] = keys[old], values[old]
    return more_keys, more_values


@jit
def filled(entry_keys, entry_values):  # type: ignore[no-untyped-def]
    """A table of these entries, whose keys are all different."""
    room = 16
    while room < 2 * len(entry_keys):
        room *= 2
    keys, values = np.full(room, EMPTY, np.int64), np.zeros(room, np.int64)
    for entry in range(len(entry_keys)):
        place = slot(keys, entry_keys[entry])
        keys[place], values[place] = entry_keys[entry], entry_values[entry]
    return keys, values
