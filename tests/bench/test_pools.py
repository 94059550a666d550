"""Strategies that bring processes of their own, or what only looks like a search."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklet_bench.bench import execution
from tasklet_bench.bench.plugins import BrokenPlugin, entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue

PLUGIN = """
from __future__ import annotations

import multiprocessing
from pathlib import Path

from .neighbour import score

KIND = (Path(__file__).parent / "kind.txt").read_text().strip()


class Pool:
    name = "pool"

    def search(self, problem, run, rng):
        batch = [problem.random(rng) for _ in range(6)]
        if KIND == "joblib":
            from joblib import Parallel, delayed

            costs = Parallel(n_jobs=2)(delayed(score)(problem, one) for one in batch)
        else:
            with multiprocessing.get_context(KIND).Pool(2) as pool:
                costs = pool.starmap(score, [(problem, one) for one in batch])
        best = min(range(6), key=costs.__getitem__)
        run.submit(batch[best], 6)
"""
NEIGHBOUR = "def score(problem, candidate):\n    return problem.cost(candidate).total_s\n"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fork", "spawn", "forkserver", "joblib"])
def test_pools_of_every_kind_find_the_plugin_its_neighbours_and_its_data(kind: str, tmp_path: Path) -> None:
    """Processes that a strategy starts afresh import what it hands them, by relative imports and beside its file."""
    if kind == "joblib":
        pytest.importorskip("joblib")
    (tmp_path / "mine.py").write_text(PLUGIN)
    (tmp_path / "neighbour.py").write_text(NEIGHBOUR)
    (tmp_path / "kind.txt").write_text(kind)
    problem = catalogue.load("generated/uniform?n=8&dp=2&seed=1")
    spec = RunSpec(problem_ref(problem), entrant(f"{tmp_path / 'mine.py'}:Pool"), 0, Budget(evaluations=6, wall_s=120))
    record = execution.run(spec)
    assert (record.status, record.evaluations) == ("ok", 6), record.error


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("async def search(self, problem, run, rng):\n        run.evaluate(1)", "async def"),
        ("async def search(self, problem, run, rng):\n        yield 1", "async def"),
        ("def search(self, problem, run, rng):\n        yield run.evaluate(1)", "a generator"),
    ],
)
def test_a_search_that_returns_at_once_is_refused_before_any_run(search: str, said: str, tmp_path: Path) -> None:
    """As a method and as a function, with what it is and what is expected."""
    file = tmp_path / "mine.py"
    file.write_text(f"class Mine:\n    {search}\n\n\n{search.replace('self, ', '')}\n")
    for target in ("Mine", "search"):
        with pytest.raises(BrokenPlugin, match=f"search: found .*{said}.*, expected a plain function"):
            entrant(f"{file}:{target}")
