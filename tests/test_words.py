"""Plain English: words that the project has retired stand in no name, docstring, comment, help text or page.

A row is a word, what to write instead, and where it is retired: as a whole name (`NAME`), as a word of any name
(`IN_NAMES`), or in names and in prose (`ANYWHERE`). Names that end up in data are strings and stay what they are: the
kind of a message, a key, a column.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("bench", "problems", "strategies", "tests", "docs")
NAME, IN_NAMES, ANYWHERE = "a whole name", "a word of a name", "anywhere"


class Retired(NamedTuple):
    """A word that is not used any more, and the plain one."""

    word: str
    instead: str
    where: str


RETIRED = (
    Retired("nursery", "fork server client", ANYWHERE),
    Retired("warden", "supervisor", ANYWHERE),
    Retired("garbled", "malformed", ANYWHERE),
    Retired("heard", "received", ANYWHERE),
    Retired("hears", "receives", ANYWHERE),
    Retired("told", "reported", ANYWHERE),
    Retired("quench", "refine at low temperature", ANYWHERE),
    Retired("quenched", "refined at low temperature", ANYWHERE),
    Retired("quenches", "refines at low temperature", ANYWHERE),
    Retired("manners", "side effects", ANYWHERE),
    Retired("bury", "reap", ANYWHERE),
    Retired("buried", "reaped", ANYWHERE),
    Retired("roster", "swap bounds", ANYWHERE),
    Retired("dearest", "costliest", ANYWHERE),
    Retired("believed", "trusted", ANYWHERE),
    Retired("loose", "replaceable", IN_NAMES),
    Retired("tell", "report", NAME),
    Retired("weigh", "update_stage_load", NAME),
    Retired("trade", "swap_columns", NAME),
    Retired("call_roll", "rebuild", NAME),
    Retired("found", "result", NAME),
    Retired("judged", "rescored", NAME),
    Retired("located", "locate", NAME),
    Retired("Outside", "StrictModel", NAME),
)

_IN_PROSE = {row.word: row.instead for row in RETIRED if row.where == ANYWHERE}
_PROSE = re.compile(rf"\b({'|'.join(_IN_PROSE)})\b", re.IGNORECASE)
_ANY = re.compile("|".join(row.word for row in RETIRED), re.IGNORECASE)


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """Lines and names of all that Python code defines: functions, classes, arguments, variables, attributes.

    An error's pair of arguments, `found` and `expected`, is data of its message and is left out.
    """
    tree, data = ast.parse(source), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            arguments += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
            pair = any(argument.arg == "expected" for argument in arguments)
            yield from ((node.lineno, one.arg) for one in arguments if not (pair and one.arg == "found"))
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
            fields = {
                one.target.id: id(one.target)
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            }
            data |= {fields["found"]} if fields.keys() >= {"found", "expected"} else set()
        elif isinstance(node, ast.Lambda):
            yield from ((node.lineno, argument.arg) for argument in node.args.args)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in data:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr != "found":
            yield node.lineno, node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


def prose_in(source: str) -> Iterator[tuple[int, str]]:
    """Lines and texts of comments, and of strings with a space in them: docstrings, help texts and messages."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and " " in token.string):
            for number, line in enumerate(token.string.splitlines()):
                yield token.start[0] + number, re.sub(r'"[a-z]+"', "", line)


def words_of(name: str) -> set[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def faults_of_names(source: str, path: str) -> list[str]:
    """What to rename in a piece of Python code."""
    return [
        f"{path}:{line}: {name} → {row.instead}"
        for line, name in names_in(source)
        if _ANY.search(name)
        for row in RETIRED
        if (name.strip("_") == row.word if row.where == NAME else row.word in words_of(name))
    ]


def faults_of_prose(lines: Iterator[tuple[int, str]], path: str) -> list[str]:
    """What to say in other words in lines of text."""
    return [
        f"{path}:{line}: {word} → {_IN_PROSE[word.lower()]}" for line, text in lines for word in _PROSE.findall(text)
    ]


def python_files() -> list[Path]:
    """All Python files of the project but this one, which holds the words."""
    files = (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))
    return [file for file in files if file != Path(__file__)]


def test_no_name_has_a_retired_word() -> None:
    """What Python code defines has plain names."""
    files = python_files()
    assert len(files) > 500
    assert [fault for file in files for fault in faults_of_names(file.read_text(), str(file.relative_to(ROOT)))] == []


def test_no_docstring_comment_or_help_text_has_a_retired_word() -> None:
    """Whoever reads code, help or an error message reads plain English."""
    faults = (faults_of_prose(prose_in(file.read_text()), str(file.relative_to(ROOT))) for file in python_files())
    assert [fault for of_file in faults for fault in of_file] == []


def test_no_page_has_a_retired_word() -> None:
    """So does whoever reads a page of the documentation, or the code of the report's page."""
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    files += sorted((ROOT / "bench").rglob("*.js"))
    assert len(files) > 20
    faults = (
        faults_of_prose(enumerate(file.read_text().splitlines(), 1), str(file.relative_to(ROOT))) for file in files
    )
    assert [fault for of_file in faults for fault in of_file] == []


@pytest.mark.parametrize(
    "source",
    [
        "class Nursery: pass",
        "def _judged(): pass",
        "def f(found): pass",
        "def f(*, tell): pass",
        "found = 1",
        "for found in (): pass",
        "_heard_out = 1",
        "run._told = 1",
        "import json as manners",
        "f = lambda found: 0",
    ],
)
def test_a_retired_name_is_caught(source: str) -> None:
    """However a name is defined, a retired word in it is found."""
    assert faults_of_names(source, "snippet")


@pytest.mark.parametrize(
    "source", ['"""What is told of a run."""', "x = 1  # the warden", 'print(f"nothing heard {x}")']
)
def test_a_retired_word_in_prose_is_caught(source: str) -> None:
    """In docstrings, comments and messages alike."""
    assert faults_of_prose(prose_in(source), "snippet")


def test_plain_words_pass() -> None:
    """What holds a retired word inside another word, or in an error's pair of arguments, is no fault."""
    source = (
        'def at(found, expected):\n    """The best result that was found; a threshold."""\n    foundation = "told"\n'
    )
    assert faults_of_names(source, "snippet") == faults_of_prose(prose_in(source), "snippet") == []
