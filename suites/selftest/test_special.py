"""Tests of special values: which cells NaN and infinity must reach, derived a second time, cell by cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.oracle.expectation import index_map_operator, output_size
from fixtures.oracle.rounding import is_alarming
from suites.special.data import list_special_values, yield_comparisons

CASES = [
    Case(2, (3, 4), 2, 2, (3, 2), (2, 1), (1, 1), "same", use_bias=False),
    Case(1, (2, 3), 1, 2, (2, 3), (1, 1), (2, 1), "valid"),
    Case(1, (3,), 2, 1, (1,), (3,), (1,), "valid"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_special_value_reaches_the_output_cells_of_its_taps_only(case: Case) -> None:
    """Cell t is reached if t = i s + j d - c for some tap j, in the same batch element."""
    (check,) = yield_comparisons(case, False)
    x, y, crop = check.data.x, check.references["output"].values, index_map_operator(case).crop
    specials = list_special_values("float32")
    assert len(x) == len(specials)
    for element, special in enumerate(specials):
        if special == 0:
            assert np.signbit(x[element]).any() and not y[element].any()
            continue
        ((*cell, _channel),) = np.argwhere((x[element] != 0) | np.isnan(x[element]))
        reached = set()
        for tap in product(*map(range, case.kernel_size)):
            axes = zip(cell, case.strides, tap, case.dilation_rate, crop)
            reached.add(tuple(int(i * s + j * d - c) for i, s, j, d, c in axes))
        for t in product(*map(range, output_size(case))):
            for filter in range(case.filters):
                at = y[(element, *t, filter)]
                if t not in reached:
                    assert at == 0
                else:
                    assert np.isnan(at) if np.isnan(special) else abs(at) == abs(special)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_special_value_in_g_reaches_its_own_gradients_only(case: Case) -> None:
    """They are dx of its batch element, and the bias and the taps of its filter."""
    found = [check for check in yield_comparisons(case, True) if check.what == "gradients"]
    assert len(found) == 3
    for check, special in zip(found, list_special_values("float32")):
        assert check.data.g is not None
        ((element, *_, filter),) = np.argwhere(~np.isfinite(check.data.g))
        dx, dkernel = check.references["dx"].values, check.references["dkernel"].values
        assert np.isfinite(dx[1 - element]).all() and (~np.isfinite(dx[element])).any() == (~np.isfinite(dkernel)).any()
        assert np.isfinite(np.delete(dkernel, filter, axis=-2)).all()
        if case.use_bias:
            dbias = check.references["dbias"].values
            assert (
                np.array_equal([special], dbias[[filter]], equal_nan=True)
                and np.isfinite(np.delete(dbias, filter)).all()
            )


def test_the_rounding_alarm_tells_a_smaller_format_from_correct_errors() -> None:
    """TF32 inside float32 and float32 inside float64 raise it; half formats never do."""
    for terms in (1, 9, 144, 5000):
        assert not is_alarming(1.5, terms, "float32") and not is_alarming(1.5, terms, "float64")
        assert is_alarming(2.0**13 / terms**0.5, terms, "float32") and is_alarming(
            2.0**29 / terms**0.5, terms, "float64"
        )
    assert not is_alarming(1e6, 1, "bfloat16")
