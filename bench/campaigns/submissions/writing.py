"""Write a submission out of stored runs: code, campaign, export and statement, without any path of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.campaigns.submissions.division import Division
from tasklet_bench.bench.campaigns.submissions.form import (
    CAMPAIGN_NAME,
    CODE_NAME,
    EXPORT_NAME,
    FILE_NAME,
    Submission,
    read_submission,
    toml,
)
from tasklet_bench.bench.campaigns.submissions.paths import without_paths
from tasklet_bench.bench.plugins import entrant
from tasklet_bench.bench.plugins.bundle import Bundle
from tasklet_bench.bench.plugins.files import within
from tasklet_bench.bench.results.store import Store
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Statement:
    """What only the author can say."""

    division: Division
    authors: tuple[str, ...]
    statement: str
    licence: str = ""
    source: str = ""


def write_submission(folder: Path, store: Store, strategy: str, statement: Statement) -> Submission:
    """Bundle one strategy's stored runs into a new folder; returns what was written.

    `strategy` is typed as for `run`. Raises `BadInput` if the folder holds anything, if the store has no run of this
    code, or if a run is on an instance that is none of the catalogue's.
    """
    from tasklet_bench.bench.results.export import export
    from tasklet_bench.bench.results.merge import chains_at

    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder}: is not empty, expected a new folder")
    of = entrant(strategy)
    runs = store.table("runs")
    own = runs[(runs["strategy_name"] == of.strategy_name) & (runs["code_hash"] == of.code_hash)]
    own = own[own["strategy"] == of.name]
    if own.empty:
        known = sorted(runs["strategy"].unique())
        raise BadInput.at(str(store.folder), "runs of this code", "none", f"some of {of.name}; there are {known}")
    _require_catalogue(store, own)
    target = _write_code(folder, of.target)
    with _only(store, own.assign(target=target)) as chosen:
        export(chosen, folder / EXPORT_NAME, "parquet")
    _write_campaign(folder / CAMPAIGN_NAME, own, f"{target}{_in_brackets(of.name)}")
    values: dict[str, str | int | list[str]] = {
        "entrant": of.name,
        "strategy": target,
        "division": statement.division,
        "authors": list(statement.authors),
        "statement": statement.statement,
        "licence": statement.licence,
        "source": statement.source,
        "machine": sorted(own["machine"].unique()),
        "chain": str(chains_at(folder / EXPORT_NAME)[0].head),
    }
    (folder / FILE_NAME).write_text(toml(values), encoding="utf-8")
    return read_submission(folder)


def _in_brackets(name: str) -> str:
    """The parameters of an entrant's name, with their brackets."""
    return name[name.index("[") :] if "[" in name else ""


def _require_catalogue(store: Store, own: pd.DataFrame) -> None:
    for ref in store.instances().values():
        if ref.digest in set(own["problem_digest"]) and ref.content is not None:
            raise BadInput(f"{ref.name}: is not an instance of the catalogue; only those can be handed in")


def _write_code(folder: Path, target: str) -> str:
    """The sources of a plug-in's file in the folder's `code`; returns the strategy's target relative to the folder."""
    bundle = Bundle.of(target)
    folder.mkdir(parents=True, exist_ok=True)
    if bundle is None:
        return target
    for path, text in bundle.sources.items():
        place = folder / CODE_NAME / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return f"{CODE_NAME}/{bundle.name}:{within(target)}"


def _only(store: Store, own: pd.DataFrame) -> Store:
    """A store in memory of these runs alone, with what belongs to them; error texts name no path of this machine."""
    chosen = Store.in_memory(store.folder)
    keys, digests = set(own["key"]), set(own["problem_digest"])
    errors = own["error"].map(lambda text: without_paths(text) if isinstance(text, str) else text)
    instances, suites, trajectories = (store.table(name) for name in ("instances", "suites", "trajectories"))
    chosen.fill("instances", instances[instances["digest"].isin(digests)])
    chosen.fill("runs", own.assign(error=errors))
    chosen.fill("suites", suites[suites["key"].isin(keys)])
    chosen.fill("trajectories", trajectories[trajectories["key"].isin(keys)])
    return chosen


def _write_campaign(path: Path, own: pd.DataFrame, strategy: str) -> None:
    """A campaign file that makes the same runs."""
    names = set(own["problem"])
    suites = [name for name in catalogue.suites() if set(catalogue.suite(name).problems) == names]
    seeds = sorted(int(seed) for seed in own["seed"].unique())
    what: dict[str, str | int | list[str]] = {"suite": suites[0]} if suites else {"problems": sorted(names)}
    more: dict[str, str | int | list[str]] = {
        "strategies": [strategy],
        "budgets": sorted(own["budget"].unique()),
        "first_seed": seeds[0],
        "seeds": len(seeds),
    }
    path.write_text(toml(what | more), encoding="utf-8")
