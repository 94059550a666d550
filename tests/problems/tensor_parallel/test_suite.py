"""The suite holds what the family is about: memory, modes inside data centres, and devices of several kinds."""

from __future__ import annotations

from tasklet_bench.problems import families
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.registry import strategy_class


def test_the_suite_covers_what_decides() -> None:
    """15 to 25 instances: in at least eight memory decides, four are data centres, four have three kinds of devices."""
    suite = catalogue.suite("tensor-parallel")
    problems = [families.load(name) for name in suite.problems]
    assert 15 <= len(problems) <= 25
    assert [problem.name for problem in problems] == list(suite.problems)
    kinds = [problem.kinds() for problem in problems]
    assert sum(kind["memory"] == "decides" for kind in kinds) >= 8
    assert sum(kind["kinds of devices"] == "three or more" for kind in kinds) >= 4
    assert sum("generated/machines" in problem.name for problem in problems) >= 4
    assert "tensor-parallel" in strategy_class(suite.champion).families


def test_modes_matter_inside_data_centres() -> None:
    """On each machine-room instance the best shapes of the five modes on the host order differ by more than 5 %."""
    from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem
    from tasklet_bench.problems.tensor_parallel.starts import score_shapes

    reported = 0
    for name in catalogue.suite("tensor-parallel").problems:
        problem = families.load(name)
        if "generated/machines" not in name or not isinstance(problem, TensorParallelProblem):
            continue
        costs_s = score_shapes(problem, problem.starts()["grid-search"][1])
        best = {
            mode: min(cost for cost, shape in zip(costs_s, problem.shapes, strict=True) if shape.mode == mode)
            for mode in {shape.mode for shape in problem.shapes}
        }
        assert sorted(best.values())[-1] > 1.05 * min(best.values())
        reported += min(best, key=best.__getitem__) != "1d"
    assert reported >= 4
