"""What searches of the formal cost are worth: leaders, starts, other people, the paper's algorithm, scale."""

from __future__ import annotations

from findings.published import CLOSE, COUNTED, LARGE, PLENTY, TIMED, Figures, Published, count, entry

from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.runs.tolerances import SAME_COST
from tasklet_bench.strategies.registry import THIRD_PARTY

CORE, SCALE = "core", "scale"
RULES = ("aligned", "site-pure", "clustering")
PAPER = ("genetic", "genetic[gain=kernighan-lin]")
EXACT = ("constraint-program", "dynamic-program")
MANY = 512
"""Devices from which an instance counts as large."""


def leaders(published: Published) -> Figures:
    """Who leads under both budgets, and between whom the runs do not decide."""
    for budget in (COUNTED, TIMED):
        board = published.board(CORE, budget)
        for place, (name, row) in enumerate(board.iterrows(), start=1):
            yield f"{budget}: place of {name}", f"{place}"
            yield f"{budget}: mean rank of {name}", f"{row['mean_rank']:.2f}"
            yield f"{budget}: excess of {name}", percent(row["excess"])
        excess = published.excess(CORE, budget)
        for name in board.index[:6]:
            yield f"{budget}: {name}, median", percent(excess[name].median())
            yield f"{budget}: {name} at the best known", count(excess[name] <= CLOSE)
        first = board.index[0]
        for other in board.index[1:6]:
            words, difference = published.duel(CORE, budget, first, other)
            yield f"{budget}: {first} against {other}", words
            yield f"{budget}: {first} against {other}, difference", difference


def proofs(published: Published) -> Figures:
    """What the two exact strategies prove in 2 seconds."""
    runs = published.sample(CORE, TIMED).runs
    for name in EXACT:
        own = runs[runs["strategy"] == name].groupby("problem")["proven"].all()
        yield f"{name} proves in 2 s", count(own)
    either = runs[runs["strategy"].isin(EXACT)].groupby("problem")["proven"].any()
    yield "either proves in 2 s", count(either)


def starts(published: Published) -> Figures:
    """What a search adds over the best of what takes no search, and what a known start adds to a search."""
    for budget in (COUNTED, TIMED):
        excess = published.excess(CORE, budget)
        none = excess["known-starts"]
        yield f"{budget}: known-starts within 1 %", count(none <= CLOSE)
        yield f"{budget}: known-starts, median", percent(none.median())
        yield f"{budget}: known-starts, worst", percent(none.max())
        for name in RULES:
            yield f"{budget}: {name} within 1 %", count(excess[name] <= CLOSE)
        for name in ("annealing", "annealing[start=known]"):
            yield f"{budget}: {name}, median", percent(excess[name].median())
            yield f"{budget}: {name} is worse than known-starts", count(excess[name] > none + SAME_COST)
            costs_s = published.costs_s(CORE, budget)
            yield f"{budget}: {name} saves", percent((costs_s[name] / costs_s["known-starts"]).median() - 1)
        words, difference = published.duel(CORE, budget, "annealing[start=known]", "annealing")
        yield f"{budget}: known start against own", words
        yield f"{budget}: known start against own, difference", difference


def third_parties(published: Published) -> Figures:
    """Where planners and partitioners of other people stand."""
    for budget in (COUNTED, TIMED):
        board, excess = published.board(CORE, budget), published.excess(CORE, budget)
        for name in (*THIRD_PARTY, "multilevel"):
            if name in board.index:
                yield f"{budget}: excess of {name}", percent(board["excess"][name])
                yield f"{budget}: {name} at the best known", count(excess[name] <= CLOSE)
                yield f"{budget}: {name} against known-starts", published.duel(CORE, budget, name, "known-starts")[0]
        present = [name for name in (*THIRD_PARTY, "multilevel") if name in excess]
        best = excess[present].min(axis=1)
        yield f"{budget}: the best of them within 1 %", count(best <= CLOSE)
        yield f"{budget}: the best of them, median", percent(best.median())
        yield f"{budget}: theirs better than known-starts", count(best < excess["known-starts"] - SAME_COST)


def papers_algorithm(published: Published) -> Figures:
    """The paper's algorithm with its two gains: for whom it is good."""
    excess = published.excess(CORE, TIMED)
    for kind, names in published.groups(excess.index):
        for name in (*PAPER, "annealing"):
            yield f"{kind}: median excess of {name}", percent(excess[name].loc[names].median())
    for name in PAPER:
        yield f"{name} within 1 %", count(excess[name] <= CLOSE)
        yield f"{name}, median", percent(excess[name].median())
        yield f"{name}, worst", percent(excess[name].max())
    if "paper" in published.suites():
        plenty = published.excess("paper", PLENTY)
        for entrant in plenty:
            yield f"5,000 evaluations: {entrant} at the optimum", count(plenty[entrant] <= SAME_COST)
        for scenario in plenty.index:
            yield f"5,000 evaluations: genetic on {scenario}", percent(entry(plenty, scenario, "genetic"))


def samplers(published: Published) -> Figures:
    """General-purpose samplers against random partitions, under a budget of evaluations and of seconds."""
    for budget in (COUNTED, TIMED):
        excess = published.excess(CORE, budget)
        for name in ("tpe", "evolution-strategy", "nevergrad", "local-search", "random-partition", "random-grid"):
            if name not in excess:
                continue
            yield f"{budget}: median excess of {name}", percent(excess[name].median())
            if name != "random-partition":
                words, difference = published.duel(CORE, budget, name, "random-partition")
                yield f"{budget}: {name} against random-partition", words
                yield f"{budget}: {name} against random-partition, difference", difference


def scale(published: Published) -> Figures:
    """What still works with many devices."""
    devices = published.devices()
    costs_s = published.costs_s(SCALE, LARGE)
    runs = published.sample(SCALE, LARGE).runs
    for label, least in (("all", 0), (f"from {MANY}", MANY)):
        table = costs_s[[least <= devices[str(name)] for name in costs_s.index]]
        over = table.div(table.min(axis=1), axis=0) - 1
        yield f"{label}: instances", f"{len(over)} instances"
        for name in over:
            answers = runs[(runs["strategy"] == name) & (runs["status"] == "ok")]["problem"]
            yield f"{label}: {name} with an answer", count(over.index.to_series().isin(answers))
            if over[name].notna().all():
                yield f"{label}: {name} at the best of these", count(over[name] <= SAME_COST)
                yield f"{label}: {name} above the best of these, median", percent(over[name].median())
                yield f"{label}: {name} above the best of these, most", percent(over[name].max())
    yield "compared", f"{len(costs_s.columns)} strategies"
