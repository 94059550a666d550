"""Results made for the tests: real instances and real allocations, with made-up strategies, costs and failures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue

MakeResults = Callable[..., Results]

SITED = (
    "paper/worldwide",
    "paper/regional",
    "paper/two-datacentres",
    "measured/gcp4-hivemind-32",
    "measured/aws10-uneven-64",
)
NAMES = (
    "annealing", "genetic", "genetic[gain=kernighan-lin]", "constraint-program", "aligned", "tpe", "site-pure",
    "random-partition", "clustering", "hill-climbing", "spectral", "megatron", "megatron[hosts=shuffled]",
    "random-grid", "unfinished[patience=12]",
)  # fmt: skip
TRACEBACK = """Traceback (most recent call last):
  File "plugin.py", line 12, in search
    raise MemoryError("made to fail")
MemoryError: made to fail
"""


def instance_names(count: int) -> tuple[str, ...]:
    """Instances with sites first, then as many generated ones as it takes."""
    generated = (f"generated/uniform?n=64&dp={dp}&seed={seed}" for seed in range(1, 99) for dp in (4, 8, 16))
    return (*SITED, *(next(generated) for _ in range(max(0, count - len(SITED)))))[:count]


def make_results(
    instances: int = 6,
    entrants: int = 6,
    seeds: int = 2,
    budgets: tuple[str, ...] = ("1000-evaluations",),
    steps: int = 12,
    failed_share: float = 0.03,
) -> Results:
    """A campaign of every entrant on every instance; entrant number e ends about 0.8·e % above the best known cost."""
    rng = np.random.default_rng(11)
    last = ["megatron", "unfinished[patience=12]"]
    names = [*[name for name in NAMES if name not in last][: entrants - len(last)], *last]
    runs, trajectories, best_known = [], [], {}
    for problem in map(catalogue.load, instance_names(instances)):
        grid = Allocation(rng.permutation(problem.shape.n_devices).reshape(*_shape(problem)))
        cost = problem.cost(grid)
        best_known[problem.digest] = cost.total_s
        for budget in budgets:
            by_evaluations = budget.endswith("evaluations")
            for number, strategy in enumerate(names):
                deterministic = strategy in ("megatron", "aligned")
                for seed in range(1 if deterministic else seeds):
                    failed = rng.random() < failed_share * (3 if strategy.startswith("unfinished") else 1)
                    final = cost.total_s * (1 + 0.008 * number * rng.uniform(0.2, 1.8)) * (1 if number else 1.0)
                    spent = 1 if deterministic else 1000
                    key = f"{problem.name}|{strategy}|{seed}|{budget}"
                    proves = strategy == "constraint-program"
                    runs.append(
                        {
                            "key": key,
                            "attempt": 1,
                            "suite": "made-for-tests",
                            "suite_digest": "7e57" * 16,
                            "problem": problem.name,
                            "problem_digest": problem.digest,
                            "strategy": strategy,
                            "strategy_name": strategy.partition("[")[0],
                            "strategy_version": "1",
                            "code_hash": "0123456789abcdef",
                            "libraries": json.dumps({"numpy": "2.4"}),
                            "parameters": json.dumps({"patience": 12} if "patience" in strategy else {}),
                            "seed": seed,
                            "budget": budget,
                            "budget_evaluations": 1000 if by_evaluations else None,
                            "budget_cpu_s": None if by_evaluations else 2.0,
                            "budget_wall_s": None,
                            "status": "oom" if failed else "ok",
                            "error": TRACEBACK if failed else None,
                            "cost_s": None if failed else final,
                            "parts_s": json.dumps(dict(cost.parts_s)),
                            "exact": True,
                            "bound_s": problem.bound() if not proves else cost.total_s * (1 - 0.1 * rng.random()),
                            "gap": 0.3,
                            "proven": proves and rng.random() < 0.5,
                            "evaluations": spent,
                            "self_counted": proves,
                            "cpu_s": spent / 1000 * rng.uniform(1.99, 2.0),
                            "wall_s": spent / 490,
                            "prepare_s": 0.4,
                            "meter_s": 0.01,
                            "peak_memory_bytes": 2.1e8,
                            "penalty_s": cost.total_s * 1.6,
                            "timing_mode": "shared",
                            "machine": json.dumps({"cpu": "test processor", "cores": 2}),
                            "versions": json.dumps({"python": "3.11", "numpy": "2.4"}),
                            "started_at": f"2026-01-01T00:{seed:02}:00",
                            "candidate": json.dumps({"grid": grid.grid.tolist()}) if number == 0 else None,
                        }
                    )
                    at = np.unique(np.geomspace(1, spent, steps).astype(int))
                    worst = cost.total_s * rng.uniform(1.5, 2.5)
                    decay = np.linspace(0, 1, len(at)) if len(at) > 1 else np.ones(1)
                    bounds = np.linspace(problem.bound(), runs[-1]["bound_s"], len(at))
                    trajectories += [
                        (key, 1, int(n), n / 500, n / 490, float(final + (worst - final) * (1 - d) ** 2), float(b))
                        for n, d, b in zip(at, decay, bounds, strict=True)
                    ]
    columns = ["key", "attempt", "evaluations", "cpu_s", "wall_s", "cost_s", "bound_s"]
    frame = pd.DataFrame(runs).astype({"budget_evaluations": float, "budget_cpu_s": float, "budget_wall_s": float})
    return Results(
        frame,
        pd.DataFrame(trajectories, columns=columns),
        best_known=best_known,
        proven=frozenset(list(best_known)[:2]),
        champions={"made-for-tests": "annealing"},
        verified=(len(runs), 0),
    )


def _shape(problem: object) -> tuple[int, int]:
    shape = problem.shape  # type: ignore[attr-defined]
    return shape.data_parallel, shape.pipeline_parallel


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20240301)


@pytest.fixture(scope="session", name="make_results")
def _make_results() -> MakeResults:
    return make_results


QUIET = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
         "disable-component-update", "disable-sync")  # fmt: skip
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; tests that ask for it are skipped where it or playwright is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in QUIET])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shown() -> Results:
    """Seven entrants, one of them exact, on seven instances, five of them with sites, under two budgets."""
    return make_results(instances=7, entrants=7, seeds=2, budgets=("1000-evaluations", "2-cpu-seconds"))


@pytest.fixture(scope="module")
def path(shown: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of these results."""
    from tasklet_bench.bench.report import page

    path = tmp_path_factory.mktemp("page") / "index.html"
    page.write(shown, path)
    return path


@pytest.fixture
def opening(browser: Any, path: Path) -> Iterator[Callable[..., Any]]:
    """Open the page at an address, in a window; the test fails if it asked for anything or wrote an error."""
    tabs, faults = [], []

    def opened(address: str = "", width: int = 1280, height: int = 900, scheme: str = "light") -> Any:
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True)
        tabs.append(tab)
        tab.set_default_timeout(10_000)
        tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: None if request.url.startswith(LOCAL) else faults.append(request.url))
        tab.add_init_script(AT_REST)
        tab.goto(f"{path.as_uri()}{address}")
        tab.wait_for_selector("html[data-ready]")
        return tab

    yield opened
    assert faults == []
    for tab in tabs:
        tab.close()


LOCAL = ("file:", "data:", "blob:")
AT_REST = """
// Comes back when every figure is drawn, and neither the page's height nor its place has changed for ten frames.
window.atRest = () => new Promise((done) => {
    let [still, last] = [0, ""];
    const look = () => {
        const plots = [...document.querySelectorAll("figure .plot")];
        const drawn = plots.every((plot) => !plot.clientWidth || plot.firstChild);
        const now = `${scrollY} ${document.documentElement.scrollHeight} ${location.hash}`;
        still = drawn && now === last ? still + 1 : 0;
        last = now;
        if (still > 10) done();
        else requestAnimationFrame(look);
    };
    look();
});
"""
