"""What a module's source means: its syntax tree without docstrings, comments and annotations.

Imports leave the tree: a name that an import binds stands as a reference to what it brings in, so it does not matter
what modules are called, where they stand, and in which order they are imported. `TYPE_CHECKING` blocks do not run and
do not count. Two kinds of annotations are kept, as they decide what a program does: those of class fields that say
`Literal`, `ClassVar`, `InitVar`, `KW_ONLY` or `Annotated` (of other fields it counts that they are annotated, which
makes them fields), and those of functions that `functools.singledispatch` registers.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasklet_bench.problems.code.survey import spliced, survey

_DECISIVE = frozenset({"Literal", "ClassVar", "InitVar", "KW_ONLY", "Annotated"})
_IGNORED_FIELDS = frozenset({"ctx", "type_comment", "type_ignores", "kind", "annotation", "returns"})
_BUILTINS = frozenset(dir(builtins))
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, order=True)
class Reference:
    """What an import brings in, `level` dots and names from the top: module, then what is taken out of it.

    `idle` says that no code uses it, and that it was not imported for what importing does: it is named in annotations,
    or was given a name that nobody uses.
    """

    level: int
    names: tuple[str, ...]
    idle: bool = False


@dataclass(frozen=True)
class Meaning:
    """The hash of a module's own code, what that refers to in order of use, and what is imported beside it."""

    own: str
    used: tuple[Reference, ...]
    others: tuple[Reference, ...]


def meaning(source: str | bytes, name: str = "<source>") -> Meaning:
    """Read the source of a module; raises `SyntaxError`, or `ValueError` for null bytes."""
    return _Reading(ast.parse(source, name)).meaning()


class _Reading:
    """One pass over a tree that writes it down as text."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        imports, bound = survey(tree)
        self._bindings = [binding for node in imports for binding in _bindings(node)]
        targets: dict[str, set[Reference]] = {}
        for name, target, _ in self._bindings:
            targets.setdefault(name, set()).add(target)
        rebound = bound | _BUILTINS
        self._several = {name for name, brought in targets.items() if len(brought) > 1}
        self._named = {n: min(brought) for n, brought in targets.items() if len(brought) == 1 and n in rebound}
        self._targets = {n: min(brought) for n, brought in targets.items() if len(brought) == 1 and n not in rebound}
        self._used: dict[Reference, int] = {}
        self._used_names = {*self._named, *self._several}
        self._annotation_names: set[str] = set()
        self._text: list[str] = []

    def meaning(self) -> Meaning:
        """The whole tree's."""
        self._block(self._tree.body)
        for name in sorted(self._named):
            self._text.append(f"(import {name} {self._index(self._named[name])})")
        others = {
            Reference(whole.level, whole.names, name not in self._used_names and not self._for_its_effect(name, target))
            for name, target, whole in self._bindings
            if target != whole or name not in self._used_names
        }
        own = hashlib.sha256("".join(self._text).encode("utf-8", "surrogatepass")).hexdigest()
        return Meaning(own, tuple(self._used), tuple(sorted(others)))

    def _for_its_effect(self, name: str, target: Reference) -> bool:
        """Whether an import that no code uses is a plain `import module`, and no annotation uses it either."""
        return name not in self._annotation_names and target == Reference(0, (name,))

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        """Statements that do something, in brackets."""
        write = self._text.append
        write("[")
        for statement in spliced(statements):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._import(statement)
            elif isinstance(statement, ast.AnnAssign):
                self._annotated(statement)
            elif not _does_nothing(statement):
                self._node(statement)
        write("]")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Only what binds a name to one of several things has to stay in its place."""
        for name, target, _ in _bindings(node):
            if name in self._several and name != "*":
                self._text.append(f"(import {name} {self._index(target)})")

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._note_annotation(node.annotation)
        if node.value is not None:
            self._text.append("(Assign targets=[")
            self._node(node.target)
            self._text.append("]value=")
            self._node(node.value)
            self._text.append(")")

    def _field(self, node: ast.AnnAssign) -> None:
        """A field of a class: its name and default, and its annotation where that is decisive."""
        self._text.append("(field ")
        self._node(node.target)
        annotation = _parsed(node.annotation)
        if _DECISIVE & set(_names_in(annotation)):
            self._node(annotation)
        else:
            self._note_annotation(annotation)
        if node.value is not None:
            self._text.append("=")
            self._node(node.value)
        self._text.append(")")

    def _node(self, node: ast.AST) -> None:
        write = self._text.append
        if isinstance(node, ast.Constant):
            write(f"(Constant {node.value!r} )")
            return
        if isinstance(node, (ast.Name, ast.Attribute)):
            reference = self._reference(node)
            if reference is not None:
                write(f"@{self._index(reference)} ")
                return
            if isinstance(node, ast.Name):
                self._used_names.add(node.id)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
            return
        write(f"({type(node).__name__} ")
        for name in node._fields:
            if name in _IGNORED_FIELDS:
                if name in ("annotation", "returns") and (annotation := getattr(node, name, None)) is not None:
                    self._note_annotation(annotation)
                continue
            value = getattr(node, name, None)
            if value is not None and value != []:
                write(f"{name}=")
                self._value(value)
        if isinstance(node, ast.FunctionDef) and any(_registers(decorator) for decorator in node.decorator_list):
            self._registered(node)
        write(")")

    def _class(self, node: ast.ClassDef) -> None:
        """Like any other, but for its fields."""
        write = self._text.append
        write(f"(ClassDef {node.name} ")
        for part in (node.bases, node.keywords, node.decorator_list):
            self._value(part)
        for statement in spliced(node.body):
            if isinstance(statement, ast.AnnAssign):
                self._field(statement)
            elif not _does_nothing(statement):
                self._block([statement])
        write(")")

    def _registered(self, node: ast.AST) -> None:
        for argument in ast.walk(node):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                self._node(argument.annotation)

    def _value(self, value: object) -> None:
        if isinstance(value, ast.AST):
            self._node(value)
        elif isinstance(value, list):
            if value and isinstance(value[0], ast.stmt):
                self._block(value)
            else:
                self._text.append("[")
                for item in value:
                    self._value(item)
                self._text.append("]")
        else:
            self._text.append(f"{value!r} ")

    def _reference(self, node: ast.AST) -> Reference | None:
        """What a name, or a chain of attributes that begins with one, takes from an import."""
        chain: list[str] = []
        while isinstance(node, ast.Attribute):
            chain.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._targets:
            return None
        self._used_names.add(node.id)
        target = self._targets[node.id]
        return Reference(target.level, (*target.names, *reversed(chain)))

    def _index(self, reference: Reference) -> int:
        return self._used.setdefault(reference, len(self._used))

    def _note_annotation(self, annotation: ast.AST) -> None:
        self._annotation_names.update(_names_in(annotation))


def _does_nothing(statement: ast.stmt) -> bool:
    """A docstring, another constant that stands alone, or `pass`."""
    alone = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return alone or isinstance(statement, ast.Pass)


def _bindings(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Reference, Reference]]:
    """Each name that an import binds, to what, and all that it imports: `import a.b` binds `a`."""
    for alias in node.names:
        parts = tuple(alias.name.split("."))
        if isinstance(node, ast.Import):
            whole = Reference(0, parts)
            yield (alias.asname, whole, whole) if alias.asname else (parts[0], Reference(0, parts[:1]), whole)
        elif node.module != "__future__":
            module = tuple(node.module.split(".")) if node.module else ()
            whole = Reference(node.level, (*module, *parts))
            yield alias.asname or alias.name, whole, whole


def _names_in(node: ast.AST) -> Iterator[str]:
    """Names in an annotation, those within quotes as well."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from _NAME.findall(part.value)


def _parsed(annotation: ast.expr) -> ast.expr:
    """An annotation that stands within quotes as the expression that it is."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return annotation
    return annotation


def _registers(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Attribute) and decorator.attr == "register"
