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
    path.write_text("def f():\n    import bench.results.store\n    load('tasklet_bench.strategies.tpe')\n")
    assert imported_rooms(path) == {"bench", "strategies"}
