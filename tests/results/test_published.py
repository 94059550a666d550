"""The published results: what stands in results/reference, and what the README says of it."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of, read_campaign_file
from tasklet_bench.bench.campaigns.reproduce import reproduce
from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.results.merge import results_at
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.strategies.registry import strategy_class

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference"
LARGEST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """The published runs."""
    with results_at(REFERENCE) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(store: Store) -> Results:
    """The same, ready to be ranked."""
    return results_of(store)


@pytest.fixture(scope="module")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """Imports one of the scripts beside the documentation's pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        yield importlib.import_module


def test_every_allocation_costs_what_is_published(store: Store) -> None:
    """Scored again by the readable cost model, each has its published cost and parts; no run is without one."""
    result = verify(store)
    assert result.whole
    assert result.mismatches == ()
    assert (result.checked, result.without_allocation) == (len(store.runs()), 0)


@pytest.mark.parametrize("strategy", ["genetic", "evolution-strategy", "neighbourhood-search", "random-partition"])
def test_published_runs_come_out_again(store: Store, strategy: str) -> None:
    """With the code as it is, the same seeds give the same costs under the budget of 1,000 evaluations."""
    result = reproduce(store, strategy, "1000-evaluations", ["paper/regional", "measured/residential-20"], workers=1)
    assert result.finished
    assert len(result.runs) == 6
    assert [run.cost_s for run in result.runs] == pytest.approx([run.stored_s for run in result.runs], rel=1e-9)


@pytest.mark.parametrize("strategy", ["annealing", "constraint-program"])
def test_published_runs_of_another_search_are_distinguished(store: Store, strategy: str) -> None:
    """Annealing, which warms the constraint program up, began from known starts then; both are other versions now."""
    runs = store.runs()
    published = runs[runs["strategy"] == strategy]["strategy_version"]
    assert len(published) > 0
    assert strategy_class(strategy).version not in set(published)
    result = reproduce(store, strategy, "1000-evaluations", ["paper/regional"], workers=1)
    assert result.finished
    assert result.other_code == (strategy,)


@pytest.mark.parametrize("name", sorted(path.stem for path in (REFERENCE / "campaigns").glob("*.toml")))
def test_the_campaigns_are_what_was_run(store: Store, name: str) -> None:
    """Each campaign file can be read, and every run that it asks for has been made, under whatever code."""
    path = REFERENCE / "campaigns" / f"{name}.toml"
    campaign = campaign_of(str(path), Changes())
    assert [entrant.name for entrant in campaign.entrants] == read_campaign_file(path).strategies
    columns = ["problem_digest", "strategy", "budget", "seed"]
    made = set(store.runs()[columns].itertuples(index=False, name=None))
    wanted = {(spec.problem.digest, spec.entrant.name, spec.budget.name, spec.seed) for spec in campaign.specs()}
    assert wanted <= made


def test_what_is_shown_is_what_was_measured(results: Results, script: Callable[[str], Any]) -> None:
    """The README's leaderboards and the machine are those of the exports."""
    written, published = script("published_results"), script("published_boards")
    rows = published.rows(published.boards_of(results))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "Suite `core`" in rows
    assert written.with_rows(readme, rows) == readme
    about = json.loads((REFERENCE / "machine.json").read_text(encoding="utf-8"))
    assert about == written.machine(results.distinct_runs)


def test_findings_state_what_was_measured(results: Results, script: Callable[[str], Any]) -> None:
    """Every figure in bold on the page of findings is one that the exports give."""
    known = {value for _, value in script("published_figures").figures(results)}
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    stated = {" ".join(text.split()) for text in re.findall(r"\*\*([^*]+?)\*\*", page) if re.search(r"\d", text)}
    assert len(stated) >= 20
    assert stated <= known, stated - known


def test_the_folder_stays_small() -> None:
    """A clone is not slowed down by it."""
    assert sum(path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file()) < LARGEST_BYTES
