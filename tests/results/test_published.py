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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference"
LARGEST_BYTES = 20_000_000
NOT_MEASURED = {"0.5 %", "1 %", "5 %", "28 %"}
"""Shares in the text of the findings that define what is counted, and one of the findings before."""
LARGEST_PAGE_BYTES = 4_000_000
SEARCHERS = ("annealing", "annealing[start=known]", "genetic", "neighbourhood-search", "mtkahypar")


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
    """Scored again by the readable cost model, each has its published cost; only runs that failed have none."""
    result = verify(store)
    assert result.whole
    assert result.mismatches == ()
    runs = store.runs()
    assert result.checked + result.without_allocation == len(runs)
    assert runs.loc[runs["status"] == "ok", "candidate"].notna().all()
    assert result.without_allocation == runs["candidate"].isna().sum()


@pytest.mark.parametrize(
    ("strategy", "problems"),
    [
        *((name, ["paper/regional", "measured/residential-20"]) for name in SEARCHERS),
        ("gossip-embedding", ["gossip/measured/gcp4-hivemind-32"]),
        ("graph-annealing", ["mixing-graph/measured/residential-20?degree=4&connectivity=1"]),
        ("tree-search", ["federated-round/measured/residential-20?preset=e-fedsup"]),
        ("flow-search", ["swarm/generated/uniform?n=12&seed=1&stages=3&cards=T4,V100-16"]),
        ("participant-search", ["atom/generated/uniform?n=16&seed=1&sequences=1024&cards=T4,V100-16"]),
        ("shape-search", ["tensor-parallel/generated/machines?n=16&seed=11&workload=llama-13b&cards=A100-40"]),
    ],
)
def test_published_runs_come_out_again(store: Store, strategy: str, problems: list[str]) -> None:
    """With the code as it is, the same seeds give the same costs under the budget of 1,000 evaluations."""
    result = reproduce(store, strategy, "1000-evaluations", problems, workers=1)
    assert result.finished
    assert len(result.runs) >= len(problems)
    assert result.other_code == ()
    assert [run.cost_s for run in result.runs] == pytest.approx([run.stored_s for run in result.runs], rel=1e-9)


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
    """The page of findings, written again from the exports, stands there: at most fifteen, each with figures."""
    published = script("published_figures")
    known = published.figures(results)
    text = published.TEXT.read_text(encoding="utf-8")
    assert published.page(text, known) == published.PAGE.read_text(encoding="utf-8")
    findings = re.split(r"^### \d+\. ", text, flags=re.M)[1:]
    assert 10 <= len(findings) <= 15
    assert all(re.search(r"\{\{.+?\}\}", finding, re.S) for finding in findings)
    plain = re.sub(r"\{\{.+?\}\}", "", text, flags=re.S)
    assert set(re.findall(r"[\d.]+ %", plain)) <= NOT_MEASURED
    with pytest.raises(KeyError, match="nearest"):
        published.page("{{leaders: place of nobody}}", known)


def test_the_folder_stays_small() -> None:
    """A clone is not slowed down by it, nor a reader by the page."""
    assert (REFERENCE / "report.html").stat().st_size <= LARGEST_PAGE_BYTES
    assert sum(path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file()) < LARGEST_BYTES
