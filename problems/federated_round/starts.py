"""The baselines of the field: stars, a head in each site, one site for all samples; as wide as fits, and trimmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.memory import NONE_FITS, widest_levels
from tasklet_bench.problems.federated_round.random_plan import widest_star
from tasklet_bench.problems.federated_round.setting import Setting

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.evaluate import Pack
    from tasklet_bench.problems.federated_round.problem import Plan

TRIMMED_AT_ONCE = 64
"""Up to so many devices, one is narrowed at a time; above, as many more as there are more devices."""


def baselines(setting: Setting, pack: Pack) -> dict[str, Plan]:
    """Valid candidates by name; those that do not fit into memory are left out, all but the star with most memory."""
    from tasklet_bench.problems.federated_round.trimming import trim

    kinds = {"best star": stars(setting), "site heads": site_heads(setting)}
    if setting.menu.offloading == "site":
        kinds["site workers"] = site_workers(setting)
    if setting.menu.offloading == "any":
        kinds["one site"] = one_site(setting)
    result: dict[str, Plan] = {}
    for name, plans in kinds.items():
        best = _best(pack, plans)
        if best is None:
            continue
        result[name] = best
        if len(setting.menu.widths) > 1:
            level = best[1].copy()
            trim(pack, best[0], level, best[2], -(-setting.n_devices // TRIMMED_AT_ONCE))
            if (level != best[1]).any():
                result[f"{name}, trimmed"] = (best[0], level, best[2])
    star = widest_star(setting)
    return result or ({} if star is None else {"star with most memory": star})


def stars(setting: Setting) -> Iterator[Plan]:
    """Everybody below one root, for each root: as wide as fits, room for a whole model kept at the root."""
    n = setting.n_devices
    for root in range(n):
        heads = np.zeros(n, dtype=bool)
        heads[root] = True
        yield from _plan(setting, np.full(n, root), heads)


def site_heads(setting: Setting) -> Iterator[Plan]:
    """One head in each site, all below one root, which is the head of its own; room for a whole model at each."""
    n = setting.n_devices
    first = np.searchsorted(setting.site_of, np.arange(setting.site_of.max() + 1))
    for root in range(n):
        head = first.copy()
        head[setting.site_of[root]] = root
        parent = head[setting.site_of]
        parent[head] = root
        heads = np.zeros(n, dtype=bool)
        heads[head] = True
        yield from _plan(setting, parent.astype(np.int64), heads)


def site_workers(setting: Setting) -> Iterator[Plan]:
    """In each site the fastest m devices work on all of its samples, below the fastest; for each root and m."""
    sites = [np.flatnonzero(setting.site_of == site) for site in range(setting.site_of.max() + 1)]
    for m in range(1, max(len(site) for site in sites) + 1):
        parent, host = np.arange(setting.n_devices), np.arange(setting.n_devices)
        for site in sites:
            workers = _fastest(setting, site)[:m]
            parent[site] = workers[0]
            host[site] = _longest_first(setting, site, workers)
        heads = np.unique(parent)
        is_head = np.isin(np.arange(setting.n_devices), heads)
        for root in heads:
            below = parent.copy()
            below[heads] = root
            yield from _plan(setting, below, is_head, host)


def one_site(setting: Setting) -> Iterator[Plan]:
    """All samples at the fastest m devices of one site, in a star at the fastest; for each site and m."""
    n = setting.n_devices
    for site in range(setting.site_of.max() + 1):
        fastest = _fastest(setting, np.flatnonzero(setting.site_of == site))
        heads = np.arange(n) == fastest[0]
        for m in range(1, len(fastest) + 1):
            host = _longest_first(setting, np.arange(n), fastest[:m])
            yield from _plan(setting, np.full(n, fastest[0]), heads, host)


def _fastest(setting: Setting, devices: NDArray[np.intp]) -> NDArray[np.intp]:
    return devices[np.argsort(-setting.flop_s[devices], kind="stable")]


def _longest_first(setting: Setting, owners: NDArray[np.intp], workers: NDArray[np.intp]) -> NDArray[np.int64]:
    """Who works on the samples of each owner: the longest first, to whoever is done first."""
    load_s = np.zeros(len(workers))
    each_s = setting.compute_s[workers]
    host = np.empty(len(owners), dtype=np.int64)
    for place in np.argsort(-setting.samples[owners], kind="stable"):
        done_s = load_s + setting.samples[owners[place]] * each_s
        chosen = int(done_s.argmin())
        load_s[chosen] = done_s[chosen]
        host[place] = workers[chosen]
    return host


def _plan(
    setting: Setting,
    parent: NDArray[np.int64],
    heads: NDArray[np.bool_],
    host: NDArray[np.int64] | None = None,
) -> Iterator[Plan]:
    """The tree with everybody as wide as fits, if somebody with work has room for some level."""
    host = np.arange(setting.n_devices) if host is None else host
    level = np.where(heads, widest_levels(setting, 1.0), widest_levels(setting))
    idle = np.bincount(host, weights=setting.samples, minlength=setting.n_devices) == 0
    if not (level[~idle] == NONE_FITS).any():
        yield parent, np.maximum(level, 0), host


def _best(pack: Pack, plans: Iterable[Plan]) -> Plan | None:
    """The cheapest of the valid ones."""
    from tasklet_bench.problems.federated_round.evaluate import VALID, evaluate

    best, best_s = None, np.inf
    for plan in plans:
        result, *parts_s = evaluate(pack, *plan)
        if result == VALID and sum(parts_s) < best_s:
            best, best_s = plan, sum(parts_s)
    return best
