"""The grammar of instance names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

BROKEN = {
    "paper/worldwid": "did you mean 'paper/worldwide'",
    "worldwide": "did you mean 'paper/worldwide'",
    "generated/unifrom?n=64&dp=8&seed=1": "did you mean 'generated/uniform'",
    "paper/worldwide?pp=8": "did you mean 'dp'",
    "paper/worldwide?nois=0.1": "did you mean 'noise'",
    "paper/worldwide?workload=gpt3": "did you mean 'gpt3-xl'",
    "paper/worldwide?delay=two-way": "did you mean 'one-way'",
    "paper/worldwide?dp=7": "dp: found 7, expected a divisor of 64",
    "paper/worldwide?dp=eight": "dp: found 'eight', expected a whole number",
    "paper/worldwide?dp=0": "dp: found '0', expected a whole number of at least 1",
    "paper/worldwide?noise=nan": "noise: found 'nan', expected a number from 0 to 3",
    "paper/worldwide?pp_scale=0": "pp_scale: found '0', expected a number from 0.001",
    "paper/worldwide?dp=8&dp=4": "dp: found it twice",
    "paper/worldwide?dp": "expected key=value",
    "paper/worldwide?": "expected key=value",
    "paper/worldwide?draw=3": "expected one of noise, asymmetry, failed_links, relabel beside it",
    "generated/uniform?n=64&dp=8": "seed: found nothing",
    "generated/uniform?n=5000&dp=8&seed=1": "from 2 to 4096",
    "generated/clustered?n=4&dp=2&seed=1": "8 sites for 4 devices, expected at most 4",
    "generated/hierarchical?n=8&dp=2&seed=1": "1 racks of 8 devices for 4 sites",
    "generated/planted?n=64&dp=8&seed=1&pp_scale=0.17": "differ by a factor",
    "generated/uniform?n=4&dp=2&seed=1&failed_links=7": "7 failed links among 4 devices, expected at most 6",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_name_error_says_how_to_mend_it(name: str) -> None:
    """A name that does not load says what was found, what was expected, and the nearest valid name."""
    with pytest.raises(BadInput) as refused:
        catalogue.load(name)
    assert BROKEN[name] in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("paper/worldwide?dp=8", "paper/worldwide"),
        ("paper/worldwide?delay=rtt&pp_scale=1.0", "paper/worldwide"),
        ("paper/worldwide?pp_scale=0.30&dp=16", "paper/worldwide?dp=16&pp_scale=0.3"),
        ("generated/uniform?seed=01&dp=8&n=64", "generated/uniform?n=64&dp=8&seed=1"),
        (" measured/azure48-96?streams=64&dp=12 ", "measured/azure48-96?dp=12&streams=64"),
        ("paper/regional?draw=2&relabel=yes", "paper/regional?relabel=yes&draw=2"),
    ],
)
def test_every_spelling_has_one_canonical_form(typed: str, canonical: str) -> None:
    """Order of keys, defaults and ways to write a number make no difference."""
    assert catalogue.canonical_name(typed) == canonical
    assert catalogue.load(typed).name == canonical
    assert catalogue.load(typed).digest == catalogue.load(canonical).digest


@given(
    dp=st.sampled_from([1, 2, 4, 8, 16, 32, 64]),
    pp_scale=st.floats(0.001, 1000),
    noise=st.floats(0, 3),
    draw=st.integers(0, 2**40),
    order=st.randoms(use_true_random=False),
)
def test_canonical_form_is_a_fixed_point(dp: int, pp_scale: float, noise: float, draw: int, order) -> None:
    """The canonical form of a canonical form is itself, and keeps every value to the last bit."""
    query = [f"dp={dp}", f"pp_scale={pp_scale!r}", f"noise={noise!r}", "relabel=yes", f"draw={draw}"]
    order.shuffle(query)
    once = catalogue.canonical_name("paper/regional?" + "&".join(query))
    assert catalogue.canonical_name(once) == once
    values = dict(pair.split("=") for pair in once.partition("?")[2].split("&"))
    assert float(values.get("pp_scale", "1")) == pp_scale
    assert float(values.get("noise", "0")) == noise
    assert int(values.get("draw", "0")) == draw
