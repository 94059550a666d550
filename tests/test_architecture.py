"""The rooms of the project and the arrows between them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "problems": {"problems"},
    "strategies": {"strategies", "problems"},
    "bench": {"bench", "strategies", "problems"},
}
ROOMS = set(MAY_IMPORT) | {"tests"}


def imported_rooms(path: Path) -> set[str]:
    """Top-level packages of the project that a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {_room(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {_room(f"{node.module}.{alias.name}") for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("tasklet_bench."):
            names.add(_room(node.value))
    return names & ROOMS


def _room(dotted: str) -> str:
    """The room that a dotted name leads into, `tests` among them; nothing for what is not the project's."""
    first, _, rest = dotted.partition(".")
    return rest.partition(".")[0] if first == "tasklet_bench" else first if first == "tests" else ""


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_arrows_only_point_down(room: str) -> None:
    """Imports go bench → strategies → problems, never back, and no package imports the tests."""
    files = sorted((ROOT / room).rglob("*.py*"))
    files = [path for path in files if path.suffix in {".py", ".pyi"}]
    assert files
    wrong = {str(path.relative_to(ROOT)): extra for path in files if (extra := imported_rooms(path) - MAY_IMPORT[room])}
    assert wrong == {}


def test_an_upward_arrow_would_be_found(tmp_path: Path) -> None:
    """The check above sees an import that hides inside a function or in a dotted name for importlib."""
    path = tmp_path / "hidden.py"
    path.write_text(
        "def f():\n    import tasklet_bench.bench.results.store\n    load('tasklet_bench.strategies.tpe')\n"
    )
    assert imported_rooms(path) == {"bench", "strategies"}


ORDER = (
    "cli", "commands", "scaffold", "report", "campaigns", "contract", "results", "engines", "studies", "execution",
    "plugins", "runs", "stats",
)  # fmt: skip
"""The rooms of `bench`, from the entry point down; an import goes to a later one."""


def bench_arrows(folder: Path) -> dict[tuple[str, str], set[str]]:
    """Files by the pair of rooms of `bench` that an import of theirs joins."""
    arrows: dict[tuple[str, str], set[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                if name.startswith("tasklet_bench.bench.") and (to := name.split(".")[2]) != room:
                    arrows.setdefault((room, to), set()).add(path.name)
    return arrows


def test_rooms_of_bench_only_point_down() -> None:
    """So there is no circle between rooms; there are at most 13, and nothing lies loose but the entry point."""
    assert sorted(path.name for path in (ROOT / "bench").glob("*.py")) == ["__init__.py", "cli.py"]
    rooms = {path.name for path in (ROOT / "bench").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms | {"cli"} == set(ORDER)
    assert len(ORDER) <= 13
    arrows = bench_arrows(ROOT / "bench")
    assert arrows
    wrong = {pair: files for pair, files in arrows.items() if ORDER.index(pair[0]) >= ORDER.index(pair[1])}
    assert wrong == {}


def special_cases(path: Path) -> list[str]:
    """Places where a file tells families of problems apart: `hasattr` or `isinstance` on problems, a family's name."""
    result = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("hasattr", "isinstance"):
            text = ast.unparse(node)
            if "problem" in text.lower() and "Error" not in text:
                result.append(text)
        elif isinstance(node, ast.Compare) and "family" in ast.unparse(node):
            compared = [node.left, *node.comparators]
            if any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in compared):
                result.append(ast.unparse(node))
    return result


def test_no_family_is_special_to_the_harness() -> None:
    """Outside of `plugins` nothing in `bench` asks of which family a problem is."""
    files = [path for path in sorted((ROOT / "bench").rglob("*.py")) if path.parent.name != "plugins"]
    assert {str(path): cases for path in files if (cases := special_cases(path))} == {}


def test_a_special_case_would_be_found(tmp_path: Path) -> None:
    """The check above sees each of the three ways."""
    path = tmp_path / "special.py"
    path.write_text("hasattr(problem, 'shape')\nisinstance(p, AllocationProblem)\np.family == 'allocation'\n")
    assert len(special_cases(path)) == 3
