"""A round as it happens, step by step and in plain Python: what the harness believes.

Each function is one paragraph of the definition; nothing is shared with the compiled evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasklet_bench.problems.candidate import Infeasible, InvalidCandidate
from tasklet_bench.problems.federated_round.setting import MEMORY_SLACK, UTILITY_SLACK, Setting


@dataclass(frozen=True)
class Round:
    """Who takes part in a round, and when it passes which point (in seconds); mappings are by device.

    `children` are those that take part; `width` is that of the sub-model a device trains, `union` the share of the
    model that travels between it and its parent. A model reaches a device at `model_s`, it starts computing at
    `start_s`, ends at `end_s`, and has what comes from below at `ready_s`.
    """

    root: int
    children: Mapping[int, tuple[int, ...]]
    work: Mapping[int, float]
    width: Mapping[int, float]
    union: Mapping[int, float]
    model_s: Mapping[int, float]
    start_s: Mapping[int, float]
    end_s: Mapping[int, float]
    ready_s: Mapping[int, float]

    @property
    def parts_s(self) -> dict[str, float]:
        """The round's seconds by what they are spent on."""
        model_s, start_s, end_s = (max(times.values()) for times in (self.model_s, self.start_s, self.end_s))
        return {
            "download_s": model_s,
            "offload_s": start_s - model_s,
            "compute_s": end_s - start_s,
            "aggregate_s": self.ready_s[self.root] - end_s,
        }


def play(setting: Setting, parent: Sequence[int], level: Sequence[int], host: Sequence[int]) -> Round:
    """One round of a candidate; raises `InvalidCandidate` for no tree, `Infeasible` for a broken rule."""
    ways = [_way_up(parent, device) for device in range(setting.n_devices)]
    root = _only_root(parent)
    _check_hosts(setting, host)
    work = dict.fromkeys(range(setting.n_devices), 0.0)
    for owner, worker in enumerate(host):
        work[worker] += float(setting.samples[owner])
    taking_part = sorted({root} | {above for device, way in enumerate(ways) if work[device] > 0 for above in way})
    children = {p: tuple(k for k in taking_part if parent[k] == p and k != root) for p in taking_part}
    width = {i: setting.menu.widths[level[i]] if work[i] > 0 else 0.0 for i in taking_part}
    below = {i: [k for k in taking_part if i in ways[k]] for i in taking_part}
    union = {i: _union(setting, [width[k] for k in below[i]]) for i in taking_part}
    _check_utility(setting, work, width)
    _check_memory(setting, children, width, union)
    top_down = sorted(taking_part, key=lambda i: len(ways[i]))
    travels = {i: setting.model_bytes * (1.0 if setting.menu.exchange == "full" else union[i]) for i in taking_part}
    model_s = _download(setting, parent, children, travels, top_down)
    given_s = {i: _samples_in(setting, i, host) for i in taking_part}
    start_s = {i: max(model_s[i], given_s[i]) if work[i] > 0 else model_s[i] for i in taking_part}
    compute_s = {i: work[i] * width[i] * setting.sample_flop / float(setting.flop_s[i]) for i in taking_part}
    end_s = {i: start_s[i] + compute_s[i] for i in taking_part}
    ready_s: dict[int, float] = {}
    for i in reversed(top_down):
        arrivals = [
            (ready_s[k] + float(setting.delay_s[k, i]), travels[k] / float(setting.bandwidth_bytes_s[k, i]))
            for k in children[i]
        ]
        ready_s[i] = max(end_s[i], one_after_another(arrivals))
    return Round(root, children, work, width, union, model_s, start_s, end_s, ready_s)


def one_after_another(arrivals: Iterable[tuple[float, float]]) -> float:
    """When all are in that begin to arrive at `ready` and take `seconds` each, in the order of readiness; from 0."""
    free_s = 0.0
    for ready_s, seconds in sorted(arrivals):
        free_s = max(free_s, ready_s) + seconds
    return free_s


def _way_up(parent: Sequence[int], device: int) -> list[int]:
    """The device, its parent, and so on to a root."""
    way = [device]
    while parent[way[-1]] != way[-1]:
        way.append(int(parent[way[-1]]))
        if len(way) > len(parent):
            raise InvalidCandidate(f"device {device} is on a cycle or below one, expected a tree")
    return way


def _only_root(parent: Sequence[int]) -> int:
    roots = [device for device, above in enumerate(parent) if above == device]
    if len(roots) != 1:
        raise InvalidCandidate(f"devices {roots} are their own parents, expected exactly one root")
    return roots[0]


def _check_hosts(setting: Setting, host: Sequence[int]) -> None:
    for owner, worker in enumerate(host):
        if worker == owner or setting.menu.offloading == "any":
            continue
        if setting.menu.offloading == "no":
            raise Infeasible(f"samples of device {owner} are given to {worker}, but there is no offloading here")
        if setting.site_of[owner] != setting.site_of[worker]:
            raise Infeasible(f"samples of device {owner} are given to {worker}, which is at another site")


def _union(setting: Setting, widths: Sequence[float]) -> float:
    """The share of the model that sub-models of these widths make up together."""
    return max(widths) if setting.menu.nested else min(1.0, sum(widths))


def _check_utility(setting: Setting, work: Mapping[int, float], width: Mapping[int, float]) -> None:
    workers = [i for i in width if work[i] > 0]
    if setting.menu.nested:
        widest = setting.menu.widths[0]
        if all(width[i] < widest for i in workers):
            raise Infeasible(f"nobody trains the widest sub-model, expected somebody with width {widest:g}")
        utility = sum(work[i] * width[i] for i in workers) / sum(work[i] for i in workers)
    else:
        utility = sum(width[i] for i in workers)
    if utility < setting.menu.least_utility - UTILITY_SLACK:
        raise Infeasible(f"the utility is {utility:g}, expected at least {setting.menu.least_utility:g}")


def _check_memory(
    setting: Setting,
    children: Mapping[int, tuple[int, ...]],
    width: Mapping[int, float],
    union: Mapping[int, float],
) -> None:
    for i, below in children.items():
        bytes_each = setting.state_bytes * width[i] + (setting.message_bytes * union[i] if below else 0.0)
        if bytes_each * setting.n_params > setting.memory_bytes[i] * (1.0 + MEMORY_SLACK):
            needed, there = bytes_each * setting.n_params / 1e9, setting.memory_bytes[i] / 1e9
            raise Infeasible(f"device {i} needs {needed:.4g} GB of memory, and has {there:.4g} GB")


def _download(
    setting: Setting,
    parent: Sequence[int],
    children: Mapping[int, tuple[int, ...]],
    travels: Mapping[int, float],
    top_down: Sequence[int],
) -> dict[int, float]:
    """When each has its model: a parent sends to all its children at once, and they share its card."""
    model_s = {top_down[0]: 0.0}
    for k in top_down[1:]:
        p = int(parent[k])
        sending_s = sum(travels[sibling] / float(setting.bandwidth_bytes_s[p, sibling]) for sibling in children[p])
        model_s[k] = model_s[p] + float(setting.delay_s[p, k]) + sending_s
    return model_s


def _samples_in(setting: Setting, worker: int, host: Sequence[int]) -> float:
    """When the samples that others give to a device are in."""
    givers = [k for k, works in enumerate(host) if works == worker and k != worker and setting.samples[k] > 0]
    return one_after_another(
        (
            float(setting.delay_s[k, worker]),
            float(setting.samples[k]) * setting.sample_bytes / float(setting.bandwidth_bytes_s[k, worker]),
        )
        for k in givers
    )
