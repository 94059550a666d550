"""What each of the other families taught: its leader, its starts, and how far general searches come."""

from __future__ import annotations

from findings.published import CLOSE, COUNTED, TIMED, Figures, Published, count

from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.problem import Problem

FAMILIES = ("gossip", "mixing-graph", "federated-round", "swarm", "tensor-parallel", "atom")


def families(published: Published) -> Figures:
    """One after the other."""
    for suite in FAMILIES:
        if suite in published.suites():
            for name, value in family(published, suite):
                yield f"{suite}: {name}", value


def family(published: Published, suite: str) -> Figures:
    """A family's board after both budgets, and by kinds of instances after two seconds."""
    for budget in (COUNTED, TIMED):
        board, excess = published.board(suite, budget), published.excess(suite, budget)
        costs_s = published.costs_s(suite, budget)
        yield "instances", f"{len(excess)} instances"
        for name in board.index:
            yield f"{budget}: excess of {name}", percent(board["excess"][name])
            yield f"{budget}: median excess of {name}", percent(excess[name].median())
            yield f"{budget}: {name} within 1 %", count(excess[name] <= CLOSE)
        leader = board.index[0]
        for other in board.index[1:]:
            words, difference = published.duel(suite, budget, leader, other)
            yield f"{budget}: {leader} against {other}", words
            yield f"{budget}: {leader} against {other}, difference", difference
            yield f"{budget}: {other} over {leader}, median", percent((costs_s[other] / costs_s[leader]).median() - 1)
            yield f"{budget}: {other} over {leader}, most", percent((costs_s[other] / costs_s[leader]).max() - 1)
    excess = published.excess(suite, TIMED)
    for kind, names in published.groups(excess.index):
        for name in excess:
            yield f"{kind}: median excess of {name}", percent(excess[name].loc[names].median())
    yield "proven by the problem's own bound", _at_bound(published.sample(suite, TIMED), published.results.problems)


def _at_bound(sample: Sample, problems: dict[str, Problem]) -> str:
    """On how many instances the cheapest run meets the bound that the problem itself gives."""
    best_s = sample.runs.groupby("problem")["order_s"].min()
    met = sum(best_s[name] <= problems[name].bound() * (1 + 1e-9) for name in sample.instances)
    return f"{met} of {len(sample.instances)}"
