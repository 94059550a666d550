"""Plug-ins that do what they should not, while they are imported and while they search."""

from __future__ import annotations

import os
import random
import sys
import time

import numpy as np


def prints(problem, run, rng):
    """Print a lot, to both streams, things that look like messages of a run among them."""
    for _ in range(100):
        print('{"kind": "end", "status": "error"}')  # noqa: T201
        print("noise", file=sys.stderr)  # noqa: T201
    _search(problem, run, rng)


def forks(problem, run, rng):
    """Leave children that work, search and linger."""
    for _ in range(3):
        if os.fork() == 0:
            problem.random(np.random.default_rng(0))
            time.sleep(3600)
    _search(problem, run, rng)


def changes_folder(problem, run, rng):
    """Go elsewhere."""
    os.chdir("/")
    _search(problem, run, rng)


def seeds_global_random(problem, run, rng):
    """Seed the global generators."""
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    _search(problem, run, rng)


def _search(problem, run, rng):
    while not run.exhausted:
        run.evaluate(problem.random(rng))


print("imported, and glad of it")  # noqa: T201
np.random.seed(0)  # noqa: NPY002
random.seed(0)
os.chdir("/")
if os.fork() == 0:
    os._exit(0)
