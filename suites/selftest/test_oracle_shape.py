"""The formula against worked examples, against the definition by search, and against the NumPy layer's own search."""

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
    ((4, 5, 2, 1, "same", None), 8),  # and not 12
    ((4, 3, 2, 1, "same", None), 8),
    ((4, 3, 2, 1, "same", 0), 7),  # None is not 0
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
def test_worked_examples(axis: tuple[int, int, int, int, str, int | None], m: int | None) -> None:
    """The chosen length of every rule S1 to S6."""
    n, k, s, d, padding, o = axis
    assert output_length(n, k, s, padding, o, d) == m


def test_unknown_padding_is_refused() -> None:
    """One sentence, and never a guess."""
    with pytest.raises(ValueError, match="valid, same or full, not 'causal'"):
        output_length(4, 3, 2, "causal", None)


def test_admissible_is_what_convolves_back() -> None:
    """A2 and A3 list exactly the lengths of A1, and there are s of them."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        ke = effective_kernel(k, d)
        found = [m for m in range(1, n * s + ke + s) if forward_length(m, ke, s, padding) == n]
        least, greatest = admissible_lengths(n, ke, s, padding)
        assert found == list(range(least, greatest + 1)) and len(found) == s
        assert [count_convolution_windows(m, ke, s, padding) for m in found] == [n] * s


def test_output_padding_chooses_among_the_admissible() -> None:
    """None always does; o does for 0 .. s-1, shifted by one for same with an even effective kernel."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        ke = effective_kernel(k, d)
        least, greatest = admissible_lengths(n, ke, s, padding)
        chosen = output_length(n, k, s, padding, None, d)
        assert chosen is not None and least <= chosen <= greatest
        shift = 1 if padding == "same" and ke % 2 == 0 else 0
        given = [output_length(n, k, s, padding, o + shift, d) for o in range(s)]
        assert given == list(range(least, greatest + 1))


def test_full_chooses_the_least_that_maps_back() -> None:
    """S5: a window at every place that touches maps m to ceil((m + ke - 1) / s); None and 0 give the same."""
    for n, k, s, d in AXES:
        ke = effective_kernel(k, d)
        least = next(m for m in range(-ke, n * s + 1) if len(range(0, m + ke - 1, s)) == n)
        assert [output_length(n, k, s, "full", o, d) for o in (None, 0, 3)] == [least, least, least + 3]


def test_second_construction_agrees() -> None:
    """Searching for the length gives what the formula gives."""
    for (n, k, s, d), padding in product(AXES, ("valid", "same")):
        for o in (None, *range(s)):
            assert search_output_length(n, k, s, d, padding, o) == output_length(n, k, s, padding, o, d)


def test_crop_is_the_padding_of_the_forward_convolution() -> None:
    """V2 is A1 read backwards: same pads what its n windows lack, the smaller half in front."""
    for n, k, s, d in AXES:
        ke = effective_kernel(k, d)
        for m in range((n - 1) * s + 1, n * s + 1):
            lacking = max((n - 1) * s + ke - m, 0)
            assert cells_cropped_in_front(n, ke, s, m, "same") == lacking // 2
            assert full_length(n, ke, s) - m - cells_cropped_in_front(n, ke, s, m, "same") <= lacking - lacking // 2


def test_lengths_are_what_can_be_counted() -> None:
    """The windows of A1, the cells from the first tap of the first input to the last tap of the last; none for none."""
    for m, ke, s in product(range(12), range(1, 7), range(1, 5)):
        assert forward_length(m, ke, s, "valid") == len(range(0, m - ke + 1, s))
        assert forward_length(m, ke, s, "same") == len(range(0, m, s))
        assert full_length(m, ke, s) == max([i * s + j + 1 for i in range(m) for j in range(ke)] or [0])


def test_nothing_is_cropped_where_nothing_is_padded() -> None:
    """V2: c = 0 for valid, and for same where the full extent is not longer than the output."""
    assert cells_cropped_in_front(4, 5, 1, 2, "valid") == 0
    assert cells_cropped_in_front(3, 1, 4, 12, "same") == 0 and cells_cropped_in_front(1, 1, 9, 5, "same") == 0


def test_dilation_is_one_unless_given() -> None:
    """As Keras has it."""
    assert output_length(4, 3, 2, "valid", 0) == 9 and output_length(4, 3, 2, "valid", 0, 2) == 11
