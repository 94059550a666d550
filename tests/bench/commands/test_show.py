"""`show` as a user types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.features import features

NAME = "measured/aws10-uneven-64"


def test_show_says_what_a_problem_is_like(typed: Callable[..., Any]) -> None:
    """Text in 80 columns has the figures, the features and a row of digits for each site, without colours."""
    done = typed("show", NAME)
    assert done.returncode == 0, done.stderr
    problem = catalogue.load(NAME)
    for said in ("64 on a grid of 8×8", "10 of 2 to 13 devices", "ruggedness", "gap of aligned", problem.digest):
        assert said in done.stdout
    assert "\x1b[" not in done.stdout
    drawn = done.stdout.partition("between sites:")[2].splitlines()[1:11]
    assert [line.split()[0] for line in drawn] == [site.name for site in problem.sites]
    assert {len(line.split()) for line in drawn} == {11}
    assert max(map(len, drawn)) <= 80


def test_show_says_whose_optimum_is_certified(typed: Callable[..., Any]) -> None:
    """Where a published certificate reaches the best known cost, `show` and `best-known` say so; elsewhere not."""
    assert "proven optimal by constraint-program, certified" in typed("show", "paper/regional").stdout
    assert "certified" not in typed("show", "measured/sky-aws20-80").stdout
    [line] = [line for line in typed("best-known").stdout.splitlines() if line.startswith("paper/regional ")]
    assert "certified" in line


def test_json_gives_the_features_in_full(answered: Callable[..., Any]) -> None:
    """`--json` holds every feature as it is computed."""
    result = answered("show", NAME)
    expected = features(catalogue.load(NAME))
    assert result["features"]["ruggedness"] == expected.ruggedness
    assert result["features"]["gap_aligned"] == expected.gap_aligned
    assert result["tags"] == list(catalogue.tags(NAME))


def test_a_file_is_shown_as_an_instance_is(typed: Callable[..., Any], tmp_path: Path) -> None:
    """What `--out` wrote is shown with the same digest; only the catalogue's words are missing."""
    assert typed("show", NAME, "--out", tmp_path / "mine.json").returncode == 0
    shown = typed("show", tmp_path / "mine.json")
    assert shown.returncode == 0, shown.stderr
    assert catalogue.load(NAME).digest in shown.stdout
    assert "tags" not in shown.stdout


def test_a_picture_is_written(typed: Callable[..., Any], tmp_path: Path) -> None:
    """`--picture` writes one SVG that asks nothing of any network."""
    done = typed("show", NAME, "--picture", tmp_path / "new" / "p.svg")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "new" / "p.svg").read_text()
    assert text.startswith("<svg")
    assert text.count("http") == 1  # the name of the SVG language
    assert "Frankfurt" in text


@pytest.mark.parametrize("name", ["p.png", "p"])
def test_a_picture_that_is_no_svg_is_refused(refused: Callable[..., str], tmp_path: Path, name: str) -> None:
    """Another ending is refused before anything is computed, and what is expected is said."""
    assert ".svg" in refused("show", NAME, "--picture", tmp_path / name)


def test_a_plug_ins_problem_is_shown_without_the_catalogues_words(typed: Callable[..., Any], tmp_path: Path) -> None:
    """What a file of one's own loads has figures and pair costs as well, and nothing is looked up under its name."""
    (tmp_path / "own.py").write_text(
        "from tasklet_bench.problems.instances import catalogue\n\n\n"
        "def load(name):\n"
        "    from dataclasses import replace\n\n"
        "    return replace(catalogue.load('paper/regional'), name=name)\n"
    )
    done = typed("show", "own.py:load/any")
    assert done.returncode == 0, done.stderr
    assert "64 on a grid of 8×8" in done.stdout
