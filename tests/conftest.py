"""What all tests share: reproducible hypothesis runs and small random problems."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: spinning threads take the cores from what is tested

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem

sys.path.append(str(Path(__file__).parent))
from warm_command_line import SCRIPT, WarmCommandLine

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")

ProblemMaker = Callable[..., AllocationProblem]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files whose tests may take longest, so that no core waits for them at the end."""
    allowed_s: dict[Path, float] = {}
    for item in items:
        marker = item.get_closest_marker("timeout")
        allowed_s[item.path] = max(allowed_s.get(item.path, 0), marker.args[0] if marker else 0)
    items.sort(key=lambda item: -allowed_s[item.path])


@pytest.fixture(scope="session")
def command_line() -> Iterator[WarmCommandLine]:
    """Call `tasklet-bench` with words, in a folder, at the cost of a fork instead of a start."""
    calls = WarmCommandLine()
    yield calls
    calls.close()


@pytest.fixture(scope="session")
def script() -> Path:
    """The installed `tasklet-bench`."""
    return SCRIPT


@pytest.fixture(scope="session")
def random_problem() -> ProblemMaker:
    """Make a problem of directed device-level links, all distinct, from a shape and a seed."""

    def make(data_parallel: int, pipeline_parallel: int, seed: int = 0) -> AllocationProblem:
        rng = np.random.default_rng(seed)
        n = data_parallel * pipeline_parallel
        topology = Topology(
            tuple(Site(f"device {i}", 1) for i in range(n)), rng.uniform(0, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n))
        )
        return AllocationProblem(
            f"random-{seed}", topology, Workload(6e8, 5e8), Shape(data_parallel, pipeline_parallel)
        )

    return make
