"""A sealed round from its secret to the check of its results, and who is refused on the way."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.commands.app import app
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import sealed
from tasklet_bench.strategies.registry import THIRD_PARTY

SECRET = "a secret that was made up for the tests of commands"  # noqa: S105


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A secret, another one, and commitments to the first."""
    for name, text in (("secret", SECRET), ("other", SECRET[::-1])):
        (tmp_path / name).write_text(text + "\n")
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    (tmp_path / "rounds.toml").write_text(f'[[round]]\nnumber = 3\nsha256 = "{digest}"\n')
    return {name: tmp_path / name for name in ("secret", "other", "rounds.toml", "results")}


def typed(*words: object) -> tuple[int, str]:
    """Exit status and output of a command; bad input is raised."""
    outcome = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(outcome.exception, BadInput):
        raise outcome.exception
    return outcome.exit_code, outcome.stdout


def test_a_secret_shows_its_suite(files: dict[str, Path]) -> None:
    """Commitment, round and instances; for a secret that is not written down, what to write down."""
    status, text = typed("seal", "--secret", files["secret"], "--commitments", files["rounds.toml"], "--json")
    shown = json.loads(text)
    assert status == 0
    assert (shown["round"], shown["suite"]) == (3, "sealed-3")
    assert shown["commitment"] == hashlib.sha256(SECRET.encode()).hexdigest()
    assert tuple(shown["problems"]) == sealed.instances(SECRET)
    _, text = typed("seal", "--secret", files["other"], "--commitments", files["rounds.toml"])
    assert f'number = 4\nsha256 = "{sealed.commitment(SECRET[::-1])}"' in text


def test_another_secret_is_refused(files: dict[str, Path]) -> None:
    """No run is made with a secret whose commitment is not written down, nor of a sealed suite without a secret."""
    for name, commitments in (("other", ["--commitments", files["rounds.toml"]]), ("secret", [])):
        with pytest.raises(BadInput, match="none of this secret"):
            typed("run", "sealed", "--secret", files[name], *commitments, "--dry-run")
    with pytest.raises(BadInput, match="--secret"):
        typed("run", "sealed", "--dry-run")
    with pytest.raises(BadInput, match="expected sealed"):
        typed("run", "quick", "--secret", files["secret"], "--commitments", files["rounds.toml"], "--dry-run")


@pytest.mark.slow
def test_results_of_a_sealed_suite_are_checked(files: dict[str, Path]) -> None:
    """Runs made with the secret are of its suite, and come out again; results of other instances are reported."""
    sealing = ["--secret", files["secret"], "--commitments", files["rounds.toml"]]
    two = ["-p", "measured/residential-20*", "-p", "measured/gcp4-hivemind-32*"]
    made = ["-s", "aligned", "-s", "random-partition", "--evaluations", 20, "--seeds", 1, "--out", files["results"]]
    status, text = typed("run", "sealed", *sealing, *two, *made, "--json")
    assert (status, json.loads(text)["suite"]) == (0, "sealed-3")
    assert typed("seal", *sealing, "--results", files["results"])[0] == 0
    assert json.loads(typed("verify", files["results"], "--json")[1])["mismatches"] == []
    elsewhere = files["results"].with_name("elsewhere")
    typed("run", "quick", "-p", "paper/regional", *made[:-1], elsewhere)
    status, text = typed("seal", *sealing, "--results", elsewhere)
    assert status == 1
    assert "no run of the suite" in text


def test_a_group_of_entrants_is_named_at_once() -> None:
    """`third-party` stands for its members, at least six, and another name stands beside it."""
    campaign = campaign_of("quick", Changes(strategies=("third-party", "multilevel")))
    assert tuple(entrant.name for entrant in campaign.entrants) == (*THIRD_PARTY, "multilevel")
    assert len(THIRD_PARTY) >= 6
