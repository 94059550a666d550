"""When every task runs if messages share rates: a queue of events, and max–min fair rates after each.

A message's rate changes whenever another begins or ends somewhere on its way, so time goes from event to event. With
nothing shared it tells the same times as `longest_path.py`.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit

_ENDS, _ARRIVES = 0, 1


class Work(NamedTuple):
    """What is to be run.

    Task `t` takes `compute_s[t]`, or is a message of `payload_bytes[t]` above 0, which has at most `link_bytes_s[t]`
    and shares `capacity_bytes_s` of the two `places[t]` (-1: none); shapes `(T,)`, `(P,)` and `(T, 2)`. When it is
    over, each wait `w` in `first_follower[t]:first_follower[t + 1]` releases task `follower[w]` after `lag_s[w]`.
    """

    follower: NDArray[np.int64]
    first_follower: NDArray[np.int64]
    lag_s: NDArray[np.float64]
    compute_s: NDArray[np.float64]
    payload_bytes: NDArray[np.float64]
    link_bytes_s: NDArray[np.float64]
    places: NDArray[np.int64]
    capacity_bytes_s: NDArray[np.float64]


class Progress(NamedTuple):
    """How far each task is, shapes `(T,)`: releases still `missing`, and for messages what is `left` since when."""

    missing: NDArray[np.int64]
    start_s: NDArray[np.float64]
    finish_s: NDArray[np.float64]
    left_bytes: NDArray[np.float64]
    since_s: NDArray[np.float64]
    rate_bytes_s: NDArray[np.float64]
    due_s: NDArray[np.float64]


@jit
def run(work, progress):  # type: ignore[no-untyped-def]
    """Run all tasks; writes `start_s` and `finish_s`, and returns the changes of messages' rates: when, whose, to what.

    A task that is never released keeps its `finish_s`.
    """
    queue = [(0.0, _ENDS, -1)]
    change_s, change_task, change_rate = [0.0], [-1], [0.0]
    over, ready = [-1], [task for task in range(len(work.compute_s)) if progress.missing[task] == 0]
    for values in (change_s, change_rate):  # numba learns what a list holds from its first entry
        values.pop()
    queue.pop(), over.pop(), change_task.pop()
    sending, n_sending = np.empty(len(work.compute_s), np.int64), 0
    now = 0.0
    while True:
        n_before = n_sending
        n_over = len(over)
        while ready or over:
            while ready:
                n_sending = _begin(work, progress, ready.pop(), now, queue, over, sending, n_sending)
            while over:
                _finish(work, progress, over.pop(), now, queue, ready)
        if n_over or n_sending != n_before:
            rates = max_min_rates(sending[:n_sending], work.link_bytes_s, work.places, work.capacity_bytes_s)
            for i in range(n_sending):
                if rates[i] != progress.rate_bytes_s[sending[i]]:
                    _change_rate(progress, sending[i], rates[i], now)
                    change_s.append(now)
                    change_task.append(sending[i])
                    change_rate.append(rates[i])
        following = queue[0][0] if queue else np.inf
        for i in range(n_sending):
            following = min(following, progress.due_s[sending[i]])
        if following == np.inf:
            return np.array(change_s), np.array(change_task), np.array(change_rate)
        now = following
        n_sending = _collect_sent(progress, sending, n_sending, now, over)
        while queue and queue[0][0] <= now:
            _, what, task = heappop(queue)
            if what == _ENDS:
                over.append(task)
            else:
                _release(progress, task, ready)


@jit
def _begin(work, progress, task, now, queue, over, sending, n_sending):  # type: ignore[no-untyped-def]
    """Start a task; returns how many messages are being sent now."""
    progress.start_s[task] = now
    if work.payload_bytes[task] > 0:
        progress.left_bytes[task], progress.since_s[task] = work.payload_bytes[task], now
        sending[n_sending] = task
        return n_sending + 1
    if work.compute_s[task] > 0:
        heappush(queue, (now + work.compute_s[task], _ENDS, task))
    else:
        over.append(task)
    return n_sending


@jit
def _finish(work, progress, task, now, queue, ready):  # type: ignore[no-untyped-def]
    """Note the end of a task and let those go that waited for it, at once or when its message has arrived."""
    progress.finish_s[task] = now
    for wait in range(work.first_follower[task], work.first_follower[task + 1]):
        if work.lag_s[wait] > 0:
            heappush(queue, (now + work.lag_s[wait], _ARRIVES, work.follower[wait]))
        else:
            _release(progress, work.follower[wait], ready)


@jit
def _release(progress, task, ready):  # type: ignore[no-untyped-def]
    progress.missing[task] -= 1
    if progress.missing[task] == 0:
        ready.append(task)


@jit
def _change_rate(progress, message, rate, now):  # type: ignore[no-untyped-def]
    """Settle what was sent at the old rate, and foresee the end at the new one."""
    progress.left_bytes[message] -= progress.rate_bytes_s[message] * (now - progress.since_s[message])
    progress.since_s[message], progress.rate_bytes_s[message] = now, rate
    progress.due_s[message] = now + max(progress.left_bytes[message], 0.0) / rate


@jit
def _collect_sent(progress, sending, n_sending, now, over):  # type: ignore[no-untyped-def]
    """Move the messages that are due from `sending` to `over`; returns how many are still being sent."""
    kept = 0
    for i in range(n_sending):
        if progress.due_s[sending[i]] <= now:
            over.append(sending[i])
        else:
            sending[kept] = sending[i]
            kept += 1
    return kept


@jit
def max_min_rates(messages, link_bytes_s, places, capacity_bytes_s):  # type: ignore[no-untyped-def]
    """The max–min fair rates of messages, shape `(M,)`: none can have more unless one that has no more gets less.

    Progressive filling: all rates grow together; a message that meets the limit of its own link stays there, and where
    a shared place is full, everyone in it stays.
    """
    rates = np.full(len(messages), -1.0)
    free = capacity_bytes_s.copy()
    users = np.zeros(len(free), np.int64)
    for message in messages:
        for place in places[message]:
            if place >= 0:
                users[place] += 1
    n_settled = 0
    while n_settled < len(messages):
        level, narrowest = np.inf, -2
        for place in range(len(free)):
            if users[place] and free[place] / users[place] < level:
                level, narrowest = free[place] / users[place], place
        slowest = np.inf
        for i in range(len(messages)):
            if rates[i] < 0:
                slowest = min(slowest, link_bytes_s[messages[i]])
        for i in range(len(messages)):
            message = messages[i]
            by_link = slowest <= level and link_bytes_s[message] <= level
            by_place = slowest > level and (places[message, 0] == narrowest or places[message, 1] == narrowest)
            if rates[i] < 0 and (by_link or by_place):
                rates[i] = link_bytes_s[message] if by_link else level
                n_settled += 1
                for place in places[message]:
                    if place >= 0:
                        free[place] -= rates[i]
                        users[place] -= 1
    return rates
