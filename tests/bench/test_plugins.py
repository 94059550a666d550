"""Strategies and problems come from the project, from a file, or from an installed package; broken ones are said."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench import execution
from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.plugins import (
    BrokenPlugin,
    entrant,
    installed_problems,
    installed_strategies,
    load_problem,
    load_strategy,
    problem_named,
    problem_ref,
)
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.problems.bad_input import BadInput

SEARCHES = '''
"""Strategies in a file."""
class Patient:
    """Waits, and draws."""
    name = "patient"
    families = ("*",)
    def search(self, problem, run, rng):
        while not run.exhausted:
            run.evaluate(problem.random(rng))

def one_draw(problem, run, rng):
    """A single candidate."""
    run.evaluate(problem.random(rng))

NUMBER = 3
class Searchless:
    """Has no search."""
'''
HALVES = '''
"""Devices on a line, to be cut into two halves: the cost is the length of wire between the two."""
import hashlib
import numpy as np
from tasklet_bench.problems import Cost, Partition, Site
from tasklet_bench.problems.problem import InvalidCandidate

class Halves:
    """N devices on a line."""
    family = "halves"
    def __init__(self, n=8):
        self.name, self.n = f"halves/{n}", n
        self.sites = (Site("line", n),)
        self.decision = Partition((n // 2, n // 2))
        self.digest = hashlib.sha256(f"halves {n}".encode()).hexdigest()
    def random(self, rng):
        return rng.permutation(np.repeat([0, 1], self.n // 2))
    def cost(self, labels):
        labels = np.asarray(labels)
        if sorted(labels.tolist()) != sorted([0, 1] * (self.n // 2)):
            raise InvalidCandidate(f"found labels {labels}, expected two halves of {self.n} devices")
        wire_s = float((np.diff(labels) != 0).sum())
        return Cost(wire_s, {"wire_s": wire_s})
    def bound(self):
        return 1.0

def load(name):
    """halves/N."""
    return Halves(int(name.partition("/")[2] or 8))

six = Halves(6)
'''
RUDE = """
import os
import numpy as np
print("imported")
os.chdir("/")
np.random.seed(1)

def rude(problem, run, rng):
    print("searching")
    os.chdir("/")
    np.random.seed(1)
    if os.fork() == 0:
        os._exit(0)
    run.evaluate(problem.random(rng))
"""
Installer = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Lay a distribution out as pip does, on the path of this process and of those that it starts."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH")))))

    def lay_out(name: str, module: str, source: str, points: dict[str, dict[str, str]], version: str = "1.2") -> None:
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        info = site / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        lines = [
            line
            for group, own in points.items()
            for line in (f"[tasklet_bench.{group}]", *(f"{key} = {value}" for key, value in own.items()))
        ]
        (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")

    yield lay_out
    for module in [
        m for m, loaded in sys.modules.items() if str(getattr(loaded, "__file__", "")).startswith(str(site))
    ]:
        del sys.modules[module]


def made(strategy: str, problem: ProblemRef, evaluations: int = 20) -> execution.RunRecord:  # type: ignore[name-defined]
    """One run in a child of its own."""
    return execution.run(RunSpec(problem, entrant(strategy), 0, Budget(evaluations=evaluations)))


def test_a_file_gives_classes_and_functions(tmp_path: Path) -> None:
    """A class that inherits nothing and a plain function are strategies; the record tells the file and its hash."""
    file = tmp_path / "mine.py"
    file.write_text(SEARCHES, encoding="utf-8")
    patient = entrant(f"{file}:Patient")
    assert (patient.name, patient.target) == ("patient", f"{file}:Patient")
    assert len(patient.code_hash) == 64
    assert load_strategy(patient).name == "patient"
    assert entrant(f"{file}:one_draw").name == "one-draw"


@pytest.mark.parametrize(("attribute", "said"), [("NUMBER", "found int"), ("Searchless", "without a method `search`")])
def test_what_is_no_strategy_is_said(attribute: str, said: str, tmp_path: Path) -> None:
    """The file, the name and what was found."""
    file = tmp_path / "mine.py"
    file.write_text(SEARCHES, encoding="utf-8")
    with pytest.raises(BrokenPlugin, match=f"{file.name}.*{attribute}: {said}|{attribute}.*{said}"):
        entrant(f"{file}:{attribute}")


def test_an_installed_strategy_runs_by_its_name(install: Installer, tmp_path: Path) -> None:
    """It is found through its entry point, here and in the run's process; its record tells package and version."""
    install("patience", "patience_search", SEARCHES, {"strategies": {"patient": "patience_search:Patient"}})
    described = entrant("patient")
    assert described.target == "patience==1.2:patient"
    record = made("patient", problem_ref(problem_named("paper/regional")))
    assert (record.status, record.evaluations, record.spec.entrant.target) == ("ok", 20, described.target)
    (tmp_path / "site" / "patience_search.py").write_text(SEARCHES + "\nOTHER = 1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="the code has changed"):
        load_strategy(described)
    with pytest.raises(BadInput, match=r"found patience==1\.2, expected patience==1\.1"):
        entrant("patience==1.1:patient")


def test_broken_plug_ins_are_named_and_stop_nobody(
    install: Installer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has its reason; the ones that work are there, and a campaign goes on without those that do not."""
    install("good", "good_search", SEARCHES, {"strategies": {"patient": "good_search:Patient"}})
    points = {"raising": "bad_search:X", "absent": "nowhere:X", "annealing": "bad_search:X", "patient": "bad_search:X"}
    install("bad", "bad_search", "raise SystemExit('out of paper')", {"strategies": points})
    for name, said in [("raising", "SystemExit: out of paper"), ("absent", "No module named 'nowhere'")]:
        with pytest.raises(BrokenPlugin, match=rf"bad==1.2:{name}.*{said}"):
            entrant(name)
    assert installed_strategies()["annealing"].rivals == ("tasklet-bench",)
    assert entrant("annealing").target == "annealing"
    with pytest.raises(BrokenPlugin, match=r"patient: its name is taken by (good|bad)==1\.2"):
        entrant("patient")
    file = tmp_path / "campaign.toml"
    file.write_text('problems = ["paper/spot"]\nstrategies = ["raising", "megatron"]\n', encoding="utf-8")
    assert [result.name for result in campaign_of(str(file)).entrants] == ["megatron"]
    assert "left out: bad==1.2:raising" in capsys.readouterr().err


def test_the_list_tells_the_broken_from_the_others(install: Installer) -> None:
    """`list --json` has each plug-in with its package, and the reason where it cannot be used."""
    from typer.testing import CliRunner

    from tasklet_bench.bench.commands.app import app

    install("good", "good_search", SEARCHES + HALVES, {
        "strategies": {"patient": "good_search:Patient"}, "problems": {"halves": "good_search:load"},
    })  # fmt: skip
    install(
        "bad", "bad_search", "1/0", {"strategies": {"raising": "bad_search:X"}, "problems": {"odd": "bad_search:X"}}
    )
    listed: dict[str, Any] = {}
    for what in ("strategies", "problems"):
        shown = CliRunner().invoke(app, ["list", what, "--json"])
        assert shown.exit_code == 0, shown.output
        listed |= {row["name"]: row for row in json.loads(shown.stdout)}
        assert CliRunner().invoke(app, ["list", what]).exit_code == 0
    assert (listed["patient"]["idea"], listed["patient"]["fault"]) == ("Waits, and draws.", None)
    assert listed["halves/…"]["package"] == "good==1.2"
    assert "ZeroDivisionError" in listed["raising"]["fault"]
    assert "ZeroDivisionError" in listed["odd/…"]["fault"]
    assert listed["annealing"]["fault"] is None


def test_importing_a_plug_in_leaves_this_process_as_it_was(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints does not get into the output, its folder is not ours, and its fork does not go on in our name."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "rude.py"
    file.write_text(
        "import os, sys\nprint('look at me')\nos.chdir('/')\nif os.fork() == 0:\n    pass\n" + SEARCHES,
        encoding="utf-8",
    )
    mine = os.getpid()
    assert entrant(f"{file}:Patient").name == "patient"
    assert os.getpid() == mine
    assert os.wait()[1] == 0
    assert Path.cwd() == tmp_path
    seen = capfd.readouterr()
    assert "look at me" in seen.err
    assert seen.out == ""


@pytest.mark.parametrize("attribute", ["load", "load/8", "Halves", "six"])
def test_a_family_of_a_file_is_searched_by_anybody(attribute: str, tmp_path: Path) -> None:
    """A function, one that takes the name, a class and an instance; the reference finds it again elsewhere."""
    file = tmp_path / "family.py"
    file.write_text(HALVES, encoding="utf-8")
    problem = problem_named(f"{file}:{attribute}")
    ref = problem_ref(problem)
    assert json.loads(ref.content or "")["plugin"] == f"{file}:{attribute}"
    assert len(json.loads(ref.content or "")["sha256"]) == 64
    assert load_problem(ref).digest == problem.digest


def test_a_run_finds_the_problem_of_a_file(tmp_path: Path) -> None:
    """Its process starts elsewhere and knows the reference only; what is found is scored again here."""
    file = tmp_path / "family.py"
    file.write_text(HALVES, encoding="utf-8")
    record = made("random-partition", problem_ref(problem_named(f"{file}:load")), 200)
    assert (record.status, record.cost_s, record.bound_s, record.proven) == ("ok", 1.0, 1.0, True)


def test_an_installed_family_goes_by_its_prefix(install: Installer) -> None:
    """Its names begin with the entry point's; runs find it; another digest than the reference's is refused."""
    install("families", "families_of_mine", HALVES, {"problems": {"halves": "families_of_mine:load"}})
    assert set(installed_problems()) == {"halves"}
    ref = problem_ref(problem_named("halves/10"))
    assert json.loads(ref.content or "") == {"plugin": "halves/10", "distribution": "families", "version": "1.2"}
    assert made("random-partition", ref).status == "ok"
    with pytest.raises(BadInput, match="digest"):
        load_problem(ProblemRef("halves/10", "0" * 64, ref.content))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1", "int without name, family"),
        (HALVES + "x = Halves()\nx.digest = 'short'", "64 hexadecimal digits"),
        (HALVES + "x = Halves()\nx.decision = (4, 4)", "expected one of tasklet_bench's decisions"),
        (HALVES + "x = Halves()\nx.family = 'allocation'", "the project's own"),
        ("def x(): raise KeyError('gone')", "KeyError"),
        ("class x:\n    def __init__(self, size): pass", "TypeError"),
    ],
)
def test_what_is_no_problem_is_said(source: str, said: str, tmp_path: Path) -> None:
    """Each thing that everybody else relies on, by name."""
    file = tmp_path / "odd.py"
    file.write_text(source, encoding="utf-8")
    with pytest.raises(BrokenPlugin, match=f"odd.py:x.*{said}"):
        problem_named(f"{file}:x")


def test_a_campaign_takes_problems_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a campaign file (relative to it), and with `-p` beside a suite, as a leaderboard of their own."""
    (tmp_path / "family.py").write_text(HALVES, encoding="utf-8")
    file = tmp_path / "campaign.toml"
    file.write_text('problems = ["family.py:load", "paper/spot"]\nstrategies = ["random-partition"]', encoding="utf-8")
    monkeypatch.chdir("/")
    listed = campaign_of(str(file))
    assert [family for _, family in listed.problems] == ["halves", "allocation"]
    chosen = campaign_of("quick", Changes(problems=(f"{tmp_path}/family.py:Halves",)))
    assert ([ref.name for ref, _ in chosen.problems], chosen.suite) == (["halves/8"], "other problems")
    assert chosen.suite_digest != campaign_of("quick").suite_digest
    with pytest.raises(BadInput, match="no such file"):
        campaign_of("quick", Changes(problems=("nowhere.py:load",)))


def test_a_rude_plug_in_harms_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that prints, forks, changes folders and seeds NumPy: beside it, others find what they find without it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rude.py").write_text(RUDE, encoding="utf-8")
    result = []
    for name, strategies in (("alone", ()), ("beside", ("rude.py:rude",))):
        changes = Changes(
            strategies=("random-grid", *strategies),
            problems=("paper/regional",),
            budget=Budget(evaluations=50),
            seeds=2,
        )
        with Store(Path(name), writing=True) as store:
            assert conduct(campaign_of("quick", changes), store, workers=2).failed == 0
            runs = store.runs()
        result.append(runs[runs["strategy"] == "random-grid"].sort_values("seed")["candidate"].to_list())
    assert len(runs) == 4
    assert result[0] == result[1]
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"alone", "beside", "rude.py"}


@pytest.mark.slow
def test_dask_workers_find_plug_ins_too(install: Installer, tmp_path: Path) -> None:
    """Installed strategies and families are loaded in the worker's processes, and its results are those made here."""
    dask = pytest.importorskip("tasklet_bench.bench.engines.dask")
    points = {"strategies": {"patient": "on_workers:Patient"}, "problems": {"halves": "on_workers:load"}}
    install("workers", "on_workers", SEARCHES + HALVES, points)
    changes = Changes(strategies=("patient",), problems=("halves/10",), budget=Budget(evaluations=30), seeds=2)
    costs = []
    for name, engine in (("here", run_all), ("there", dask.run_all)):
        with Store(tmp_path / name, writing=True) as store:
            outcome = conduct(campaign_of("quick", changes), store, workers=1, engine=engine)
            assert (outcome.made, outcome.failed) == (2, 0)
            costs.append(store.runs().set_index("seed")["cost_s"].to_dict())
    assert costs[0] == costs[1]
