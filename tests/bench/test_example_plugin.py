"""The example package, installed as anybody would, takes part through its entry points alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.results.store import Store

EXAMPLE = Path(__file__).parents[1] / "example_plugin"
ENTRANTS = ("nevergrad-keys", "hill-climb-perl", "random-partition")
Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Typed:
    """Type `tasklet-bench …` where the example is installed, into a folder of its own, without any network."""
    site = tmp_path_factory.mktemp("site")
    install = ("pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(site))
    subprocess.run([sys.executable, "-m", *install, str(EXAMPLE)], check=True, timeout=120)
    paths = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from tasklet_bench.bench.cli import main; main()", *words],
            cwd=site,
            env={**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture(scope="module")
def results(typed: Typed, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Both strategies and one of the project's on the example's own problem; both again, from the first seed."""
    tables = []
    for name, entrants, seeds in (("first", ENTRANTS, "2"), ("again", ENTRANTS[:2], "1")):
        folder = tmp_path_factory.mktemp(name)
        chosen = [word for entrant in entrants for word in ("-s", entrant)]
        done = typed("run", *chosen, "-p", "ring/16", "--evaluations", "300", "--seeds", seeds, "--out", str(folder))
        assert done.returncode == 0, done.stderr
        with Store(folder) as store:
            tables.append(store.runs().assign(store=name, folder=str(folder)))
    return pd.concat(tables, ignore_index=True)


def test_the_package_is_listed_with_its_version(typed: Typed) -> None:
    """Strategies and problems, none of them broken."""
    rows = json.loads(typed("list", "strategies", "--json").stdout) + json.loads(
        typed("list", "problems", "--json").stdout
    )
    result = {row["name"]: row["fault"] for row in rows if row["package"] == "tasklet-bench-example==0.1.0"}
    assert result == {"nevergrad-keys": None, "hill-climb-perl": None, "ring/…": None}


def test_its_strategies_run_like_any_other(results: pd.DataFrame) -> None:
    """They use their budget to the end, and the record tells the package."""
    assert (results["status"] == "ok").all(), results["error"].dropna().to_list()
    assert (results["evaluations"] == 300).all()
    targets = dict(zip(results["strategy"], results["target"], strict=True))
    assert targets["nevergrad-keys"] == "tasklet-bench-example==0.1.0:nevergrad-keys"
    assert targets["hill-climb-perl"] == "tasklet-bench-example==0.1.0:hill-climb-perl"


def test_the_same_seed_is_the_same_search(results: pd.DataFrame) -> None:
    """In both languages; and different seeds differ."""
    result = results.set_index(["store", "strategy", "seed"])["candidate"]
    for name in ENTRANTS[:2]:
        assert result["first", name, 0] == result["again", name, 0]
        assert result["first", name, 0] != result["first", name, 1]


def test_what_they_found_holds_where_the_package_is(results: pd.DataFrame, typed: Typed) -> None:
    """Every allocation is scored again on the package's own instance."""
    checked = json.loads(typed("verify", results["folder"].iloc[0], "--json").stdout)
    assert (checked["checked"], checked["mismatches"]) == (6, [])


def test_a_bad_name_of_its_family_is_refused_in_its_words(typed: Typed) -> None:
    """Status 2 and the message of the package."""
    refused = typed("solve", "ring/15")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "ring/15: devices: found '15', expected a multiple of 4" in refused.stderr


def test_the_search_of_a_library_is_short() -> None:
    """The whole file of the Nevergrad strategy stays under forty lines."""
    source = EXAMPLE / "tasklet_bench_example" / "nevergrad_search.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) < 40
