"""What identifies code: the hash of a strategy's module and of what it imports."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_NAMESPACE = "tasklet_bench"


def code_hash(module_file: Path) -> str:
    """Hex SHA-256 of a strategy's module and of every project module that it imports, directly or not."""
    hasher = hashlib.sha256()
    for path in sorted(_with_imports(module_file.resolve()), key=_relative):
        hasher.update(f"{_relative(path)}\n{_source(path)}\n".encode())
    return hasher.hexdigest()


def _with_imports(start: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return found


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Files of the project's modules that a file imports when it runs; type-checking imports do not run."""
    stub = path.with_suffix(".pyi")
    tree = ast.parse(_source(stub if path.name == "__init__.py" and stub.exists() else path))
    package = _package_of(path)
    return tuple(dict.fromkeys(file for name in _imported(tree, package) if (file := _file_of(name))))


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Dotted names that a module may import, most general first: `a.b`, then `a.b.name` in case that is a module."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield from _imported(node, package)


@cache
def _file_of(module: str) -> Path | None:
    """The source of a project module; None for anything else."""
    namespace, _, inside = module.partition(".")
    if namespace != _NAMESPACE or not inside:
        return None
    base = _ROOT.joinpath(*inside.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def _package_of(path: Path) -> str:
    return ".".join((_NAMESPACE, *path.parent.relative_to(_ROOT).parts)) if path.is_relative_to(_ROOT) else ""


def _relative(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")
