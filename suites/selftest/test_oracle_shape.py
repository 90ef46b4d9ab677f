"""Tests of output length and crop: worked examples, the definition by search, and the NumPy layer's own search."""

from __future__ import annotations

from itertools import product

import pytest

from fixtures.numpy_layer.arithmetic import count_convolution_windows, search_output_length
from fixtures.oracle.shape import (
    admissible_lengths,
    cells_cropped_in_front,
    effective_kernel,
    forward_length,
    full_length,
    output_length,
)

# n, k, s, d, padding, o -> m, each worked by hand from docs/semantics.md, section S.
WORKED = [
    ((4, 5, 2, 1, "same", None), 8),  # it is 8 and not 12
    ((4, 3, 2, 1, "same", None), 8),
    ((4, 3, 2, 1, "same", 0), 7),  # output_padding None differs from 0
    ((20, 3, 10, 1, "same", None), 200),
    ((20, 3, 10, 1, "same", 4), 195),
    ((2, 3, 1, 1, "valid", None), 4),
    ((2, 3, 2, 1, "valid", None), 5),
    ((4, 5, 2, 1, "valid", 1), 12),
    ((4, 5, 3, 1, "same", None), 12),
    ((3, 2, 4, 1, "valid", None), 12),  # kernel below stride: n s
    ((3, 2, 4, 1, "valid", 0), 10),
    ((5, 3, 1, 3, "valid", None), 11),  # ke = 7
    ((4, 4, 2, 1, "same", 1), 7),
    ((4, 3, 2, 1, "full", None), 5),
    ((4, 3, 2, 1, "full", 1), 6),
    ((0, 3, 2, 1, "valid", None), 1),
    ((None, 3, 2, 1, "same", 1), None),
]
AXES = list(product(range(1, 7), range(1, 7), range(1, 5), range(1, 4)))  # n, k, s, d


@pytest.mark.parametrize(("axis", "m"), WORKED)
def test_the_output_length_equals_examples_worked_by_hand(
    axis: tuple[int, int, int, int, str, int | None], m: int | None
) -> None:
    """The examples cover the rules S1 to S6."""
    n, k, s, d, padding, o = axis
    assert output_length(n, k, s, padding, o, d) == m


def test_an_unknown_padding_is_refused_by_the_oracle() -> None:
    """The message lists the known values."""
    with pytest.raises(ValueError, match="valid, same or full, not 'causal'"):
        output_length(4, 3, 2, "causal", None)


def test_admissible_lengths_are_those_that_the_convolution_maps_back() -> None:
    """Rules A2 and A3 list exactly the lengths of rule A1, and there are as many as the stride."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        ke = effective_kernel(k, d)
        found = [m for m in range(1, n * s + ke + s) if forward_length(m, ke, s, padding) == n]
        least, greatest = admissible_lengths(n, ke, s, padding)
        assert found == list(range(least, greatest + 1)) and len(found) == s
        assert [count_convolution_windows(m, ke, s, padding) for m in found] == [n] * s


def test_output_padding_selects_an_admissible_length() -> None:
    """None and every value from 0 to s - 1 do; for same with an even effective kernel the values are shifted by one."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        ke = effective_kernel(k, d)
        least, greatest = admissible_lengths(n, ke, s, padding)
        chosen = output_length(n, k, s, padding, None, d)
        assert chosen is not None and least <= chosen <= greatest
        shift = 1 if padding == "same" and ke % 2 == 0 else 0
        given = [output_length(n, k, s, padding, o + shift, d) for o in range(s)]
        assert given == list(range(least, greatest + 1))


def test_padding_full_gives_the_least_length_that_maps_back() -> None:
    """The forward convolution with padding full maps m to ceil((m + ke - 1) / s) (rule S5)."""
    for n, k, s, d in AXES:
        ke = effective_kernel(k, d)
        least = next(m for m in range(-ke, n * s + 1) if len(range(0, m + ke - 1, s)) == n)
        assert [output_length(n, k, s, "full", o, d) for o in (None, 0, 3)] == [least, least, least + 3]


def test_the_search_for_an_output_length_finds_that_of_the_formula() -> None:
    """The search is the NumPy layer's, and shares no code with the oracle."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        for o in (None, *range(s)):
            assert search_output_length(n, k, s, d, padding, o) == output_length(n, k, s, padding, o, d)


def test_the_crop_equals_the_padding_of_the_forward_convolution() -> None:
    """Padding same adds what the windows lack, the smaller half in front (rules V2 and A1)."""
    for n, k, s, d in AXES:
        ke = effective_kernel(k, d)
        for m in range((n - 1) * s + 1, n * s + 1):
            lacking = max((n - 1) * s + ke - m, 0)
            assert cells_cropped_in_front(n, ke, s, m, "same") == lacking // 2
            assert full_length(n, ke, s) - m - cells_cropped_in_front(n, ke, s, m, "same") <= lacking - lacking // 2


def test_formulas_of_lengths_equal_counted_windows_and_cells() -> None:
    """The forward length is the number of windows; the full length reaches from the first tap to the last."""
    for m, ke, s in product(range(12), range(1, 7), range(1, 5)):
        assert forward_length(m, ke, s, "valid") == len(range(0, m - ke + 1, s))
        assert forward_length(m, ke, s, "same") == len(range(0, m, s))
        assert full_length(m, ke, s) == max([i * s + j + 1 for i in range(m) for j in range(ke)] or [0])


def test_nothing_is_cropped_without_padding() -> None:
    """The crop is 0 for valid, and for same if the full extent is not longer than the output (rule V2)."""
    assert cells_cropped_in_front(4, 5, 1, 2, "valid") == 0
    assert cells_cropped_in_front(3, 1, 4, 12, "same") == 0 and cells_cropped_in_front(1, 1, 9, 5, "same") == 0


def test_the_oracles_default_dilation_is_one() -> None:
    """Keras has the same default."""
    assert output_length(4, 3, 2, "valid", 0) == 9 and output_length(4, 3, 2, "valid", 0, 2) == 11
