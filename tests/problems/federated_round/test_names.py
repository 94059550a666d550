"""Names and files of federated rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.names import load

BASE = "federated-round/measured/residential-20"


def test_a_name_has_one_spelling() -> None:
    """Keys come in a fixed order; what the preset says anyway, and defaults, are left out."""
    name = f"{BASE}?model=gpt2-small&draw=8&least_utility=0.50&widths=1,0.5,0.25,0.125&support=nested&preset=e-fedsup"
    problem = families.load(name)
    assert problem.name == f"{BASE}?preset=e-fedsup&draw=8"
    assert families.load(problem.name).digest == problem.digest


def test_options_override_the_preset() -> None:
    """Given keys win, the others are the preset's, and the digest tells."""
    preset, other = load(f"{BASE}?preset=ist"), load(f"{BASE}?preset=ist&least_utility=4&widths=0.5,0.25")
    assert other.setting.menu.support == "disjoint"
    assert (other.setting.menu.widths, other.setting.menu.least_utility) == ((0.5, 0.25), 4.0)
    assert other.name == f"{BASE}?preset=ist&widths=0.5,0.25&least_utility=4"
    assert preset.digest != other.digest


def test_samples_follow_their_seed() -> None:
    """Golden values of the default seed, and others for another seed."""
    result = load(f"{BASE}?preset=psl").setting.samples
    v = np.random.Generator(np.random.PCG64(7)).random(20)
    assert (result == np.floor(4800 * (0.2 + v) / (0.2 + v).sum())).all()
    assert (load(f"{BASE}?preset=psl&draw=8").setting.samples != result).any()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("preset=ish", "did you mean 'ist'"),
        ("preset=ist&widths=0.5,0.5", "falling shares"),
        ("preset=ist&widths=2,1", "falling shares"),
        ("preset=ist&widths=a", "falling shares"),
        ("preset=ist&support=nest", "did you mean 'nested'"),
        ("preset=fedavg&least_utility=2", "at most the widest width"),
        ("preset=psl&offloading=sites", "did you mean 'site'"),
        ("preset=ist&model=llama-13b&least_utility=4", "no star is valid"),
        ("prest=ist", "did you mean 'preset'"),
        ("dp=4", "dp"),
        ("pp=4", "pp"),
        ("pp_scale=0.1", "pp_scale"),
        ("workload=gpt3-xl", "workload"),
    ],
)
def test_bad_names_are_refused(query: str, words: str) -> None:
    """With what was found and what would fit."""
    with pytest.raises(BadInput, match=words):
        load(f"{BASE}?{query}")


FILE: dict[str, Any] = {
    "family": "federated-round",
    "name": "two",
    "sites": [{"name": "a", "devices": 1}, {"name": "b", "devices": 1}],
    "delay_ms": [[0, 10], [10, 0]],
    "bandwidth_gbps": [[1, 1], [1, 1]],
    "problem": {"preset": "e-fedsup"},
    "samples": [3, 4],
}


def test_a_file_says_what_a_name_does() -> None:
    """Samples are as spelt out, or drawn; keys of results are ignored."""
    problem = families.from_json(FILE | {"bound_s": 1.0, "candidates": []}, "file")
    assert isinstance(problem, FederatedRoundProblem)
    assert problem.setting.samples.tolist() == [3, 4]
    drawn = families.from_json({key: value for key, value in FILE.items() if key != "samples"}, "file")
    assert isinstance(drawn, FederatedRoundProblem)
    assert drawn.setting.samples.sum() in (4799, 4800)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"samples": [1]}, "samples: found 1 entries"),
        ({"samples": [1, -1]}, "samples: found a negative number"),
        ({"samples": [0, 0]}, "samples"),
        ({"samples": "many"}, "samples: found str"),
        ({"problem": {"preset": "e-fedsub"}}, "did you mean 'e-fedsup'"),
        ({"problem": {"widths": [0.5, 1.0]}}, "problem: menu: widths"),
        ({"problem": {"wides": [0.5]}}, "unknown key"),
        ({"problem": {"offloading": "site", "least_utility": 3.0}}, "least_utility"),
    ],
)
def test_bad_files_are_refused(change: dict[str, Any], words: str) -> None:
    """With the file, the field, what was found and what was expected."""
    with pytest.raises(BadInput, match=words) as refusal:
        families.from_json(FILE | change, "some.json")
    assert "some.json" in str(refusal.value) or "menu" in str(refusal.value)


MakeDigest = Callable[[str], str]


def test_the_digest_ignores_names_and_sees_what_counts() -> None:
    """Names of sites do not count; sites themselves only where offloading asks for them."""

    def digest(**changes: Any) -> str:
        return families.from_json(FILE | changes, "file").digest

    renamed = [{"name": "c", "devices": 1}, {"name": "d", "devices": 1}]
    assert digest() == digest(sites=renamed, name="other")
    assert digest() != digest(samples=[4, 3])
    one_site = {
        "sites": [{"name": "a", "devices": 2}],
        "delay_ms": [[10]],
        "bandwidth_gbps": [[1]],
    }
    assert digest() == digest(**one_site)
    psl = {"problem": {"preset": "psl"}}
    assert digest(**psl) != digest(**psl, **one_site)
