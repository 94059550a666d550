"""`verify`, `reproduce`, `export`, `merge`, `report`, `compare`, `best-known`: what a store of results is good for."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_every_stored_allocation_is_scored_again(answered: Callable[..., Any], small_store: Path) -> None:
    """`verify` scores the grid of each run with the cost model and finds nothing wrong."""
    result = answered("verify", small_store)
    assert result == {"checked": 2 * (2 + 1), "mismatches": [], "without_allocation": 0, "whole": True}


def test_a_forged_cost_is_found(typed: Callable[..., Any], small_store: Path, tmp_path: Path) -> None:
    """A stored cost that its grid does not have gives status 1 and is named."""
    forged = tmp_path / "forged"
    shutil.copytree(small_store, forged)
    with sqlite3.connect(forged / "store.sqlite") as store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name}")  # what keeps rows from being changed by mistake, not by intent
        forged_run = "strategy = 'aligned' AND problem = 'paper/regional'"
        store.execute(f"UPDATE runs SET cost_s = cost_s * 0.99 WHERE {forged_run}")
    store.close()
    done = typed("verify", forged)
    assert done.returncode == 1
    assert "aligned" in done.stdout
    assert "1 mismatches" in done.stdout


def test_an_export_is_merged_back_whole(typed: Callable[..., Any], small_store: Path, tmp_path: Path) -> None:
    """Exported and merged into an empty store, every run is there; merged again, none is added."""
    assert typed("export", small_store, "--out", tmp_path / "export").returncode == 0
    first = typed("merge", tmp_path / "export", tmp_path / "other", "--json")
    assert json.loads(first.stdout) == {"added": 6, "clashes": []}
    again = typed("merge", tmp_path / "export", tmp_path / "other", "--json")
    assert json.loads(again.stdout) == {"added": 0, "clashes": []}
    assert "0 mismatches" in typed("verify", tmp_path / "other").stdout


def test_exports_are_read_where_they_are(
    typed: Callable[..., Any],
    answered: Callable[..., Any],
    refused: Callable[..., str],
    small_store: Path,
    tmp_path: Path,
) -> None:
    """A folder of exports serves `verify`, `report` and `compare` like their store, and is not changed."""
    folder = tmp_path / "published"
    for part in ("first", "second"):  # of the same runs, which count once
        assert typed("export", small_store, "--out", folder / part).returncode == 0
    before = sorted(folder.rglob("*"))
    verified = [answered("verify", place) for place in (folder, folder / "first", small_store)]
    assert [len(one.pop("chains", {})) for one in verified] == [2, 1, 0]
    assert verified[0] == verified[1] == verified[2]
    assert typed("report", folder, "--format", "md").stdout == typed("report", small_store, "--format", "md").stdout
    assert typed("compare", "aligned", "random-partition", "--results", folder).returncode == 0
    assert sorted(folder.rglob("*")) == before
    assert "neither store.sqlite nor runs.parquet" in refused("verify", tmp_path / "elsewhere")


def test_exports_that_contradict_each_other_are_refused(
    typed: Callable[..., Any], refused: Callable[..., str], small_store: Path, tmp_path: Path
) -> None:
    """Two exports with another cost of one run are not read as one; the message names the run."""
    import pandas as pd

    for part in ("first", "second"):
        assert typed("export", small_store, "--out", tmp_path / part).returncode == 0
    runs = pd.read_parquet(tmp_path / "second" / "runs.parquet")
    runs.loc[runs["strategy"] == "aligned", "cost_s"] *= 0.99
    runs.to_parquet(tmp_path / "second" / "runs.parquet")
    assert "aligned on paper/" in refused("verify", tmp_path)


def test_stored_runs_come_out_the_same_again(
    typed: Callable[..., Any], answered: Callable[..., Any], refused: Callable[..., str], small_store: Path
) -> None:
    """`reproduce` makes the runs of one entrant again, to the last digit; unknown names get the nearest."""
    result = answered("reproduce", "random-partition", small_store)
    assert (len(result["runs"]), result["same"], result["clocked"], result["other_code"]) == (4, 4, 0, [])
    assert all(run["stored_s"] == run["cost_s"] for run in result["runs"])
    table = typed("reproduce", "random-partition", small_store, "-p", "paper/reg*")
    assert "2 of 2 runs came out the same to the last digit" in table.stdout
    assert "did you mean 'aligned'?" in refused("reproduce", "alined", small_store)
    assert "did you mean '50-evaluations'?" in refused("reproduce", "aligned", small_store, "--budget", "5-evaluations")
    assert "did you mean 'paper/regional'?" in refused("reproduce", "aligned", small_store, "-p", "paper/regionl")


def test_a_run_that_comes_out_otherwise_is_reported(
    typed: Callable[..., Any], small_store: Path, tmp_path: Path
) -> None:
    """A stored cost that its seed does not give is status 1, with both costs in full."""
    import pandas as pd

    assert typed("export", small_store, "--out", tmp_path / "forged").returncode == 0
    path = tmp_path / "forged" / "runs.parquet"
    runs = pd.read_parquet(path)
    runs.loc[(runs["strategy"] == "random-partition") & (runs["seed"] == 1), "cost_s"] += 1e-12
    runs.to_parquet(path)
    done = typed("reproduce", "random-partition", tmp_path / "forged")
    assert done.returncode == 1
    assert "2 of 4 runs came out the same" in done.stdout
    assert "seed 1, 50-evaluations" in done.stdout


@pytest.mark.parametrize(("form", "name"), [("csv", "runs.csv"), ("parquet", "runs.parquet")])
def test_exports_hold_every_run(
    typed: Callable[..., Any], small_store: Path, tmp_path: Path, form: str, name: str
) -> None:
    """CSV and Parquet exports have a row for each run with its cost."""
    import pandas as pd

    assert typed("export", small_store, "--format", form, "--out", tmp_path / form).returncode == 0
    path = tmp_path / form / name
    runs = pd.read_csv(path) if form == "csv" else pd.read_parquet(path)
    assert len(runs) == 6
    assert (runs["cost_s"] > 0).all()


def test_the_page_and_its_markdown(typed: Callable[..., Any], small_store: Path, tmp_path: Path) -> None:
    """`report` writes one HTML file, and Markdown with every strategy on request."""
    assert typed("report", small_store, "--out", tmp_path / "page.html").returncode == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    markdown = typed("report", small_store, "--format", "md").stdout
    assert "`aligned`" in markdown
    assert "`random-partition`" in markdown


def test_the_page_says_whether_its_candidates_were_scored_again(
    typed: Callable[..., Any], small_store: Path, tmp_path: Path
) -> None:
    """With `--verify` every candidate is scored again first, and what is written says how many and how that went."""
    assert "not scored again" in typed("report", small_store, "--format", "md").stdout
    again = typed("report", small_store, "--format", "md", "--verify").stdout
    assert "6 stored candidates were scored again by the readable judge; all came out the same" in again


def test_a_site_is_a_folder(
    typed: Callable[..., Any], refused: Callable[..., str], small_store: Path, tmp_path: Path
) -> None:
    """`--site` goes with no other form of writing, and needs a folder or nothing under its name."""
    assert "goes with neither" in refused("report", small_store, "--site", tmp_path / "site", "--format", "md")
    (tmp_path / "taken").write_text("mine")
    assert "expected a folder" in refused("report", small_store, "--site", tmp_path / "taken")


@pytest.mark.slow
def test_a_site_is_written(typed: Callable[..., Any], small_store: Path, tmp_path: Path) -> None:
    """`--site` writes the page, a page an instance, and the docs where Sphinx is at hand; it says what it wrote."""
    done = typed("report", small_store, "--site", tmp_path / "site")
    assert done.returncode == 0
    assert "instances: 2 pages" in done.stdout
    assert (tmp_path / "site" / "index.html").is_file()
    assert len(list((tmp_path / "site" / "instances").glob("*.html"))) == 3


def test_two_strategies_are_compared(typed: Callable[..., Any], refused: Callable[..., str], small_store: Path) -> None:
    """`compare` shows both instances and the winner; an unknown name is answered with the nearest."""
    done = typed("compare", "aligned", "random-partition", "--results", small_store)
    assert done.returncode == 0
    assert "paper/worldwide" in done.stdout
    assert "2 won" in " ".join(done.stdout.split())
    assert "did you mean 'aligned'?" in refused("compare", "alined", "random-partition", "--results", small_store)


def test_the_best_known_table_is_printed(answered: Callable[..., Any]) -> None:
    """Every entry of the table carries its cost, bound, gap and grid."""
    for entry in answered("best-known"):
        assert entry["cost_s"] >= entry["bound_s"]
        assert entry["proven"] == (entry["gap"] <= 1e-6)


def test_the_region_of_practical_equivalence_can_be_chosen(typed: Callable[..., Any], small_store: Path) -> None:
    """As a share, or measured on the instances, which is said; anything else is refused."""
    asked = ("compare", "aligned", "random-partition", "--results", small_store)
    assert "within 0.5 %" in " ".join(typed(*asked).stdout.split())
    assert "within 90 %" in " ".join(typed(*asked, "--equal-within", "0.9").stdout.split())
    measured = typed(*asked, "--equal-within", "fidelity")
    assert "carries order in seconds from" in measured.stderr
    assert "within 0.5 %" not in " ".join(measured.stdout.split())
    assert "found '3%'" in typed(*asked, "--equal-within", "3%").stderr
