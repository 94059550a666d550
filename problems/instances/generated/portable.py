"""Functions whose every bit is the same on all CPUs.

`exp`, `log` and the arc functions of numpy and of the C library differ in their last bit with the CPU's vector units.
Here they are built from what IEEE 754 rounds exactly (`+ − × ÷`, square root, powers of two), so that a seed names the
same instance everywhere. Accurate to a few units in the last place, which is all that a generator needs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_PER_LN2 = 1.4426950408889634
_SQRT_HALF = 0.7071067811865476
_EXP_TERMS = [1 / math.factorial(k) for k in range(14)]


def exp(x: ArrayLike) -> Array:
    """`e**x`: the power of two nearest to it, times a Taylor series on what is left (|r| ≤ ln 2 / 2)."""
    x = np.asarray(x, dtype=np.float64)
    twos = np.rint(x * _PER_LN2)
    rest = (x - twos * _LN2_HIGH) - twos * _LN2_LOW
    powered: Array = np.ldexp(_polynomial(rest, _EXP_TERMS), twos.astype(np.int64))
    return powered


def log(x: ArrayLike) -> Array:
    """Natural logarithm of positive `x`: its exponent times ln 2, plus the inverse hyperbolic tangent's series."""
    mantissa, twos = np.frexp(np.asarray(x, dtype=np.float64))
    small = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    twos = twos - small
    s = (mantissa - 1.0) / (mantissa + 1.0)
    series = _polynomial(s * s, [1.0 / odd for odd in range(1, 25, 2)])
    return twos * _LN2_HIGH + (2.0 * s * series + twos * _LN2_LOW)


def arctan(x: ArrayLike) -> Array:
    """Arc tangent of `x` from 0 to infinity, in radians: the angle is halved twice, then a series."""
    x = np.asarray(x, dtype=np.float64)
    steep = x > 1.0
    with np.errstate(divide="ignore"):
        t = np.where(steep, 1.0 / x, x)
    for _ in range(2):
        t = t / (1.0 + np.sqrt(1.0 + t * t))
    series = _polynomial(t * t, [(-1) ** (odd // 2) / odd for odd in range(1, 27, 2)])
    angle = 4.0 * t * series
    return np.where(steep, math.pi / 2 - angle, angle)


def normal_quantile(u: ArrayLike) -> Array:
    """The standard normal's inverse distribution at `u` in [0, 1), to about 1e-7.

    Source: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), its routine PPND7.
    """
    u = np.maximum(np.asarray(u, dtype=np.float64), 2.0**-54)
    q = u - 0.5
    r = 0.180625 - q * q
    centre = q * _polynomial(r, [3.3871327179, 50.434271938, 159.29113202, 59.109374720])
    centre = centre / _polynomial(r, [1.0, 17.895169469, 78.757757664, 67.187563600])
    depth = np.sqrt(-log(np.minimum(u, 1.0 - u)))
    near = depth - 1.6
    tail = _polynomial(near, [1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103])
    tail = tail / _polynomial(near, [1.0, 0.73700164250, 0.12021132975])
    far = depth - 5.0
    end = _polynomial(far, [6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997])
    end = end / _polynomial(far, [1.0, 0.24197894225, 0.012258202635])
    outside = np.where(depth <= 5.0, tail, end)
    return np.where(np.abs(q) <= 0.425, centre, np.where(q < 0, -outside, outside))


def _polynomial(x: Array, terms: list[float]) -> Array:
    """Horner's rule; `terms` from the constant one upwards."""
    value = np.full_like(x, terms[-1])
    for term in reversed(terms[:-1]):
        value = value * x + term
    return value
