"""What a module's tree imports and which names it binds, found in one look at each node that runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_BINDING: dict[type[ast.AST], str] = {
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.arg: "arg",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}
"""Nodes that bind a name, and in which field it stands."""
_WITHOUT_NODES = frozenset({"arg", "attr", "ctx", "id", "kind", "op", "ops", "rest"})
"""Fields of many nodes that hold no node which binds anything. `name` is none: that of a type alias is a node."""


def survey(tree: ast.Module) -> tuple[list[ast.Import | ast.ImportFrom], set[str]]:
    """All imports, and the names that anything else binds anywhere; what type checkers alone read is left out."""
    imports: list[ast.Import | ast.ImportFrom] = []
    bound: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif not isinstance(node, ast.Constant):
            name = getattr(node, _BINDING.get(type(node), ""), None)
            if name:
                bound.add(name)
            for field in node._fields:
                if field not in _WITHOUT_NODES:
                    _add_nodes(waiting, getattr(node, field, None))
    return imports, bound


def _add_nodes(waiting: list[ast.AST], value: object) -> None:
    for part in value if isinstance(value, list) else (value,):
        if isinstance(part, ast.If):
            waiting.extend(spliced((part,)))
        elif isinstance(part, ast.AST):
            waiting.append(part)


def spliced(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with what runs of an `if TYPE_CHECKING` in its place."""
    for statement in statements:
        test, negated = (statement.test, False) if isinstance(statement, ast.If) else (None, False)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, negated = test.operand, True
        if isinstance(statement, ast.If) and _is_type_checking(test):
            yield from spliced(statement.body if negated else statement.orelse)
        else:
            yield statement


def _is_type_checking(test: ast.expr | None) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else None
    return name == "TYPE_CHECKING"
