"""Results of other tools stand beside those of a store: verified where they can be, and marked where they cannot."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.csv_import import import_csv
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tests.records import build_record

PROBLEMS = ("paper/regional", "paper/worldwide")
BUDGET = Budget(evaluations=100)
HEADER = ("strategy", "problem", "seed", "evaluations", "cost", "allocation")
Table = list[tuple[object, ...]]


def drawn(name: str, seed: int) -> tuple[float, list[list[int]]]:
    """Cost and grid of a random allocation."""
    problem = catalogue.load(name)
    grid = problem.allocation(problem.random(np.random.default_rng(seed))).grid
    return problem.cost(Allocation(grid)).total_s, grid.tolist()


@pytest.fixture
def store(tmp_path: Path):
    """Reference runs of one strategy on two instances, two seeds each, under one budget."""
    with Store(tmp_path / "store", writing=True) as opened:
        specs = []
        for name in PROBLEMS:
            problem = catalogue.load(name)
            opened.add_instance(problem_ref(problem), problem)
            for seed in range(2):
                cost_s, grid = drawn(name, seed)
                spec = RunSpec(problem_ref(problem), entrant("random-grid"), seed, BUDGET, suite="s", suite_digest="d")
                specs.append(spec)
                opened.append(reference(spec, cost_s, grid))
        opened.add_to_suite(specs)
        yield opened


def reference(spec: RunSpec, cost_s: float, grid: list[list[int]]) -> RunRecord:
    """A record as a run would give it."""
    parts = catalogue.load(spec.problem.name).cost(Allocation(grid)).parts_s
    return build_record(spec, parts, {"grid": grid}, [Improvement(100, 0.5, 0.5, cost_s, 0.0)])


def written(folder: Path, rows: Table, header: tuple[str, ...] = HEADER) -> Path:
    """A CSV file of these rows."""
    path = folder / "other.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows_of(strategy: str, *, with_allocation: bool) -> Table:
    """Results of another tool on both instances from both seeds: one draw each."""
    table: Table = []
    for name in PROBLEMS:
        for seed in range(2):
            cost_s, grid = drawn(name, seed + 10)
            table.append((strategy, name, seed, 50, repr(cost_s), json.dumps(grid) if with_allocation else ""))
    return table


def test_it_is_compared_with_what_is_there(store: Store, tmp_path: Path) -> None:
    """Both kinds rank on the store's own leaderboard without a run being made; only one of them passes for verified."""
    rows = rows_of("tool", with_allocation=True) + rows_of("guess", with_allocation=False)
    done = import_csv(store, written(tmp_path, rows))
    assert (done.added, done.verified, done.known, done.budget) == (8, 4, 0, "100-evaluations")
    (sample,) = results_of(store).samples
    board = leaderboard(sample, draws=50).set_index("strategy")
    assert set(board.index) == {"random-grid", "tool (imported)", "guess (unverified)"}
    assert sample.instances == PROBLEMS
    assert board.loc["tool (imported)", "mean_rank"] == board.loc["guess (unverified)", "mean_rank"]
    runs = store.runs().set_index("strategy")
    assert runs.loc["tool (imported)", "candidate"].notna().all()
    assert runs.loc["guess (unverified)", "candidate"].isna().all()
    assert set(runs.loc["guess (unverified)", "machine"]) == {"unknown (imported, unverified)"}
    result = verify(store)
    assert (result.checked, result.mismatches, result.without_allocation) == (8, (), 4)


def test_the_page_is_written_with_imported_results(store: Store, tmp_path: Path) -> None:
    """The mark stands in the page and in Markdown; seconds that nobody knows break nothing."""
    from tasklet_bench.bench.report import markdown, page
    from tasklet_bench.bench.report.page_data import page_data

    import_csv(store, written(tmp_path, rows_of("guess", with_allocation=False)))
    results = results_of(store)
    assert "guess (unverified)" in markdown.render(results)
    page.write(results, tmp_path / "page.html")
    (sample,) = page_data(results)["samples"]
    assert "guess (unverified)" in json.dumps(sample, default=str)


def test_rows_of_one_run_are_its_trajectory(store: Store, tmp_path: Path) -> None:
    """In order of evaluations, improvements only, and no further than the budget; the last allocation is verified."""
    (first_s, _), (second_s, grid) = sorted((drawn("paper/regional", seed) for seed in (20, 21)), reverse=True)
    labels = [0] * 64
    for row in grid:
        for stage, device in enumerate(row):
            labels[device] = stage
    assert len(set(labels)) == 8
    rows: Table = [
        ("tool", "paper/regional", 0, 40, repr(second_s), json.dumps({"grid": grid})),
        ("tool", "paper/regional", 0, 7, repr(first_s), ""),
        ("tool", "paper/regional", 0, 60, repr(first_s), ""),
        ("tool", "paper/regional", 0, 101, repr(second_s / 2), ""),
    ]
    done = import_csv(store, written(tmp_path, rows))
    assert (done.added, done.verified, done.cut) == (1, 1, 1)
    run = store.runs().set_index("strategy").loc["tool (imported)"]
    assert (run["cost_s"], run["evaluations"]) == (second_s, 60)
    curve = store.trajectories([run["key"]])  # type: ignore[list-item]
    assert curve[["evaluations", "cost_s"]].to_numpy().tolist() == [[7, first_s], [40, second_s]]


def test_the_same_file_adds_nothing_and_a_better_one_is_another_attempt(store: Store, tmp_path: Path) -> None:
    """The store only grows; the last import counts."""
    rows = rows_of("guess", with_allocation=False)
    assert import_csv(store, written(tmp_path, rows)).added == 4
    assert import_csv(store, written(tmp_path, rows)).known == 4
    better = [(*row[:4], repr(float(str(row[4])) * 0.99), "") for row in rows[:1]]
    assert import_csv(store, written(tmp_path, better)).added == 1
    runs = store.runs()
    assert (runs["strategy"] == "guess (unverified)").sum() == 4
    assert runs["attempt"].max() == 2


def test_labels_and_groups_score_at_their_best_wiring(store: Store, tmp_path: Path) -> None:
    """What is stored is the grid that they stand for."""
    problem = catalogue.load("paper/regional")
    labels = problem.random(np.random.default_rng(5))
    cost_s = repr(problem.cost(labels).total_s)
    groups = [np.flatnonzero(labels == group).tolist() for group in range(8)]
    rows: Table = [
        ("tool", "paper/regional", 0, 9, cost_s, json.dumps(labels.tolist())),
        ("tool", "paper/regional", 1, 9, cost_s, json.dumps({"groups": groups})),
    ]
    assert import_csv(store, written(tmp_path, rows)).verified == 2
    assert verify(store).mismatches == ()


COST_S, GRID = drawn("paper/regional", 30)
GOOD = ("tool", "paper/regional", 0, 9, repr(COST_S), json.dumps(GRID))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (4, repr(COST_S * (1 + 1e-6)), "line 3: cost: found .* which its allocation costs"),
        (4, "0.001", "line 3: cost: .* the proven bound"),
        (4, "nan", "line 3: cost: found 'nan'"),
        (2, "-1", "line 3: seed: found '-1'"),
        (3, "2.5", "line 3: evaluations: found '2.5'"),
        (0, " ", "line 3: strategy: found nothing"),
        (1, "paper/regionl", "line 3: problem: .*did you mean 'paper/regional'"),
        (5, "[[0, 1]", "line 3: allocation: not JSON"),
        (5, json.dumps([[0] * 8] * 8), "line 3: allocation: .*a second time"),
        (5, json.dumps([0] * 64), "line 3: allocation: no solution"),
        (5, "7", "line 3: allocation"),
    ],
)
def test_what_does_not_hold_is_named_and_nothing_is_taken_in(
    field: int, value: str, said: str, store: Store, tmp_path: Path
) -> None:
    """The file, the line and the field, with what was found and expected; good rows beside it stay out, too."""
    bad = [*GOOD]
    bad[field] = value
    path = written(tmp_path, [("tool", *GOOD[1:2], 1, *GOOD[3:]), tuple(bad)])
    with pytest.raises(BadInput, match=f"other.csv: {said}"):
        import_csv(store, path)
    assert len(store.runs()) == 4


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("strategy", "problem", "seed", "evaluations", "costs", "allocation"), "did you mean 'cost'"),
        (("strategy", "problem", "seed", "evaluations", "allocation"), "cost as well"),
    ],
)
def test_columns_are_the_ones_that_are_meant(header: tuple[str, ...], said: str, store: Store, tmp_path: Path) -> None:
    """Unknown columns are refused with the nearest name, missing ones are named."""
    with pytest.raises(BadInput, match=said):
        import_csv(store, written(tmp_path, [], header))


def test_a_budget_of_seconds_says_nothing_about_another_tool(store: Store, tmp_path: Path) -> None:
    """Its evaluations are all that is known; and where a store has several budgets, one must be named."""
    path = written(tmp_path, rows_of("tool", with_allocation=True))
    with pytest.raises(BadInput, match="2-cpu-seconds"):
        import_csv(store, path, Budget(cpu_s=2))
    with Store(tmp_path / "empty", writing=True) as empty:
        with pytest.raises(BadInput, match="none in the store"):
            import_csv(empty, path)
        assert import_csv(empty, path, Budget(evaluations=50)).added == 4
        assert set(empty.runs()["suite"]) == {"imported"}
