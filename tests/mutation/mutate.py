"""Change the code that everything rests on in small ways, and say which changes no test notices.

python tests/mutation/mutate.py [--each 20] [--seed 0] [FILE…]

Each mutant is written into a scratch copy of the project, and the tests that are named for its file run there until one
fails. A mutant that passes them all is printed with its line: either a test is missing, or the change means nothing.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGETS = {
    "problems/allocation/cost_model.py": ["tests/problems/test_cost_model.py"],
    "bench/execution/meter.py": ["tests/bench/test_meter.py"],
    "bench/execution/outcome.py": ["tests/bench/test_outcome.py"],
    "bench/runs/spec.py": ["tests/bench/test_keys.py"],
    "bench/runs/canonical.py": ["tests/bench/test_keys.py"],
}
"""The tests that must notice a change of a file."""
LONGEST_S = 240.0
"""A mutant that never ends has been noticed."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
CALLS = {"max": "min", "min": "max", "any": "all", "all": "any", "isfinite": "isnan", "isnan": "isfinite"}


@dataclass(frozen=True)
class Mutant:
    """A file with one change; `line` is where it is and `change` what it is."""

    file: str
    line: int
    change: str
    source: str


def mutate(node: ast.AST) -> str | None:
    """Change a node in place; returns what was changed, None where there is nothing to change."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        old, node.ops[0] = node.ops[0], COMPARISONS[type(node.ops[0])]()
        return f"{type(old).__name__} becomes {type(node.ops[0]).__name__}"
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        before, node.op = node.op, OPERATORS[type(node.op)]()
        return f"{type(before).__name__} becomes {type(node.op).__name__}"
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return f"becomes {type(node.op).__name__.lower()}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node.op = ast.UAdd()
        return "not is dropped"
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value += 1
        return f"{node.value - 1} becomes {node.value}"
    if isinstance(node, ast.Call):
        name = node.func
        if isinstance(name, ast.Name) and name.id in CALLS:
            name.id = CALLS[name.id]
            return f"becomes {name.id}()"
        if isinstance(name, ast.Attribute) and name.attr in CALLS:
            name.attr = CALLS[name.attr]
            return f"becomes {name.attr}()"
    return None


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a file, one change each, in the order of the syntax tree."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for position in range(sum(1 for _ in ast.walk(tree))):
        changed = copy.deepcopy(tree)
        node = next(node for place, node in enumerate(ast.walk(changed)) if place == position)
        change = mutate(node)
        if change is not None:
            yield Mutant(file, getattr(node, "lineno", 0), change, ast.unparse(ast.fix_missing_locations(changed)))


def survives(mutant: Mutant, copied: Path) -> bool:
    """Whether the tests of its file pass with the mutant in its place."""
    place = copied / mutant.file
    original = place.read_text(encoding="utf-8")
    place.write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *TARGETS[mutant.file]]
    environment = {**os.environ, "PYTHONPATH": str(copied / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copied, env=environment, capture_output=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    else:
        return done.returncode == 0
    finally:
        place.write_text(original, encoding="utf-8")


def main() -> int:
    """Try mutants and print the survivors; status 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=list(TARGETS), metavar="FILE", help=", ".join(TARGETS))
    parser.add_argument("--each", type=int, default=20, help="mutants of each file, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for file in asked.files:
        if file not in TARGETS:
            parser.error(f"{file}: no tests are named for it; expected one of {', '.join(TARGETS)}")
    draw = random.Random(asked.seed)  # noqa: S311 - a sample, no secret
    survivors = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "project"
        shutil.copytree(
            ROOT,
            copied,
            symlinks=True,
            ignore=shutil.ignore_patterns(".git", ".venv", "local", ".*_cache", "__pycache__"),
        )
        for file in asked.files:
            every = list(mutants(file))
            for mutant in draw.sample(every, min(asked.each, len(every))):
                tried += 1
                if survives(mutant, copied):
                    survivors += 1
                    sys.stdout.write(f"{mutant.file}:{mutant.line}: {mutant.change}: no test notices\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{tried - survivors} of {tried} mutants noticed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
