"""Submissions: what is written out of stored runs holds when it is checked, and what was changed is refused by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.campaigns.submissions.checking import Checked, _flags, check_submission
from tasklet_bench.bench.campaigns.submissions.form import FILE_NAME, read_submission
from tasklet_bench.bench.campaigns.submissions.paths import machine_paths, without_paths
from tasklet_bench.bench.campaigns.submissions.rerun import make_again
from tasklet_bench.bench.campaigns.submissions.writing import Statement, write_submission
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.bad_input import BadInput

CODE = '''
from steps import swapped

class Restless:
    """Random partitions, and small changes of the best one."""

    name = "restless"

    def search(self, problem, run, rng):
        best, best_s = problem.random(rng), float("inf")
        while not run.exhausted:
            labels = swapped(best, rng)
            cost_s = run.evaluate(labels)
            if cost_s <= best_s:
                best, best_s = labels, cost_s
            if problem.name.endswith("seed=2") and run.progress > 0.5:
                raise RuntimeError(f"gave up in {__file__}")
'''
STEPS = """
def swapped(labels, rng):
    changed = labels.copy()
    a, b = rng.integers(len(labels), size=2)
    changed[a], changed[b] = changed[b], changed[a]
    return changed
"""
INSTANCES = ("generated/uniform?n=16&dp=4&seed=1", "generated/uniform?n=16&dp=4&seed=2")
SAID = Statement("open", ("A. Stranger",), "Swaps of the best candidate; nothing was tuned.")


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The file of somebody's strategy, and the folder of a store with its runs on two instances and others'."""
    folder = tmp_path_factory.mktemp("author")
    (folder / "mine.py").write_text(CODE, encoding="utf-8")
    (folder / "steps.py").write_text(STEPS, encoding="utf-8")
    strategies = (f"{folder / 'mine.py'}:Restless", "random-partition")
    changes = Changes(strategies=strategies, problems=INSTANCES, budget=Budget(evaluations=80), seeds=2)
    with Store(folder / "results", writing=True) as store:
        conduct(campaign_of("quick", changes), store)
    return folder / "mine.py", folder / "results"


@pytest.fixture(scope="module")
def whole(author: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission as `submit` writes it."""
    file, results = author
    folder = tmp_path_factory.mktemp("submissions") / "restless"
    with Store(results) as store:
        write_submission(folder, store, f"{file}:Restless", SAID)
    return folder


@pytest.fixture
def submission(whole: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "restless"))


def refused(folder: Path) -> dict[str, str]:
    """What is refused about a folder, without making runs again."""
    return {one.what: one.said for one in check_submission(folder) if one.status == "refused"}


def test_what_was_written_holds(whole: Path) -> None:
    """Nothing is refused, failures are reported, and a tenth of the runs comes out the same when it is made again."""
    checked: dict[str, Checked] = {one.what: one for one in check_submission(whole, make_again)}
    assert {name: one for name, one in checked.items() if one.status == "refused"} == {}
    assert "4 runs of restless, 2 of them failed" in checked["entrant"].said
    assert "made again, the same to the last digit" in checked["again"].said


def test_it_holds_its_own_code_and_nobody_elses_runs(whole: Path) -> None:
    """The file, the neighbour that it imports, and the runs of this entrant alone."""
    assert sorted(path.name for path in (whole / "code").iterdir()) == ["mine.py", "steps.py"]
    runs = pd.read_parquet(whole / "export" / "runs.parquet")
    assert set(runs["strategy"]) == {"restless"}
    assert set(runs["target"]) == {"code/mine.py:Restless"}


def test_no_path_of_the_machine_leaves(whole: Path, author: tuple[Path, Path]) -> None:
    """The folder of the author is in no file of the submission, though an error text of a run named it."""
    runs = pd.read_parquet(whole / "export" / "runs.parquet")
    assert runs["error"].str.contains("gave up in …/mine.py").any()
    texts = [path.read_bytes() for path in whole.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    texts += [frame.to_json().encode() for frame in map(pd.read_parquet, whole.rglob("*.parquet"))]
    name = json.dumps(str(author[0].parent))[1:-1].replace("/", "\\/").encode()
    assert not any(str(author[0].parent).encode() in text or name in text for text in texts)


def edit_rows(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change the runs of an export as its author could."""
    path = folder / "export" / "runs.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def test_an_edited_row_is_named(submission: Path) -> None:
    """Another cost breaks the chain at that row, and the score does not hold."""
    edit_rows(submission, lambda runs: runs.assign(cost_s=runs["cost_s"] * 0.5))
    result = refused(submission)
    assert "restless on generated/uniform?n=16&dp=4&seed=1" in result["chain"]
    assert "mismatches" in result["scores"]


def test_a_dropped_row_is_noticed(submission: Path) -> None:
    """Leaving the failures out breaks the chain and leaves seeds of one instance missing."""
    edit_rows(submission, lambda runs: runs[(runs["status"] == "ok") | (runs["seed"] == 0)])
    kept = set(pd.read_parquet(submission / "export" / "runs.parquet")["key"])
    for name in ("trajectories", "suites"):
        path = submission / "export" / f"{name}.parquet"
        table = pd.read_parquet(path)
        table[table["key"].isin(kept)].to_parquet(path, index=False)
    assert {"chain", "instances"} <= refused(submission).keys()


def test_a_new_chain_has_another_head(submission: Path) -> None:
    """Whoever writes the chain anew after an edit is found by the head in the statement."""
    text = (submission / FILE_NAME).read_text(encoding="utf-8")
    chain = read_submission(submission).chain
    (submission / FILE_NAME).write_text(text.replace(chain, "0" * 64), encoding="utf-8")
    assert "its head is" in refused(submission)["chain"]


def test_other_code_is_refused_without_being_run(submission: Path, tmp_path: Path) -> None:
    """A neighbour that was changed makes it other code; nothing in the folder is imported to find out."""
    mark = tmp_path / "imported"
    code = submission / "code" / "steps.py"
    code.write_text(f"open({str(mark)!r}, 'w').close()\n{STEPS}", encoding="utf-8")
    assert "has code" in refused(submission)["code"]
    assert not mark.exists()


def test_a_path_out_of_the_folder_is_refused(submission: Path) -> None:
    """Code that stands elsewhere is no part of the submission."""
    text = (submission / FILE_NAME).read_text(encoding="utf-8")
    (submission / FILE_NAME).write_text(text.replace("code/mine.py", "../mine.py"), encoding="utf-8")
    assert "no file of this folder" in refused(submission)["code"]


def test_the_division_follows_from_runs_and_imports(submission: Path) -> None:
    """A library that is none of the project's own does not go with division open."""
    edit_rows(submission, lambda runs: runs.assign(libraries='{"kahip":"3.18"}'))
    assert "kahip" in refused(submission)["division"]


def test_a_path_that_was_left_is_named(submission: Path) -> None:
    """Any text file of the folder is looked through."""
    (submission / "notes.md").write_text("made in /home/stranger/work/mine.py", encoding="utf-8")
    assert "/home/stranger/work/mine.py" in refused(submission)["paths"]


@pytest.mark.parametrize("text", ["division = 1", "nonsense", "", 'entrant = "x"\nnoise = 1'])
def test_a_statement_that_is_none_is_bad_input(submission: Path, text: str) -> None:
    """The file and what is wrong with it are named."""
    (submission / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=FILE_NAME):
        refused(submission)


def test_only_the_catalogue_can_be_handed_in(author: tuple[Path, Path], tmp_path: Path) -> None:
    """Another strategy, another code, or a folder that is not empty is refused before anything is written."""
    file, results = author
    other = tmp_path / "other.py"
    other.write_text(CODE.replace("from steps import swapped", "swapped = None"), encoding="utf-8")
    with Store(results) as store:
        with pytest.raises(BadInput, match="runs of this code"):
            write_submission(tmp_path / "new", store, f"{other}:Restless", SAID)
        with pytest.raises(BadInput, match="not empty"):
            write_submission(tmp_path, store, f"{file}:Restless", SAID)
    assert not (tmp_path / "new").exists()


def test_paths_of_machines_are_distinguished_from_other_slashes() -> None:
    """Absolute paths are found and shortened; addresses, shares and system folders are left."""
    text = 'File "/home/a/b/mine.py", line 3; see https://example.org/a/b, 1/2/3, /usr/lib/x.py, C:\\Users\\a\\x.py'
    assert list(machine_paths(text)) == ["/home/a/b/mine.py", "C:\\Users\\a\\x.py"]
    assert without_paths(text).startswith('File "…/mine.py", line 3; see https://example.org/a/b')


CHEAT = '''
import os

class Keeper:
    """Begins from what an earlier run has left in a file."""

    name = "keeper"

    def search(self, problem, run, rng):
        kept = os.path.join(FOLDER, problem.digest)
        best_s = float("inf")
        if os.path.exists(kept):
            with open(kept) as file:
                best_s = run.evaluate([int(label) for label in file.read().split()])
        while not run.exhausted:
            labels = problem.random(rng)
            cost_s = run.evaluate(labels)
            if cost_s < best_s:
                best_s = cost_s
                with open(kept, "w") as file:
                    file.write(" ".join(map(str, labels)))
'''


def test_remarks_of_the_judge_are_no_flags() -> None:
    """That a curve was re-scored in part casts no doubt; what does is named once, however many runs have it."""
    partly, odd = flags.sampled(3, 9), flags.LONG_PREPARE
    texts = [json.dumps(kinds) for kinds in ([partly], [odd, partly], [odd], [])]
    checked = _flags(pd.DataFrame({"flags": texts}))
    assert checked.said == f"2 runs are flagged: {odd}"
    assert _flags(pd.DataFrame({"flags": ["[]", json.dumps([partly])]})).status == "holds"


@pytest.mark.slow
def test_a_cheat_is_refused_by_name(tmp_path: Path) -> None:
    """Runs that live on what earlier ones left do not come out again on their own, and are flagged already."""
    file = tmp_path / "cheat.py"
    file.write_text(f"FOLDER = {str(tmp_path)!r}\n{CHEAT}", encoding="utf-8")
    changes = Changes(strategies=(f"{file}:Keeper",), problems=INSTANCES, budget=Budget(evaluations=40), seeds=12)
    with Store(tmp_path / "results", writing=True) as store:
        conduct(campaign_of("quick", changes), store, workers=1)
        write_submission(tmp_path / "keeper", store, f"{file}:Keeper", SAID)
    checked = {one.what: one for one in check_submission(tmp_path / "keeper", make_again)}
    assert "writes outside its folder" in checked["flags"].said
    assert checked["paths"].status == "refused"
    assert checked["again"].status == "refused"
    assert "came out otherwise" in checked["again"].said
