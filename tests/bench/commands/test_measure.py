"""`measure`, presets of clouds and `launch` as a user types them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Typed = Callable[..., Any]
SITES = [{"name": name, "devices": 2} for name in ("Dallas", "Bonn", "London")]
SOUND: dict[str, Any] = {
    "name": "three",
    "sites": SITES,
    "delay_ms": [[0.1, 120, 113], [120, 0.1, 13], [113, 13, 0.1]],
    "bandwidth_gbps": [[1, 0.9, 0.8], [0.9, 1, 0.7], [0.8, 0.7, 1]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 3},
    "workload": {"preset": "gpt3-xl"},
}


def scaled(figure: str, factor: float) -> str:
    """The sound problem with a figure in another unit, as text."""
    return json.dumps({**SOUND, figure: [[value * factor for value in row] for row in SOUND[figure]]})


def test_what_is_measured_can_be_shown_and_solved(typed: Typed, answered: Typed, tmp_path: Path) -> None:
    """A matrix becomes a file that `solve` takes, and `show` names what nobody measured."""
    (tmp_path / "ibm.csv").write_text("Average latency (ms),Dallas,Bonn\nDallas,,123\nBonn,123,\n", encoding="utf-8")
    done = typed("measure", "ibm.csv", "--devices", 2, "--grid", "2x2", "--out", "ibm.json")
    assert done.returncode == 0, done.stderr
    assert "next: tasklet-bench solve ibm.json" in done.stderr
    shown = typed("show", "ibm.json").stdout
    assert "window law (1 stream of 22 Mbit a round trip, at most 10 Gbps): Dallas → Bonn, Bonn → Dallas" in shown
    answer = answered("solve", "ibm.json", "-s", "random-partition", "--evaluations", 20)
    assert sorted(device for row in answer["grid"] for device in row) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("figure", "factor", "question", "option"),
    [
        ("bandwidth_gbps", 1000, "are these Mbit/s?", ("--bandwidth-unit", "Mbps")),
        ("delay_ms", 0.001, "are these seconds?", ("--delay-unit", "s")),
    ],
)
def test_figures_of_another_unit_are_asked_about(
    typed: Typed,
    refused: Callable[..., str],
    tmp_path: Path,
    figure: str,
    factor: float,
    question: str,
    option: tuple[str, str],
) -> None:
    """The question names the option that converts them; with it the figures are the sound ones, or they stay."""
    (tmp_path / "odd.json").write_text(scaled(figure, factor), encoding="utf-8")
    message = refused("measure", "odd.json")
    assert question in message
    assert option[0] in message
    converted = json.loads(typed("measure", "odd.json", *option).stdout)
    assert np.array(converted[figure]) == pytest.approx(np.array(SOUND[figure]))
    kept = json.loads(typed("measure", "odd.json", "--keep-units").stdout)
    assert kept[figure][0][1] == pytest.approx(SOUND[figure][0][1] * factor)


def test_sound_figures_are_not_asked_about(typed: Typed, tmp_path: Path) -> None:
    """A network as it is comes through without a word."""
    (tmp_path / "sound.json").write_text(json.dumps(SOUND), encoding="utf-8")
    done = typed("measure", "sound.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["delay_ms"] == SOUND["delay_ms"]


WRONG = {
    "no files": ((), "files of what tools printed, or --run HOSTS"),
    "no such file": (("nowhere.txt",), "cannot be read"),
    "a grid of words": (("sound.json", "--grid", "two"), "such as 2x4"),
    "a grid that does not fit": (("sound.json", "--grid", "2x4"), "1×6, 2×3"),
    "an unknown workload": (("sound.json", "--workload", "gpt3-xxl"), "did you mean 'gpt3-xl'"),
    "an unknown unit": (("sound.json", "--delay-unit", "weeks"), "ns, us, ms or s"),
    "one host": (("--run", "a"), "at least two hosts"),
    "a host that is an option": (("--run=-oProxyCommand=x,b",), "a host name or an address"),
    "no such namespace": (("--run", "netns:none-1,netns:none-2"), "netns:none-1"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_cannot_be_measured_is_refused(refused: Callable[..., str], tmp_path: Path, fault: str) -> None:
    """One line that names the option or the file, and what to do."""
    (tmp_path / "sound.json").write_text(json.dumps(SOUND), encoding="utf-8")
    arguments, message = WRONG[fault]
    assert message in refused("measure", *arguments)


def test_a_cloud_preset_is_solved_wherever_a_problem_is(typed: Typed, answered: Typed) -> None:
    """Regions by name make a problem whose bandwidths are measured, and whose inside is flagged."""
    preset = "clouds:aws/us-east-1=2xA100,gcp/europe-west1=2xA100?dp=2"
    answer = answered("solve", preset, "-s", "random-partition", "--evaluations", 20, "--objective", "formal")
    assert sorted(device for row in answer["grid"] for device in row) == [0, 1, 2, 3]
    shown = typed("show", preset).stdout
    assert "inside aws/us-east-1, inside gcp/europe-west1" in shown
    assert "window law" not in shown
    assert "4 on a grid of 2×2" in shown
    other = typed("show", "clouds:aws/us-east-1=2xT4,azure/norwayeast=2xT4").stdout
    assert "window law (8 streams" in other


PRESETS = {
    "clouds:aws/us-east-9=8xA100": "did you mean 'aws/us-east-",
    "clouds:aws/us-east-1=8xA1000": "unknown type of device 'A1000'",
    "clouds:aws/us-east-1": "PROVIDER/REGION=NxTYPE",
    "clouds:aws/us-east-1=4xT4?dq=2": "did you mean 'dp'",
    "clouds:aws/us-east-1=4xT4?dp=3": "a divisor of 4 devices",
    "clouds:aws/us-east-1=4xT4,aws/us-east-1=4xT4": "twice",
}


@pytest.mark.parametrize("preset", PRESETS)
def test_unknown_presets_are_refused(refused: Callable[..., str], preset: str) -> None:
    """With the nearest region, type or key."""
    assert PRESETS[preset] in refused("show", preset)


def test_what_is_solved_is_launched(typed: Typed, answered: Typed, tmp_path: Path) -> None:
    """The files stand in the folder, with a rank map whose GPUs are those of real hosts."""
    hosts = "host,site,gpus\nd1,Dallas,2\nb1,Bonn,1\nb2,Bonn,1\nl1,London,2\n"
    (tmp_path / "sound.json").write_text(json.dumps(SOUND), encoding="utf-8")
    (tmp_path / "hosts.csv").write_text(hosts, encoding="utf-8")
    answered("solve", "sound.json", "-s", "random-partition", "--evaluations", 20, "--out", "best.json")
    done = typed("launch", "sound.json", "best.json", "--for", "torchrun", "--hosts", "hosts.csv")
    assert done.returncode == 0, done.stderr
    assert "c10d" in done.stdout
    with (tmp_path / "launch" / "ranks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["host"], row["gpu"]) for row in rows) == [
        ("b1", "0"), ("b2", "0"), ("d1", "0"), ("d1", "1"), ("l1", "0"), ("l1", "1"),
    ]  # fmt: skip
    assert (tmp_path / "launch" / "torchrun.sh").is_file()
    scored = answered("evaluate", "sound.json", "launch/allocation.json")
    launched = answered("launch", "sound.json", "best.json", "--for", "mpi", "--hosts", "hosts.csv")
    assert launched["cost_s"] == pytest.approx(scored["cost_s"], rel=1e-9)
