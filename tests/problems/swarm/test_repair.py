"""The best decision with few moves, against enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.swarm import repair as module
from tasklet_bench.problems.swarm.repair import repair
from tests.problems.swarm.conftest import Maker, all_labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("options", [{}, {"wiring": "proportional"}, {"absences": ((True,) + (False,) * 4,)}])
def test_no_decision_within_reach_is_cheaper(make: Maker, seed: int, options: dict[str, object]) -> None:
    """For each number of moves the repair costs what the cheapest decision within them costs."""
    problem = make(5, 2, seed, **options)
    before = problem.random(np.random.default_rng(seed))
    costs = [(int((labels != before).sum()), problem.cost(labels).total_s) for labels in all_labels(problem)]
    for moves in range(6):
        result = repair(problem, before, moves)
        assert result.proven
        assert len(result.moved) <= moves
        np.testing.assert_allclose(result.cost_s, min(cost for moved, cost in costs if moved <= moves))
        assert result.cost_s == problem.cost(result.labels).total_s


def test_an_empty_stage_is_filled(make: Maker) -> None:
    """Labels that leave a stage empty, as after a loss, are repaired; with too few moves that is refused."""
    problem = make(6, 3, 1)
    lost = np.array([0, 0, 0, 1, 1, 3])
    result = repair(problem, lost, 1)
    assert set(result.labels) >= {0, 1, 2}
    with pytest.raises(BadInput, match="expected at least 2"):
        repair(problem, [0, 0, 0, 0, 3, 3], 1)


def test_too_many_decisions_are_searched_move_by_move(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all decisions are tried, the repair keeps to its moves, costs no more than one, and proves nothing."""
    problem = make(6, 3, 2)
    before = problem.random(np.random.default_rng(5))
    one = repair(problem, before, 1)
    monkeypatch.setattr(module, "MOST_DECISIONS", 10)
    result = repair(problem, before, 3)
    assert not result.proven
    assert len(result.moved) <= 3
    assert result.cost_s <= one.cost_s
    filled = repair(problem, [0, 0, 0, 1, 1, 3], 2)
    assert set(filled.labels) >= {0, 1, 2}


@pytest.mark.parametrize(("labels", "moves"), [([0, 1], 1), ([0, 1, 2, 9, 0, 0], 1), ([0, 1, 2, 0, 0, 0], -1)])
def test_bad_input_is_named(make: Maker, labels: list[int], moves: int) -> None:
    """Labels of other devices or stages and a negative number of moves are refused."""
    with pytest.raises(BadInput, match=r"labels|moves"):
        repair(make(6, 3), labels, moves)
