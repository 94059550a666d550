"""Code is the same wherever it stands and whatever it is called, and another one when something it imports is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklet_bench.problems.code import Sources, identify

FILES = {
    "mine.py": "import helper\nfrom package import deep\n\ndef run():\n    return helper.LIMIT + deep.value()\n",
    "helper.py": "from package.deep import value\nLIMIT = 3\n",
    "package/__init__.py": '"""Nothing."""\n',
    "package/deep.py": (
        "from .constants import BASE\n\ndef value():\n    from helper import LIMIT\n    return BASE + LIMIT\n"
    ),
    "package/constants.py": "BASE = 1\n",
    "package/other.py": "OTHER = 1\n",
}


@pytest.fixture
def lay(tmp_path: Path) -> object:
    """Write files to a new folder, with some of them changed, and tell the identity of the first."""
    count = iter(range(1000))

    def lay_out(changes: dict[str, str | None] | None = None, first: str = "mine.py") -> str:
        folder = tmp_path / str(next(count))
        for name, text in {**FILES, **(changes or {})}.items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        return identify(folder / first, Sources((folder / first).parent)).hash

    return lay_out


@pytest.mark.parametrize("name", ["mine.py", "helper.py", "package/deep.py", "package/constants.py"])
def test_every_module_that_is_imported_counts(name: str, lay) -> None:  # type: ignore[no-untyped-def]
    """Directly or not, in a circle too; a comment in it does not."""
    assert lay({name: FILES[name] + "\n# a comment\n"}) == lay()
    assert lay({name: FILES[name] + "\nMORE = 1\n"}) != lay()


def test_what_is_not_imported_does_not(lay) -> None:  # type: ignore[no-untyped-def]
    """Another module of an imported package is other code."""
    assert lay({"package/other.py": "OTHER = 2\n"}) == lay()


def test_names_and_places_of_modules_do_not_count(lay) -> None:  # type: ignore[no-untyped-def]
    """A renamed file, a renamed package and a module moved into one leave the identity as it was."""
    renamed = {
        "helper.py": None,
        "assistant.py": FILES["helper.py"].replace("package", "bundle"),
        "mine.py": FILES["mine.py"].replace("helper", "assistant").replace("package", "bundle"),
        "package/__init__.py": None,
        "package/deep.py": None,
        "package/constants.py": None,
        "package/other.py": None,
        "bundle/__init__.py": "",
        "bundle/deep.py": FILES["package/deep.py"].replace("helper", "assistant").replace(".constants", ".numbers"),
        "bundle/numbers.py": FILES["package/constants.py"],
    }
    assert lay(renamed) == lay()
    moved = {
        "helper.py": None,
        "package/helper.py": FILES["helper.py"],
        "mine.py": FILES["mine.py"].replace("import helper", "from package import helper"),
        "package/deep.py": FILES["package/deep.py"].replace("from helper", "from .helper"),
    }
    assert lay(moved) == lay()


def test_a_lazy_package_is_followed_to_what_is_used_of_it(lay) -> None:  # type: ignore[no-untyped-def]
    """By its stub, whether a name is imported from it or taken out of it."""
    lazy = {
        "package/__init__.py": "import lazy_loader\n__getattr__, *_ = lazy_loader.attach_stub(__name__, __file__)\n",
        "package/__init__.pyi": "from .constants import BASE as BASE\nfrom .other import OTHER as OTHER\n",
    }
    for use in ("from package import BASE\nx = BASE\n", "import package as p\nx = p.BASE\n"):
        plain = lay({**lazy, "mine.py": use})
        assert lay({**lazy, "mine.py": use, "package/other.py": "OTHER = 2\n"}) == plain
        assert lay({**lazy, "mine.py": use, "package/constants.py": "BASE = 2\n"}) != plain
    whole = "import package\nx = vars(package)\n"
    assert lay({**lazy, "mine.py": whole, "package/other.py": "OTHER = 2\n"}) != lay({**lazy, "mine.py": whole})


def test_code_that_a_package_runs_when_it_is_imported_counts(lay) -> None:  # type: ignore[no-untyped-def]
    """A package's own code runs before any module in it."""
    assert lay({"package/__init__.py": "import helper\nhelper.LIMIT = 7\n"}) != lay()
    assert lay({"package/__init__.py": ""}) == lay()


def test_two_that_import_each_other_are_distinguished(lay) -> None:  # type: ignore[no-untyped-def]
    """Which of two modules of a circle a third imports is not lost in the circle."""
    circle = {"a.py": "import b\nX = 1\n", "b.py": "import a\nX = 2\n"}
    assert lay({**circle, "mine.py": "from a import X\ny = X\n"}) != lay(
        {**circle, "mine.py": "from b import X\ny = X\n"}
    )
    swapped = {"a.py": circle["b.py"].replace("a", "b"), "b.py": circle["a.py"].replace("b", "a")}
    assert lay({**circle, "mine.py": "from a import X\ny = X\n"}) == lay(
        {**swapped, "mine.py": "from b import X\ny = X\n"}
    )


def test_libraries_are_those_that_code_uses(tmp_path: Path) -> None:
    """By their top names, through neighbours too; annotations and Python's own library name none."""
    (tmp_path / "mine.py").write_text(
        "import json\nimport scipy.optimize\nfrom numpy.typing import NDArray\nimport helper\n"
        "def f(x: NDArray) -> None:\n    helper.g(json, scipy.optimize)\n",
        encoding="utf-8",
    )
    (tmp_path / "helper.py").write_text("def g(*_):\n    from deap import tools\n    return tools\n", encoding="utf-8")
    assert identify(tmp_path / "mine.py").libraries == {"scipy", "deap"}
