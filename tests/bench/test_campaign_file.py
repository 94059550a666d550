"""A campaign is what its file and the command line say, and every mistake in them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklet_bench.bench.campaigns import campaign_file
from tasklet_bench.bench.campaigns.campaign import Campaign, missing
from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.plugins import entrant
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_to_json
from tasklet_bench.problems.instances import catalogue

FILE = """
name = "mine"
problems = ["paper/spot", "own.json"]
champion = "aligned"
strategies = ["random-grid", "megatron[hosts=shuffled]", "aligned", "plugin.py:again"]
budgets = ["20-evaluations", "1-cpu-seconds"]
seeds = 2
first_seed = 5
memory_gb = 1
"""
PLUGIN = '''
def again(problem, run, rng):
    """Evaluate one partition."""
    run.evaluate(problem.random(rng))
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A campaign file with a problem file and a plug-in beside it."""
    import json

    (tmp_path / "own.json").write_text(json.dumps(problem_to_json(catalogue.load("paper/regional"))))
    (tmp_path / "plugin.py").write_text(PLUGIN)
    path = tmp_path / "campaign.toml"
    path.write_text(FILE)
    return path


def test_a_file_is_read_as_written(file: Path) -> None:
    """Instances, entrants with parameters, budgets and seeds; paths are beside the file."""
    campaign = campaign_of(str(file))
    assert campaign.suite == "mine"
    assert campaign.champion == "aligned"
    assert [ref.digest for ref, _ in campaign.problems] == [
        catalogue.load("paper/spot").digest,
        catalogue.load("paper/regional").digest,
    ]
    assert campaign.problems[1][0].content is not None
    assert [e.name for e in campaign.entrants] == ["random-grid", "megatron[hosts=shuffled]", "aligned", "again"]
    assert [budget.name for budget in campaign.budgets] == ["20-evaluations", "1-cpu-seconds"]
    assert campaign.seeds == (5, 6)
    assert campaign.memory_bytes == 2**30


def test_the_command_line_narrows_and_changes(file: Path) -> None:
    """Only some strategies and problems, another budget, fewer seeds."""
    changes = Changes(
        strategies=("megatron", "site-pure"), problems=("paper/*",), budget=Budget(evaluations=1), seeds=1, timing=True
    )
    campaign = campaign_of(str(file), changes)
    assert [e.name for e in campaign.entrants] == ["megatron[hosts=shuffled]", "site-pure"]
    assert [ref.name for ref, _ in campaign.problems] == ["paper/spot"]
    assert (campaign.budgets, campaign.seeds, campaign.timing) == ((Budget(evaluations=1),), (5,), True)


def test_entrants_that_nobody_asked_for_are_not_looked_at(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a registered strategy is called says whether it is asked for; a plug-in has to be imported for that."""
    looked_at: list[str] = []

    def noted(text: str) -> object:
        looked_at.append(text)
        return entrant(text)

    monkeypatch.setattr(campaign_file, "entrant", noted)
    chosen = campaign_of(str(file), Changes(strategies=("megatron[hosts=shuffled]", "again"))).entrants
    assert [one.name for one in chosen] == ["megatron[hosts=shuffled]", "again"]
    assert len(looked_at) == 2


def test_a_suite_is_a_campaign() -> None:
    """With its instances, its champion and its digest; narrowing it keeps the digest, as it is part of the suite."""
    suite = catalogue.suite("paper")
    whole, part = campaign_of("paper"), campaign_of("paper", Changes(problems=("*/spot",)))
    assert (whole.suite, whole.suite_digest, whole.champion) == ("paper", suite.digest, suite.champion)
    assert len(whole.problems) == 5
    assert len(part.problems) == 1
    assert part.suite_digest == whole.suite_digest


def test_a_pinned_instance_is_the_one_that_is_loaded() -> None:
    """The digests that a suite is planned with are those of its instances."""
    for ref, _ in campaign_of("paper").problems:
        assert catalogue.load(ref.name).digest == ref.digest


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sed = 1", "unknown key; did you mean 'seeds'"),
        ('seeds = "three"', "seeds: found 'three'"),
        ("seeds = 0", "seeds: found 0"),
        ('budgets = ["1000-evaluation"]', "did you mean 'evaluations'"),
        ('strategies = ["random-gird"]', "did you mean 'random-grid'"),
        ('strategies = ["megatron[hots=shuffled]"]', "did you mean 'hosts'"),
        ('strategies = ["nowhere.py:Mine"]', "no such file"),
        ('problems = ["paper/sopt"]', "paper/sopt"),
        ('problems = ["nowhere.json"]', "no such file"),
        ("problems = []", "found none"),
        ('suite = "quick"\nproblems = ["paper/spot"]', "one of them"),
        ("seeds = ", "not TOML"),
    ],
)
def test_each_mistake_is_named(line: str, said: str, tmp_path: Path) -> None:
    """One message with the file or the value, and the nearest valid name."""
    path = tmp_path / "wrong.toml"
    path.write_text(line if "problems" in line or "suite" in line else f'problems = ["paper/spot"]\n{line}')
    with pytest.raises(BadInput, match="(?s)" + said.replace("[", r"\[")):
        campaign_of(str(path))


def test_a_missing_file_and_suite_are_named() -> None:
    """A name that is neither says so, with the nearest suite."""
    with pytest.raises(BadInput, match="no such file"):
        campaign_of("nowhere.toml")
    with pytest.raises(BadInput, match="did you mean 'quick'"):
        campaign_of("quik")
    with pytest.raises(BadInput, match="problem of the campaign"):
        campaign_of("paper", Changes(problems=("nothing/*",)))


def _order(campaign: Campaign) -> list[tuple[int, str, str, str]]:
    return [(s.seed, s.budget.name, s.problem.name, s.entrant.name) for s in campaign.specs()]


def test_runs_are_interleaved_so_that_drift_hits_all_alike(file: Path) -> None:
    """All entrants stand side by side on each instance, and take turns in being the first."""
    order = _order(campaign_of(str(file)))
    assert len(order) == len(set(order)) == (4 + 3) * 2 * 2
    blocks: dict[tuple[int, str, str], list[str]] = {}
    for seed, budget, problem, name in order:
        blocks.setdefault((seed, budget, problem), []).append(name)
    assert [name for block in blocks.values() for name in block] == [name for *_, name in order]
    assert len({block[0] for block in blocks.values()}) > 1


def test_deterministic_entrants_run_once(file: Path) -> None:
    """Another seed would be the same run again."""
    seeds = [seed for seed, _, _, name in _order(campaign_of(str(file))) if name == "aligned"]
    assert set(seeds) == {5}


def test_only_what_is_missing_is_made(file: Path) -> None:
    """Done is done, failed too unless it is asked for; an attempt more is counted."""
    specs = list(campaign_of(str(file)).specs())
    done = {specs[0].key: (1, "ok"), specs[1].key: (2, "crashed")}
    assert missing(specs, done) == specs[2:]
    again = missing(specs, done, retry_failed=True)
    assert [spec.key for spec in again] == [spec.key for spec in specs[1:]]
    assert again[0].attempt == 3
