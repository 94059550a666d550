"""The files that hostile calls are made on: each is small, and each is one of a kind that people really have."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

ESCAPE = "\x1b[2J\x1b]0;mine\x07\u202e"
"""Clears a terminal, names its window, and turns what follows round."""

GOOD: dict[str, Any] = {
    "name": "good",
    "sites": [{"name": "Dallas", "devices": 4}, {"name": "London", "devices": 4}],
    "delay_ms": [[0.1, 113.0], [113.0, 0.1]],
    "bandwidth_gbps": [[10.0, 1.0], [1.0, 10.0]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 4},
    "workload": {"preset": "gpt3-xl"},
}
GRID = {"grid": [[0, 1, 2, 3], [4, 5, 6, 7]]}


def _with(*place: str | int, value: Any) -> str:
    """The good problem with another value at a place."""
    data = copy.deepcopy(GOOD)
    inner: Any = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return json.dumps(data)


def _devices(n: int, grid: tuple[int, int]) -> str:
    data = json.loads(_with("sites", 0, "devices", value=n - 4))
    data["grid"] = {"data_parallel": grid[0], "pipeline_parallel": grid[1]}
    return json.dumps(data)


_DEEP = "[" * 100_000
_DIGITS = "9" * 5000

_TEXTS: dict[str, str | bytes] = {
    "good.json": json.dumps(GOOD),
    "good_allocation.json": json.dumps(GRID),
    # as files
    "empty": "",
    "binary": bytes(range(256)) * 20,
    "binary.json": bytes(range(256)) * 20,
    "utf16.json": json.dumps(GOOD).encode("utf-16"),
    "bom.json": b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
    "latin1.json": json.dumps({"name": "Z\u00fcrich"}, ensure_ascii=False).encode("latin-1"),
    "cut.json": json.dumps(GOOD)[:100],
    "two.json": json.dumps(GOOD) * 2,
    # as JSON
    "deep.json": _DEEP,
    "deep_name.json": json.dumps(GOOD).replace('"good"', _DEEP + "]" * 100_000),
    "deep_object.json": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "digits.json": json.dumps(GOOD).replace('"devices": 4', f'"devices": {_DIGITS}', 1),
    "null.json": "null",
    "list.json": "[]",
    "list_of_lists.json": "[[[]]]",
    "twice.json": json.dumps(GOOD).replace('"name": "good"', '"name": "good", "name": "better"', 1),
    "twice_inside.json": json.dumps(GOOD).replace('"devices": 4', '"devices": 4, "devices": 5', 1),
    "nan.json": json.dumps(GOOD).replace("113.0", "NaN"),
    "infinity.json": json.dumps(GOOD).replace("113.0", "1e999"),
    "surrogate.json": json.dumps(GOOD).replace('"good"', '"\\ud800"'),
    # as problems
    "escaping_name.json": _with("name", value=ESCAPE),
    "escaping_site.json": _with("sites", 0, "name", value=ESCAPE),
    "escaping_key.json": json.dumps({**GOOD, ESCAPE: 1}),
    "markup.json": _with("name", value="[red]x[/nothing]"),
    "markup_site.json": _with("sites", 0, "name", value="[/]"),
    "long_key.json": json.dumps({**GOOD, "k" * 1_000_000: 1}),
    "long_name.json": _with("name", value="n" * 1_000_000),
    "long_preset.json": _with("workload", "preset", value="p" * 1_000_000),
    "formula_name.json": _with("name", value="=HYPERLINK(1)"),
    "unicode_name.json": _with("name", value="Z\u00fcrich \u2192 \u6771\u4eac"),
    "newline_name.json": _with("name", value="a\nb"),
    "empty_name.json": _with("name", value=""),
    "fractional_devices.json": _with("sites", 0, "devices", value=4.5),
    "negative_devices.json": _with("sites", 0, "devices", value=-4),
    "no_devices.json": _with("sites", value=[]),
    "quadrillion_devices.json": _with("sites", 0, "devices", value=10**15),
    "many_devices.json": _devices(10**7, (10, 10**6)),
    "hundred_thousand_devices.json": _devices(100_000, (10, 10_000)),
    "huge_grid.json": _with("grid", value={"data_parallel": 10**15, "pipeline_parallel": 10**15}),
    "huge_layers.json": _with(
        "workload", value={"layers": 10**400, "hidden": 1, "sequence_length": 1, "sequences_per_iteration": 1}
    ),
    "huge_bytes.json": _with("workload", value={"gradient_bytes": 1e308, "activation_bytes": 1e308}),
    "least_bandwidth.json": _with("bandwidth_gbps", 0, 1, value=5e-324),
    "most_bandwidth.json": _with("bandwidth_gbps", 0, 1, value=1e308),
    "most_delay.json": _with("delay_ms", 0, 1, value=1e308),
    "mbps_as_gbps.json": _with("bandwidth_gbps", value=[[1000.0, 940.0], [940.0, 1000.0]]),
    "seconds_as_ms.json": _with("delay_ms", value=[[0.0001, 0.113], [0.113, 0.0001]]),
    "text_matrix.json": _with("delay_ms", value="x"),
    "ragged_matrix.json": _with("delay_ms", value=[[1.0], [1.0, 2.0]]),
    "unknown_family.json": _with("family", value=["x"]),
    "other_family.json": _with("family", value="gossip"),
    "profile_is_itself.json": _with("profile", value="profile_is_itself.json"),
    "profile_with_nul.json": _with("profile", value="a\0b"),
    "profile_is_device.json": _with("profile", value="/dev/zero"),
    "profile_is_long.json": _with("profile", value="p" * 100_000),
    "profile_is_fifo.json": _with("profile", value="fifo"),
    "overflow_profile.json": json.dumps(
        {"layers": 10**18, "parameters": [1.0], "gradient_bytes_per_parameter": 1e308, "activation_bytes": 1.0,
         "devices": {"a": {"forward_s": [1e308], "backward_s": [1e308]}}}
    ),
    # as allocations
    "twice_allocation.json": '{"grid": [[0,1,2,3],[4,5,6,7]], "grid": [[1,0,2,3],[4,5,6,7]]}',
    "float_allocation.json": '{"grid": [[0,1,2,3.5],[4,5,6,7]]}',
    "huge_allocation.json": '{"grid": [[0,1,2,99999999999999999999],[4,5,6,7]]}',
    "negative_allocation.json": '{"grid": [[0,1,2,-3],[4,5,6,7]]}',
    "ragged_allocation.json": '{"grid": [[0,1,2],[4,5,6,7]]}',
    # as campaigns
    "good.toml": "problems = ['good.json']\nstrategies = ['aligned']\nbudgets = ['5-evaluations']\nseeds = 1\n",
    "empty.toml": "",
    "binary.toml": bytes(range(256)),
    "deep.toml": "x = " + _DEEP,
    "digits.toml": f"suite = 'quick'\nseeds = {_DIGITS}\n",
    "twice.toml": "suite = 'quick'\nsuite = 'core'\n",
    "many_seeds.toml": "suite = 'quick'\nseeds = 1000000000000\n",
    "most_seeds.toml": "suite = 'quick'\nseeds = 100000000000000000000\n",
    "first_seed.toml": "suite = 'quick'\nseeds = 1\nfirst_seed = 100000000000000000000000\n",
    "memory.toml": "suite = 'quick'\nmemory_gb = 1e300\n",
    "memory_nan.toml": "suite = 'quick'\nmemory_gb = nan\n",
    "budget.toml": "suite = 'quick'\nbudgets = ['1e400-evaluations']\n",
    "budget_dots.toml": "suite = 'quick'\nbudgets = ['1..5-cpu-seconds']\n",
    "escaping.toml": f"suite = 'quick'\nname = {json.dumps(ESCAPE)}\n",
    "escaping_key.toml": f"{json.dumps(ESCAPE)} = 1\n",
    "long_key.toml": "k" * 1_000_000 + " = 1\n",
    "long_suite.toml": f"suite = '{'s' * 1_000_000}'\n",
    "nul_problem.toml": 'problems = ["a\\u0000b.json"]\n',
    "nul_strategy.toml": 'suite = "quick"\nstrategies = ["a\\u0000b.py:X"]\n',
    "formula_title.toml": "problems = ['good.json']\nname = '=SUM(A1)'\nseeds = 1\n",
    "date.toml": "suite = 1979-05-27\n",
    "problem_is_folder.toml": "problems = ['folder']\n",
    "problem_is_deep.toml": "problems = ['deep.json']\n",
    # as results of other tools
    "deep.csv": f'strategy,problem,seed,evaluations,cost,allocation\nx,paper/regional,0,10,5,"{_DEEP}"\n',
    "digits.csv": f"strategy,problem,seed,evaluations,cost\nx,paper/regional,{_DIGITS},10,5\n",
    "wide.csv": "strategy,problem,seed,evaluations,cost\n" + ",".join("x" * 10_000) + "\n",
    "nul.csv": "strategy,problem,seed,evaluations,cost\na\0b,paper/regional,0,10,5e9\n",
    "formula.csv": "strategy,problem,seed,evaluations,cost\n=HYPERLINK(1),paper/regional,0,10,5e9\n",
    "escaping.csv": f"strategy,problem,seed,evaluations,cost\n{ESCAPE},paper/regional,0,10,5e9\n",
    "longest_name.csv": f"strategy,problem,seed,evaluations,cost\n{'n' * 100_000},paper/regional,0,10,5e9\n",
    "code.csv": "strategy,problem,seed,evaluations,cost\nx,good.py:load,0,10,5\n",
    "two_lines.csv": 'strategy,problem,seed,evaluations,cost\n"a\nb",paper/regional,0,10,5e9\n',
    "infinite.csv": "strategy,problem,seed,evaluations,cost\nx,paper/regional,0,10,1e999\n",
    "twice_column.csv": "strategy,problem,seed,evaluations,cost,cost\nx,paper/regional,0,10,5,6\n",
    "long_field.csv": f"strategy,problem,seed,evaluations,cost\nx,{'p' * 200_000},0,10,5\n",
    "one_column.csv": "strategy\nx\n",
    "seed.csv": "strategy,problem,seed,evaluations,cost\nx,paper/regional,99999999999999999999,10,5e9\n",
    # as plug-ins
    "good.py": "class Search:\n    def search(self, problem, run, rng):\n        run.evaluate(problem.random(rng))\n",
    "broken.py": "import nothing_of_that_name\n",
    "binary.py": bytes(range(256)),
    "number.py": "value = 5\n",
    "no_search.py": "class Search:\n    pass\n",
    "asynchronous.py": "class Search:\n    async def search(self, problem, run, rng):\n        run.evaluate(1)\n",
    "generator.py": "class Search:\n    def search(self, problem, run, rng):\n        yield run.evaluate(1)\n",
    "exits.py": "raise SystemExit(7)\n",
    "recursing.py": "def f():\n    f()\nf()\n",
    "relative.py": "from .good import Search\n",
    "data_file.py": (
        "from pathlib import Path\n\nNAME = Path(__file__).with_name('good.json').read_text()\n\n\n"
        "class Search:\n    def search(self, problem, run, rng):\n        run.evaluate(problem.random(rng))\n"
    ),
    "prints.py": (
        "import sys\nprint('\\x1b[2J')\nsys.stderr.write('\\x1b[2J')\n\n\n"
        "class Search:\n    def search(self, problem, run, rng):\n        run.evaluate(problem.random(rng))\n"
    ),
    "raises_odd.py": (
        "class Odd(Exception):\n    def __str__(self):\n        raise self\n\n\n"
        "class Search:\n    def search(self, problem, run, rng):\n        raise Odd\n"
    ),
    **{
        f"{file}.py": (
            f"class Search:\n    name = {name!r}\n\n"
            "    def search(self, problem, run, rng):\n        run.evaluate(problem.random(rng))\n"
        )
        for file, name in (
            ("escaping", ESCAPE), ("formula", "=HYPERLINK(1)"), ("long_name", "n" * 1600), ("nameless", ""),
        )
    },
}  # fmt: skip

PROBLEMS = (
    *(name for name in _TEXTS if name.endswith(".json") and "allocation" not in name and name != "good.json"),
    "empty", "folder", "folder.json", "missing.json", "fifo", "fifo.json", "/dev/zero", "/dev/null", "sparse.json",
    "locked/x.json", "loop.json", "/proc/self/mem", "good.json/x",
)  # fmt: skip
TOMLS = (
    *(name for name in _TEXTS if name.endswith(".toml")),
    "fifo.toml", "sparse.toml", "folder.toml", "missing.toml", "/dev/zero", "/dev/stdin",
)  # fmt: skip


def make_files(folder: Path) -> None:
    """Put all of them into a folder, with a store of four runs in `good`."""
    for name, content in _TEXTS.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in ("folder", "folder.json", "folder.toml", "folder.svg", "folder.py", "gone"):
        (folder / name).mkdir()
    for name in ("fifo", "fifo.json", "fifo.toml"):
        os.mkfifo(folder / name)
    for name in ("sparse.json", "sparse.toml", "sparse.csv"):
        with (folder / name).open("wb") as file:
            file.truncate(20 * 2**30)
    (folder / "loop.json").symlink_to("loop.json")
    shutil.copytree(_store(), folder / "good")


@cache
def _store() -> Path:
    """A store that is made once in this process and copied from then on."""
    import atexit
    import sys
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="hostile-store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [Path(sys.executable).parent / "tasklet-bench", "run", "-p", "generated/uniform?n=8&dp=2&seed=1",
         "-s", "random-partition", "-s", "aligned", "--evaluations", "20", "--seeds", "2", "--out", folder / "good"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "good"
