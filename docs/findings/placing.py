"""What matters to who places devices: simulated seconds, unlike devices, Megatron's order, how long to search."""

from __future__ import annotations

from findings.published import CLOSE, COUNTED, TIMED, Figures, Published, count

from tasklet_bench.bench.report.wording import percent

SECONDS = "seconds"
NO_SEARCH = "known-starts"
MEGATRON = "megatron"
FINE = 0.05
"""Excess up to which the order of the host list is called fine."""


def seconds(published: Published) -> Figures:
    """Who is fastest in simulated seconds, and how much faster than the order of the host list."""
    board = published.board(SECONDS, TIMED)
    excess, costs_s = published.excess(SECONDS, TIMED), published.costs_s(SECONDS, TIMED)
    yield "instances", f"{len(excess)} instances"
    for name in board.index:
        yield f"excess of {name}", percent(board["excess"][name])
        yield f"at the best known, {name}", count(excess[name] <= CLOSE)
        saved = 1 - costs_s[name] / costs_s[MEGATRON]
        yield f"seconds saved by {name} against Megatron's order, median", percent(-saved.median())
        yield f"seconds saved by {name} against Megatron's order, most", percent(-saved.max())
    leader, second = board.index[:2]
    yield f"{leader} against {second}", published.duel(SECONDS, TIMED, leader, second)[0]
    yield f"{leader} against {second}, difference", published.duel(SECONDS, TIMED, leader, second)[1]


def unlike_devices(published: Published) -> Figures:
    """What devices of several kinds change, and free layers."""
    costs_s = published.costs_s(SECONDS, TIMED)
    excess = published.excess(SECONDS, TIMED)
    leader = published.board(SECONDS, TIMED).index[0]
    for kind, names in published.groups(costs_s.index):
        here = costs_s.loc[names]
        yield f"{kind}: instances", f"{len(names)} of {len(costs_s)}"
        for other in (MEGATRON, NO_SEARCH):
            yield f"{kind}: {leader} against {other}", percent((here[leader] / here[other]).median() - 1)
        for name in excess:
            yield f"{kind}: median excess of {name}", percent(excess[name].loc[names].median())
    for name in published.results.problems:
        free = name.removesuffix("&layers=free")
        if name != free and free in costs_s.index and name in costs_s.index:
            gain = costs_s[leader][name] / costs_s[leader][free] - 1
            yield f"free layers on {name}", percent(gain)


def megatron(published: Published) -> Figures:
    """Where the order of the host list is good enough."""
    for suite in ("core", SECONDS):
        excess = published.excess(suite, TIMED)
        for name in (MEGATRON, "megatron[hosts=shuffled]", "megatron[order=tp-pp-dp]", "dlrover-rerank"):
            if name in excess:
                yield f"{suite}: {name} within 5 %", count(excess[name] <= FINE)
                yield f"{suite}: {name}, median", percent(excess[name].median())
        fine = excess.index[excess[MEGATRON] <= FINE]
        yield f"{suite}: fine on", ", ".join(fine)


def waiting(published: Published) -> Figures:
    """What 2 CPU seconds bring over 1,000 evaluations, for whom."""
    for suite in ("core", SECONDS):
        short, long = published.costs_s(suite, COUNTED), published.costs_s(suite, TIMED)
        cpu_s = published.sample(suite, COUNTED).runs.groupby("strategy")["cpu_s"].median()
        for name in short.columns.intersection(long.columns):
            yield f"{suite}: 2 s against 1,000 evaluations, {name}", percent((long[name] / short[name]).median() - 1)
            yield f"{suite}: CPU seconds of 1,000 evaluations, {name}", f"{cpu_s[name]:.2g} s"
        places = {
            budget: published.board(suite, budget)["mean_rank"].rank(method="first") for budget in (COUNTED, TIMED)
        }
        for name in places[COUNTED].index.intersection(places[TIMED].index):
            yield f"{suite}: places of {name}", f"{places[COUNTED][name]:.0f} to {places[TIMED][name]:.0f}"
