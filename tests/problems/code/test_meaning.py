"""What a module means does not change with its words, and changes with its code."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tasklet_bench.problems.code import identify
from tasklet_bench.problems.code.meaning import Reference, meaning
from tasklet_bench.problems.code.survey import survey
from tasklet_bench.strategies.registry import STRATEGIES, strategy_class

DECISIVE = {"Literal", "ClassVar", "InitVar", "KW_ONLY", "Annotated"}


def modules_of_strategies() -> list[Path]:
    """Every module that some strategy imports, directly or not."""
    files: set[Path] = set()
    for name in STRATEGIES:
        module = strategy_class(name).__module__
        files.update(identify(Path(str(sys.modules[module].__file__))).files)
    return sorted(file for file in files if file.suffix == ".py")


class Reworded(ast.NodeTransformer):
    """Other docstrings and annotations, and no comments."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Change a node, or leave it."""
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value = ast.Constant("In other words.")
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Change a node, or leave it."""
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Change a node, or leave it."""
        node.annotation = None if node.annotation else ast.Name("object", ast.Load())
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        """Change a node, or leave it."""
        names = {part.id for part in ast.walk(node.annotation) if isinstance(part, ast.Name)}
        if not names & DECISIVE:
            node.annotation = ast.Name("object", ast.Load())
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Change a node, or leave it."""
        node.returns = ast.Name("object", ast.Load())
        self.generic_visit(node)
        return node


class Recalculated(ast.NodeTransformer):
    """The first number or text that is no docstring is another."""

    done = False

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Change a node, or leave it."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)  # type: ignore[return-value]

    def visit_If(self, node: ast.If) -> ast.AST:
        """Change a node, or leave it."""
        return node if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Change a node, or leave it."""
        if self.done or isinstance(node.value, bool) or not isinstance(node.value, int | float | str):
            return node
        self.done = True
        return ast.Constant(node.value + ("x" if isinstance(node.value, str) else 1))

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Change a node, or leave it."""
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        """Change a node, or leave it."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Change a node, or leave it."""
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """Change a node, or leave it."""
        return node


@pytest.mark.parametrize("file", modules_of_strategies(), ids=lambda file: "/".join(file.parts[-3:]))
def test_words_do_not_count_and_code_does(file: Path) -> None:
    """Of every module that a strategy imports: reworded it is the same, with another constant it is not."""
    source = file.read_text(encoding="utf-8")
    own = meaning(source)
    reworded = ast.unparse(ast.fix_missing_locations(Reworded().visit(ast.parse(source))))
    assert reworded != source
    assert meaning(reworded).own == own.own
    assert meaning(reworded).used == own.used
    change = Recalculated()
    changed = ast.unparse(ast.fix_missing_locations(change.visit(ast.parse(source))))
    assert (meaning(changed).own != own.own) == change.done


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("import numpy as np\nx = np.pi\n", "import numpy as xp\n\n# a comment\nx = xp.pi  # another\n"),
        ("from a import f\nfrom b import g\ny = f(g)\n", "from b import g\nfrom a import f\ny = f(g)\n"),
        ("def f(x: int) -> int:\n    return x\n", "def f(x):\n    'Text.'\n    return x\n"),
        ("class A:\n    x: int = 1\n", "class A:\n    '''Text.'''\n\n    x: float = 1\n    '''More.'''\n"),
        ("import a\n\ndef f():\n    return a.b\n", "def f():\n    import a\n    return a.b\n"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import T\nx = 1\n",
            "from typing import Any\nx: Any = 1\n",
        ),
        ("if TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2\n", "if not TYPE_CHECKING:\n    x = 2\n"),
    ],
)
def test_what_means_the_same(one: str, other: str) -> None:
    """Names of imports, their order and place, annotations, comments and what type checkers read are no meaning."""
    assert (meaning(one).own, meaning(one).used) == (meaning(other).own, meaning(other).used)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1\n", "x = 1.0\n"),
        ("x = 1\n", "y = 1\n"),
        ("class A:\n    x: int = 1\n", "class A:\n    x = 1\n"),
        ("class A:\n    x: Literal['a']\n", "class A:\n    x: Literal['b']\n"),
        ("class A:\n    x: int = 1\n", "class A:\n    x: ClassVar[int] = 1\n"),
        ("from a import f\nx = f()\n", "from b import f\nx = f()\n"),
        ("def f():\n    return None\n", "def f():\n    return True\n"),
        (
            "def f():\n    from a import g\n    g()\ndef h():\n    from b import g\n    g()\n",
            "def f():\n    from b import g\n    g()\ndef h():\n    from a import g\n    g()\n",
        ),
        ("@f.register\ndef g(x: int): ...\n", "@f.register\ndef g(x: str): ...\n"),
    ],
)
def test_what_does_not(one: str, other: str) -> None:
    """Values with their types, names of the module's own, fields, and what imports bring in are meaning."""
    assert (meaning(one).own, meaning(one).used) != (meaning(other).own, meaning(other).used)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no type aliases")
def test_a_type_alias_binds_its_name() -> None:
    """It stands as a node of its own where other definitions have a text, and is found all the same."""
    assert survey(ast.parse("type Pack = int\n"))[1] == {"Pack"}


def test_a_name_that_is_bound_twice_stays_a_name() -> None:
    """An argument that is called like an import is not taken for it."""
    reported = meaning("from a import pack\n\ndef f(pack):\n    return pack.size\n\ndef g():\n    return pack()\n")
    assert reported.used == (Reference(0, ("a", "pack")),)
    assert (
        reported.own
        != meaning("from a import pack\n\ndef f(bag):\n    return bag.size\n\ndef g():\n    return pack()\n").own
    )
