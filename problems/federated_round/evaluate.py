"""The seconds of a round, compiled: three walks along the tree, O(N log N) with one sort of a head's arrivals each.

Upwards, devices come after all that hang below them: who takes part, what travels, memory, utility. Downwards: when
each has its model. Upwards again: computing, and models in the order in which they begin to arrive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.federated_round.setting import MEMORY_SLACK, UTILITY_SLACK, Setting

VALID, NOT_A_MEMBER, OFFLOADING, UTILITY, MEMORY = 0, 1, 2, 3, 4
"""What an evaluation says of a candidate before its seconds."""

NO, SITE, ANY = 0, 1, 2
"""Offloading."""

_SHORT = 24
"""Arrivals up to which a queue is sorted by insertion."""

# Columns of `Pack.device`.
SAMPLES, COMPUTE_S, MODELS = 0, 1, 2
# Rows of `Pack.scratch`, one number a device.
WORK, CARRIED, SEND_S, TRAVELS, MODEL_S, END_S, QUEUE_READY_S, QUEUE_S = range(8)
# Rows of `Pack.tree`; a queue is a stretch of the two rows above, from `BEGIN`, as long as `FILLED` says.
WAITING, BEGIN, FILLED, ORDER, HEAD, PART = 0, 1, 2, 3, 4, 5


class Pack(NamedTuple):
    """A setting made ready for compiled code, and the scratch memory of one evaluation.

    `link` float64 `(N, N, 2)`: delay (in seconds) and seconds a byte. `device` float64 `(N, 3)`: samples, seconds for
    one sample at full width, how many models as they travel fit into memory. `site` int64 `(N,)`. `widths` float64
    `(L,)`. `state_share`: memory of a parameter that is trained, in those that travel.
    """

    link: NDArray[np.float64]
    device: NDArray[np.float64]
    site: NDArray[np.int64]
    widths: NDArray[np.float64]
    model_bytes: float
    sample_bytes: float
    state_share: float
    least_utility: float
    nested: bool
    full: bool
    offloading: int
    scratch: NDArray[np.float64]
    tree: NDArray[np.int64]


def pack_setting(setting: Setting) -> Pack:
    """Make a setting ready; whoever evaluates at the same time needs a pack of its own."""
    n, menu = setting.n_devices, setting.menu
    return Pack(
        np.ascontiguousarray(np.stack([setting.delay_s, 1.0 / setting.bandwidth_bytes_s], axis=2)),
        np.ascontiguousarray(
            np.stack([setting.samples, setting.compute_s, setting.memory_bytes / setting.model_bytes], axis=1)
        ),
        np.array(setting.site_of, dtype=np.int64),
        setting.widths,
        float(setting.model_bytes),
        float(setting.sample_bytes),
        float(setting.state_bytes / setting.message_bytes),
        float(menu.least_utility),
        menu.nested,
        menu.exchange == "full",
        {"no": NO, "site": SITE, "any": ANY}[menu.offloading],
        np.zeros((8, n)),
        np.zeros((6, n + 1), dtype=np.int64),
    )


@jit(allocates=False)
def evaluate(pack, parent, level, host):  # type: ignore[no-untyped-def]
    """What there is to say of a candidate, and its seconds: download, offload, compute, aggregate (nan if invalid)."""
    nan = np.nan
    result = _climb(pack, parent, level, host)
    if result != VALID:
        return result, nan, nan, nan, nan
    model_s, start_s, end_s = _descend(pack, parent, level, host)
    ready_s = _gather(pack, parent)
    # What rounding makes -1e-17 is nothing: maxima over the same times never fall.
    return VALID, model_s, start_s - model_s, end_s - start_s, ready_s - end_s


@jit(allocates=False)
def _climb(pack, parent, level, host):  # type: ignore[no-untyped-def]
    """Walk up the tree once: the order of the other walks, and whether all rules are kept."""
    scratch, tree, n = pack.scratch, pack.tree, len(parent)
    n_levels = len(pack.widths)
    for i in range(n):
        scratch[WORK, i] = scratch[CARRIED, i] = scratch[SEND_S, i] = 0.0
        tree[WAITING, i] = tree[HEAD, i] = 0
    root = -1
    for i in range(n):
        p, h = parent[i], host[i]
        if p < 0 or p >= n or h < 0 or h >= n or level[i] < 0 or level[i] >= n_levels:
            return NOT_A_MEMBER
        if p != i:
            tree[WAITING, p] += 1
        elif root >= 0:
            return NOT_A_MEMBER
        else:
            root = i
        scratch[WORK, h] += pack.device[i, SAMPLES]
    if root < 0:
        return NOT_A_MEMBER
    n_ordered = 0
    _lay_queues(tree, tree[WAITING])
    for i in range(n):
        if tree[WAITING, i] == 0:
            tree[ORDER, n_ordered] = i
            n_ordered += 1
    total = weighted = widths = 0.0
    widest, fits = False, True
    for at in range(n):
        if at == n_ordered:
            return NOT_A_MEMBER  # the others are on a cycle or above one
        i = tree[ORDER, at]
        work, head = scratch[WORK, i], tree[HEAD, i] == 1
        tree[PART, i] = work > 0.0 or head or i == root
        width = 0.0
        if work > 0.0:
            width = pack.widths[level[i]]
            widest = widest or level[i] == 0
            total += work
            weighted += work * width
            widths += width
        carried = max(scratch[CARRIED, i], width) if pack.nested else scratch[CARRIED, i] + width
        union = min(1.0, carried)
        need = pack.state_share * width + (union if head else 0.0)
        if need > pack.device[i, MODELS] * (1.0 + MEMORY_SLACK):
            fits = False
        scratch[TRAVELS, i] = pack.model_bytes if pack.full else pack.model_bytes * union
        if i == root:
            continue
        p = parent[i]
        if tree[PART, i]:
            tree[HEAD, p] = 1
            scratch[CARRIED, p] = max(scratch[CARRIED, p], carried) if pack.nested else scratch[CARRIED, p] + carried
            scratch[SEND_S, p] += scratch[TRAVELS, i] * pack.link[p, i, 1]
        tree[WAITING, p] -= 1
        if tree[WAITING, p] == 0:
            tree[ORDER, n_ordered] = p
            n_ordered += 1
    if pack.offloading != ANY:
        for i in range(n):
            if host[i] != i and (pack.offloading == NO or pack.site[i] != pack.site[host[i]]):
                return OFFLOADING
    utility = weighted / total if pack.nested else widths
    if utility < pack.least_utility - UTILITY_SLACK or (pack.nested and not widest):
        return UTILITY
    return VALID if fits else MEMORY


@jit(allocates=False)
def _descend(pack, parent, level, host):  # type: ignore[no-untyped-def]
    """Walk down the tree: when the last model has come, when the last device starts computing, when the last ends."""
    scratch, tree, n = pack.scratch, pack.tree, len(parent)
    if pack.offloading != NO:
        _give_samples(pack, host)
    last_model_s = last_start_s = last_end_s = 0.0
    for at in range(n - 1, -1, -1):
        i = tree[ORDER, at]
        if not tree[PART, i]:
            continue
        p = parent[i]
        model_s = 0.0 if p == i else scratch[MODEL_S, p] + pack.link[p, i, 0] + scratch[SEND_S, p]
        start_s, work = model_s, scratch[WORK, i]
        if work > 0.0 and pack.offloading != NO:
            start_s = max(start_s, scratch[END_S, i])
        end_s = start_s
        if work > 0.0:
            end_s += work * pack.widths[level[i]] * pack.device[i, COMPUTE_S]
        scratch[MODEL_S, i], scratch[END_S, i] = model_s, end_s
        last_model_s, last_start_s = max(last_model_s, model_s), max(last_start_s, start_s)
        last_end_s = max(last_end_s, end_s)
    return last_model_s, last_start_s, last_end_s


@jit(allocates=False)
def _give_samples(pack, host):  # type: ignore[no-untyped-def]
    """Write to `END_S` when the samples that others give to each device are in."""
    scratch, tree, n = pack.scratch, pack.tree, len(host)
    for i in range(n):
        tree[WAITING, i] = 0
    for k in range(n):
        tree[WAITING, host[k]] += host[k] != k and pack.device[k, SAMPLES] > 0.0
    _lay_queues(tree, tree[WAITING])
    for k in range(n):
        if host[k] != k and pack.device[k, SAMPLES] > 0.0:
            seconds = pack.device[k, SAMPLES] * pack.sample_bytes * pack.link[k, host[k], 1]
            _join_queue(pack, host[k], pack.link[k, host[k], 0], seconds)
    for i in range(n):
        scratch[END_S, i] = _serve_queue(pack, i)


@jit(allocates=False)
def _gather(pack, parent):  # type: ignore[no-untyped-def]
    """Walk up the tree again: when the root has added up all models."""
    tree = pack.tree
    n, ready_s = len(parent), 0.0
    for i in range(n):
        tree[WAITING, i] = 0
    for i in range(n):
        tree[WAITING, parent[i]] += tree[PART, i] and parent[i] != i
    _lay_queues(tree, tree[WAITING])
    for at in range(n):
        i = tree[ORDER, at]
        if tree[PART, i]:
            p = parent[i]
            ready_s = pack.scratch[END_S, i]
            if tree[HEAD, i]:
                ready_s = max(ready_s, _serve_queue(pack, i))
            if p != i:
                _join_queue(pack, p, ready_s + pack.link[i, p, 0], pack.scratch[TRAVELS, i] * pack.link[i, p, 1])
    return ready_s


@jit(allocates=False)
def _lay_queues(tree, length):  # type: ignore[no-untyped-def]
    """Give every device an empty queue of its length."""
    place = 0
    for i in range(len(length) - 1):
        tree[BEGIN, i] = place
        tree[FILLED, i] = 0
        place += length[i]


@jit(inline=True, allocates=False)
def _join_queue(pack, device, ready_s, seconds):  # type: ignore[no-untyped-def]
    place = pack.tree[BEGIN, device] + pack.tree[FILLED, device]
    pack.scratch[QUEUE_READY_S, place], pack.scratch[QUEUE_S, place] = ready_s, seconds
    pack.tree[FILLED, device] += 1


@jit(allocates=False)
def _serve_queue(pack, device):  # type: ignore[no-untyped-def]
    """When all in a device's queue are in, one after another in the order of readiness."""
    begin = pack.tree[BEGIN, device]
    end = begin + pack.tree[FILLED, device]
    ready, seconds = pack.scratch[QUEUE_READY_S, begin:end], pack.scratch[QUEUE_S, begin:end]
    sort_pairs(ready, seconds)
    free_s = 0.0
    for at in range(len(ready)):
        free_s = max(free_s, ready[at]) + seconds[at]
    return free_s


@jit(allocates=False)
def sort_pairs(key, value):  # type: ignore[no-untyped-def]
    """Sort two arrays by the first: by insertion where they are short, else by a heap."""
    n = len(key)
    if n > _SHORT:
        for at in range(n // 2 - 1, -1, -1):
            _sift(key, value, at, n)
        for end in range(n - 1, 0, -1):
            key[0], key[end] = key[end], key[0]
            value[0], value[end] = value[end], value[0]
            _sift(key, value, 0, end)
        return
    for at in range(1, n):
        moved_key, moved_value, place = key[at], value[at], at
        while place > 0 and key[place - 1] > moved_key:
            key[place], value[place] = key[place - 1], value[place - 1]
            place -= 1
        key[place], value[place] = moved_key, moved_value


@jit(allocates=False)
def _sift(key, value, at, end):  # type: ignore[no-untyped-def]
    """Let an entry sink to its place in a heap with the largest on top."""
    moved_key, moved_value = key[at], value[at]
    while 2 * at + 1 < end:
        child = 2 * at + 1
        if child + 1 < end and key[child + 1] > key[child]:
            child += 1
        if key[child] <= moved_key:
            break
        key[at], value[at] = key[child], value[child]
        at = child
    key[at], value[at] = moved_key, moved_value
