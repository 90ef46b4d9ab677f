"""Tests of rounding to a dtype, of the bound of a sum, and of the border of the alarm (rules E3 and E4), by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures.oracle.rounding import (
    SIGNIFICAND,
    gamma,
    is_alarming,
    is_exact_in_dtype,
    round_to_dtype,
    rounding_bound,
    unit_roundoff,
)

U = 2.0**-24


def test_significand_bits_and_unit_roundoff_are_those_of_ieee_754() -> None:
    """The unit roundoff u is half the distance from 1 to the next number."""
    assert SIGNIFICAND == {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
    for dtype in ("float64", "float32", "float16"):
        assert unit_roundoff(dtype) == np.finfo(dtype).eps / 2
    assert unit_roundoff("bfloat16") == 1 / 256


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.0, 0.0),
        (1.0, 1.0),
        (257.0, 256.0),  # 8 bits: multiples of 2 from 256 on; ties go to the even neighbour
        (259.0, 260.0),
        (258.5, 258.0),
        (-259.5, -260.0),
        (2.0**200 * 1.01, 2.0**200 * 1.0078125),  # the range is not limited
    ],
)
def test_rounding_to_bfloat16_by_hand(value: float, rounded: float) -> None:
    """NumPy has no bfloat16."""
    assert round_to_dtype(np.array([value]), "bfloat16").tolist() == [rounded]
    assert round_to_dtype(np.array([int(value)]), "float64").tolist() == [float(int(value))]


@pytest.mark.parametrize("dtype", SIGNIFICAND)
def test_a_value_is_exact_if_rounding_does_not_change_it(dtype: str) -> None:
    """One bit too many in one entry of many is seen."""
    bits = SIGNIFICAND[dtype]
    exact = np.array([0.0, -0.0, 1, -(2.0**bits - 1), 2.0**-30 * (2**bits - 1), 2.0**900, np.nan, np.inf, -np.inf])
    assert is_exact_in_dtype(exact, dtype) and is_exact_in_dtype(exact[::2], dtype)
    rng = np.random.RandomState(0)
    drawn = rng.uniform(-1, 1, 50) * 2.0 ** rng.randint(-100, 100, 50)
    assert is_exact_in_dtype(round_to_dtype(drawn, dtype), dtype)
    for value in drawn.tolist() if bits < 53 else ():
        assert not is_exact_in_dtype(np.array([1.0, value]), dtype)
        assert not is_exact_in_dtype(np.array([1.0 + 2.0**-bits, 1]), dtype)


def test_integers_are_exact_as_numbers() -> None:
    """They are not reinterpreted as bits."""
    assert is_exact_in_dtype(np.array([3, 256]), "bfloat16") and not is_exact_in_dtype(np.array([257]), "bfloat16")


def test_gamma_is_infinite_where_n_u_is_at_least_1() -> None:
    """It is N u / (1 - N u) where N u is below 1."""
    terms = np.array([0, 1, 128, 255, 256, 257, 512])
    assert gamma(terms, "bfloat16").tolist() == [0, 1 / 255, 1, 255, np.inf, np.inf, np.inf]
    for counts in ("float64", "float16", "int64"):  # the counts may have any integer or float dtype
        assert float(gamma(np.array(2, counts), "float32")) == 2 * U / (1 - 2 * U)


def test_a_sum_of_zeros_has_the_bound_zero() -> None:
    """A sum of other values that is too long for the format has no bound."""
    found = rounding_bound(np.array([256.0, 256.0, 1.0]), np.array([0.0, 1e-300, 3.0]), "bfloat16")
    assert found[:2].tolist() == [0.0, np.inf]
    assert found[2] == (1 / 255 + 2.0**-53 / (1 - 2.0**-53)) * 3


@pytest.mark.parametrize(
    ("dtype", "terms", "border"),
    [
        ("float32", 1, 2.0**6.5),
        ("float32", 0, 2.0**6.5),  # a cell without terms counts as one term
        ("float32", 3, (2.0**13 / 3**0.5) ** 0.5),
        ("float32", 256, 2.0**4.5),
        ("float64", 1, 2.0**14.5),
        ("float64", 16, 2.0**13.5),
    ],
)
def test_the_alarm_border_is_a_geometric_mean(dtype: str, terms: float, border: float) -> None:
    """It lies half way, on a logarithmic scale, between 1 and 2**13 / sqrt(N), for float64 2**29 / sqrt(N) (rule
    E4).
    """
    assert not is_alarming(border * (1 - 1e-12), terms, dtype) and is_alarming(border * (1 + 1e-12), terms, dtype)


def test_an_error_exactly_on_the_border_raises_no_alarm() -> None:
    """For four terms the border is 64, between 1 and 2**12."""
    assert not is_alarming(64.0, 4, "float32") and is_alarming(64.0 + 2.0**-40, 4, "float32")


def test_there_is_no_alarm_for_float16_and_bfloat16() -> None:
    """No smaller format could have been used inside."""
    assert not is_alarming(1e300, 1, "float16") and not is_alarming(1e300, 1, "bfloat16")
    assert is_alarming(1e300, 1, "float32") is True and is_alarming(0.0, 1, "float32") is False
