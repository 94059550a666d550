"""Elementary functions that are the same on every CPU are also right."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from tasklet_bench.problems.instances.generated import portable

U = np.random.default_rng(0).random(20_000)


@pytest.mark.parametrize(
    ("ours", "theirs", "x"),
    [
        (portable.exp, np.exp, (U - 0.5) * 600),
        (portable.log, np.log, U),
        (portable.log, np.log, U * 1e9),
        (portable.arctan, np.arctan, U),
        (portable.arctan, np.arctan, 1 / (U + 1e-9)),
    ],
    ids=["exp", "log below 1", "log above 1", "arctan below 1", "arctan above 1"],
)
def test_agrees_with_numpy_to_a_few_units_in_the_last_place(ours, theirs, x) -> None:
    """The series are as accurate as a generator needs, over all that one draws."""
    np.testing.assert_allclose(ours(x), theirs(x), rtol=2e-15)


def test_special_values_are_exact() -> None:
    """0 and 1 go where they should, and infinity is a right angle."""
    assert float(portable.exp(0.0)) == 1.0
    assert float(portable.log(1.0)) == 0.0
    assert float(portable.arctan(0.0)) == 0.0
    assert float(portable.arctan(np.inf)) == math.pi / 2


def test_normal_quantile_is_the_normals() -> None:
    """The quantile is right to 1e-6 everywhere, at the ends of [0, 1) too, and antisymmetric about the median."""
    ends = np.array([0.0, 2.0**-53, 1e-12, 0.075, 0.0750001, 0.5, 0.925, 1 - 2.0**-53])
    for u in (U, ends):
        np.testing.assert_allclose(portable.normal_quantile(u), ndtri(np.maximum(u, 2.0**-54)), atol=1e-6)
    assert float(portable.normal_quantile(0.5)) == 0.0
