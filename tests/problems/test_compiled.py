"""Compiled code that is kept on disk: never stale, shared safely, kept where it can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SLOW_START = 250


def run(code: str, tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process that imports from `tree` and keeps its compiled code there unless set otherwise."""
    known = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "cache"), **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=tree, env=known, capture_output=True, text=True, timeout=280, check=False
    )


def said(code: str, tree: Path, **environment: str) -> str:
    """The same, with what it printed."""
    done = run(code, tree, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the problems, and a plug-in outside of them: a cached caller of a kernel in a file of its own."""
    shutil.copytree(
        ROOT / "src/tasklet_bench", tmp_path / "tasklet_bench", ignore=shutil.ignore_patterns("__pycache__", "tables")
    )
    (tmp_path / "plugin.py").write_text(
        "from tasklet_bench.problems.allocation.kernels.ordering.held_karp import path_s\n"
        "from tasklet_bench.problems.compiled import jit\n"
        "@jit\n"
        "def caller(length_s, order):\n"
        "    return path_s(length_s, order)\n"
    )
    return tmp_path


CALL = """
import numpy as np
from plugin import caller
length_s = np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]])
value = caller(length_s, np.arange(3))
print(value, sum(caller.stats.cache_hits.values()), sum(caller.stats.cache_misses.values()))
"""


def test_an_edited_kernel_changes_its_cached_caller(tree: Path) -> None:
    """A caller elsewhere is loaded from the cache, and compiled anew as soon as the kernel it calls changes."""
    assert said(CALL, tree) == "8.0 0 1"
    assert said(CALL, tree) == "8.0 1 0"
    kernel = tree / "tasklet_bench/problems/allocation/kernels/ordering/held_karp.py"
    kernel.write_text(kernel.read_text().replace("return head + tail", "return head + tail + 100.0"))
    assert said(CALL, tree) == "108.0 0 1"


@pytest.mark.slow
def test_numba_alone_would_have_gone_stale(tree: Path) -> None:
    """The trap is real: with numba's own cache the same caller keeps the old kernel."""
    plugin = tree / "plugin.py"
    plugin.write_text(
        plugin.read_text()
        .replace("@jit", "@numba.njit(cache=True)")
        .replace("from tasklet_bench.problems.comp", "import numba\nfrom tasklet_bench.problems.comp")
    )
    assert said(CALL, tree) == "8.0 0 1"
    kernel = tree / "tasklet_bench/problems/allocation/kernels/ordering/held_karp.py"
    kernel.write_text(kernel.read_text().replace("return head + tail", "return head + tail + 100.0"))
    assert said(CALL, tree) == "8.0 1 0"


def test_an_edited_neighbour_of_a_plugin_changes_its_caller(tree: Path) -> None:
    """A plug-in of two files is covered too: the caller in one follows the callee in the other."""
    (tree / "callee.py").write_text("from tasklet_bench.problems.compiled import jit\n@jit\ndef one():\n    return 1\n")
    (tree / "plugin.py").write_text(
        "from callee import one\n"
        "from tasklet_bench.problems.compiled import jit\n@jit\ndef caller():\n    return one()\n"
    )
    code = "from plugin import caller; print(caller())"
    assert said(code, tree) == "1"
    (tree / "callee.py").write_text("from tasklet_bench.problems.compiled import jit\n@jit\ndef one():\n    return 2\n")
    assert said(code, tree) == "2"


def test_it_does_not_matter_who_imported_numba_first(tree: Path) -> None:
    """The directory is set although numba read its environment long before, and numba's own setting is left alone."""
    code = f"import numba; numba.config.CACHE_DIR = 'elsewhere'\n{CALL}\nprint(numba.config.CACHE_DIR)"
    assert said(code, tree).splitlines() == ["8.0 0 1", "elsewhere"]
    assert said(code, tree).splitlines() == ["8.0 1 0", "elsewhere"]
    assert not (tree / "elsewhere").exists()


@pytest.mark.slow
def test_processes_that_compile_at_once_do_not_mix_their_code(tree: Path) -> None:
    """Four processes, two types of arguments, one cold cache: each gets its own answer, and the next loads it."""
    (tree / "plugin.py").write_text(
        "from tasklet_bench.problems.compiled import jit\n@jit\ndef double(x):\n    return x[0] + x[0]\n"
    )
    code = "import sys, numpy as np; from plugin import double; print(double(np.array([3], dtype=sys.argv[1])))"
    environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "cache")}
    types = ["int8", "float64"] * 2
    running = [
        subprocess.Popen([sys.executable, "-c", code, t], cwd=tree, env=environment, stdout=subprocess.PIPE, text=True)
        for t in types
    ]
    expected = {"int8": "6", "float64": "6.0"}
    assert [p.communicate(timeout=SLOW_START)[0].strip() for p in running] == [expected[t] for t in types]
    for t in expected:
        loaded = said(code.replace("sys.argv[1]", repr(t)) + "; print(sum(double.stats.cache_hits.values()))", tree)
        assert loaded.splitlines() == [expected[t], "1"]


def test_where_nothing_can_be_written_a_temporary_folder_serves(tree: Path) -> None:
    """A cache folder that cannot be made is no error: the code is kept in a temporary one."""
    blocked = tree / "file"
    blocked.write_text("a file, no folder")
    asked = "print(cache_directory(Path('plugin.py')))"
    code = f"from pathlib import Path; from tasklet_bench.problems.compiled import cache_directory; {asked}"
    temporary = tree / "temporary"
    temporary.mkdir()
    result = Path(said(code, tree, NUMBA_CACHE_DIR=str(blocked / "below"), TMPDIR=str(temporary)))
    assert result.is_dir()
    assert temporary in result.parents


def test_code_that_nobody_used_for_a_month_is_dropped(tree: Path) -> None:
    """Old directories go when a new one is made; recent ones and foreign ones stay."""
    cache = tree / "cache"
    old, recent, foreign = (cache / name for name in ("numba-old", "numba-recent", "other"))
    for directory in (old, recent, foreign):
        directory.mkdir(parents=True)
    long_ago = time.time() - 40 * 86400
    os.utime(old, (long_ago, long_ago))
    os.utime(foreign, (long_ago, long_ago))
    said(
        "from pathlib import Path; from tasklet_bench.problems.compiled import cache_directory; "
        "cache_directory(Path('plugin.py'))",
        tree,
    )
    assert (old.exists(), recent.exists(), foreign.exists()) == (False, True, True)


def test_one_process_compiles_while_the_others_wait(tree: Path) -> None:
    """Of three processes that need the same code at once, one says that it compiles; the others load what it saved."""
    (tree / "plugin.py").write_text(
        "from tasklet_bench.problems.compiled import jit\n@jit\ndef double(x):\n    return x[0] + x[0]\n"
    )
    code = (
        "import numpy as np\nfrom plugin import double\nfrom tasklet_bench.problems.compiled import on_compiling\n"
        "names = []\non_compiling.append(names.append)\nprint(double(np.array([3.0])), *names)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "cache")}
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tree, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sorted(p.communicate(timeout=SLOW_START)[0].strip() for p in running) == ["6.0", "6.0", "6.0 double"]


def test_whoever_does_not_wait_learns_that_another_process_compiles(tree: Path) -> None:
    """Meanwhile it can do something else; afterwards it loads what the other has saved, without compiling anything."""
    (tree / "plugin.py").write_text(
        "from tasklet_bench.problems.compiled import jit\n@jit\ndef double(x):\n    return x[0] + x[0]\n"
    )
    begin = "import numpy as np\nfrom plugin import double\nfrom tasklet_bench.problems import compiled\nnames = []\n"
    holds = begin + (
        "def hold(name):\n    print(name, flush=True)\n    input()\n"
        "compiled.on_compiling.append(hold)\nprint(double(np.array([3.0])))"
    )
    impatient = begin + (
        "compiled.on_compiling.append(names.append)\n"
        "try:\n    with compiled.without_waiting():\n        double(np.array([3.0]))\n"
        "except compiled.BeingCompiled as busy:\n    print('busy', busy, flush=True)\n"
        "input()\nprint(double(np.array([3.0])), *names)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "cache")}

    def started(code: str) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-c", code], cwd=tree, env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]

    first = started(holds)
    assert first.stdout is not None
    assert first.stdout.readline() == "double\n"
    second = started(impatient)
    assert second.stdout is not None
    assert second.stdout.readline() == "busy double\n"
    assert first.communicate("\n", timeout=SLOW_START)[0] == "6.0\n"
    assert second.communicate("\n", timeout=SLOW_START)[0] == "6.0\n"


PARTS = """
from tasklet_bench.problems.compiled import jit
exec('''
@jit
def low(x): return x + 1
@jit(inline=True)
def middle(x): return low(x) * 2
@jit(allocates=False)
def top(x): return middle(x) + low(x)
@jit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)
@jit
def after(n): return fibonacci(n) + 1
''')
"""


def test_a_part_is_translated_only_within_what_python_calls(tree: Path) -> None:
    """A chain of functions, one of which two others call, gives its value without machine code of its own links."""
    code = PARTS + "print(top(3), len(top.overloads), len(middle.overloads), len(low.overloads), low(3.5))"
    assert said(code, tree) == "12 1 0 0 4.5"


def test_a_function_that_calls_itself_can_be_a_part(tree: Path) -> None:
    """Recursion works where Python calls the function and where compiled code does."""
    assert said(PARTS + "print(after(10), fibonacci(11))", tree) == "56 89"


def test_functions_without_a_file_are_compiled_all_the_same(tree: Path) -> None:
    """A function typed into an interpreter has no source file to hash; it is compiled and not kept."""
    code = "from tasklet_bench.problems.compiled import jit\nexec('@jit\\ndef f(x):\\n    return x + 1')\nprint(f(1))"
    assert said(code, tree) == "2"


def test_importing_the_problem_imports_no_numba(tree: Path) -> None:
    """The import of numba waits until the first cost is needed."""
    code = "import sys; from tasklet_bench.problems.allocation import AllocationProblem; print('numba' in sys.modules)"
    assert said(code, tree) == "False"


def test_kernels_compiled_before_a_fork_work_after_it(tree: Path) -> None:
    """A child forked from a process with warm kernels scores as its parent does, and no thread is running."""
    code = """
import os, threading
import numpy as np
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.allocation.kernels import warm_up
from tasklet_bench.problems.allocation.kernels.evaluation import evaluate_if_balanced
warm_up()
compiled = len(evaluate_if_balanced.signatures)
problem = catalogue.load("paper/regional")
labels = np.arange(64) % 8
cost = problem.cost(labels).total_s
assert len(evaluate_if_balanced.signatures) == compiled, "warm_up missed a type"
assert threading.active_count() == 1 and len(os.listdir("/proc/self/task")) == 1
child = os.fork()
if child == 0:
    os._exit(0 if problem.cost(labels).total_s == cost else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    shared = os.environ.get("NUMBA_CACHE_DIR", "")
    environment = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = run(code, ROOT, NUMBA_CACHE_DIR=shared, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"


@pytest.mark.slow
def test_a_machine_without_wide_vectors_says_the_same() -> None:
    """Compiled for the plainest CPU of this kind, kernels give the same costs to the last bit."""
    code = """
import numpy as np
from tasklet_bench.problems.allocation.kernels import evaluate, pack
from tasklet_bench.problems.instances import catalogue
problem = catalogue.load("paper/worldwide")
rng = np.random.default_rng(0)
print([evaluate(pack(problem), problem.random(rng)) for _ in range(20)])
"""
    shared = {"NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", "")}
    plain = said(code, ROOT, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="", **shared)
    assert plain == said(code, ROOT, **shared)


WHERE = """
from pathlib import Path
from tasklet_bench.problems.compiled import cache_directory
print(cache_directory(Path("plugin.py")))
"""


def test_a_comment_recompiles_nothing_and_a_constant_elsewhere_does(tree: Path) -> None:
    """What compiled code means names its cache: lines that move do not count, values of plain modules do."""
    (tree / "settings.py").write_text("STEP = 1\n")
    (tree / "plugin.py").write_text(
        "from settings import STEP\nfrom tasklet_bench.problems.compiled import jit\n"
        "@jit\ndef step(x):\n    return x + STEP\n"
    )
    code = "from plugin import step; print(step(1), sum(step.stats.cache_hits.values()))"
    assert said(code, tree) == "2 0"
    plugin = tree / "plugin.py"
    plugin.write_text(plugin.read_text().replace("@jit", "# a comment\n\n\n@jit"))
    assert said(code, tree) == "2 1"
    (tree / "settings.py").write_text("STEP = 2\n")
    assert said(code, tree) == "3 0"


def test_a_cache_that_others_can_write_to_is_refused(tree: Path) -> None:
    """A folder open to others is left empty, and named; what others could have made beforehand is no better."""
    temporary = tree / "temporary"
    temporary.mkdir(mode=0o700)
    for mode in (0o777, 0o770):
        shared = tree / f"shared-{mode}"
        shared.mkdir()
        shared.chmod(mode)
        done = run(WHERE, tree, NUMBA_CACHE_DIR=str(shared), TMPDIR=str(temporary))
        assert f"{shared} is not this user's alone" in done.stderr
        assert Path(done.stdout.strip()).parent == temporary / f"tasklet-bench-{os.getuid()}"
        assert list(shared.iterdir()) == []
    planted = temporary / f"tasklet-bench-{os.getuid()}"
    planted.chmod(0o777)
    done = run(WHERE, tree, NUMBA_CACHE_DIR=str(shared), TMPDIR=str(temporary))
    used = Path(done.stdout.strip())
    assert used.parent.parent == temporary
    assert used.parent != planted
    assert not used.exists()  # a folder of that process alone, which goes with it


@pytest.mark.skipif(os.getuid() != 0, reason="giving a folder away takes root")
def test_a_cache_that_another_user_owns_is_refused(tree: Path) -> None:
    """Whoever owns a folder can put code there."""
    shared, temporary = tree / "shared", tree / "temporary"
    for folder in (shared, temporary):
        folder.mkdir(mode=0o700)
    os.chown(shared, 65534, 65534)
    assert temporary in Path(said(WHERE, tree, NUMBA_CACHE_DIR=str(shared), TMPDIR=str(temporary))).parents


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["cut", "flipped", "noise", "empty", "swapped"])
def test_a_damaged_cache_is_thrown_away_and_built_again(damage: str, tree: Path) -> None:
    """Index and code alike: the result is right, compiled once more, and found in the cache the next time."""
    assert said(CALL, tree) == "8.0 0 1"
    files = [path for path in (tree / "cache").rglob("plugin.*.nb?") if path.suffix in (".nbi", ".nbc")]
    assert {path.suffix for path in files} == {".nbi", ".nbc"}
    for path in files:
        content = path.read_bytes()
        damaged = {
            "cut": content[: len(content) // 2],
            "flipped": content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
            "noise": b"\xa5" * 1000,
            "empty": b"",
            "swapped": b"cposix\nsystem\n(S'touch it-has-run'\ntR.",
        }[damage]
        path.write_bytes(damaged)
        assert said(CALL, tree) == "8.0 0 1"
        assert said(CALL, tree) == "8.0 1 0"
    assert not (tree / "it-has-run").exists()
