"""Tests of regions, numbers and dates in words."""

from __future__ import annotations

import re
import sys

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.deviations import KNOWN_DEVIATIONS, read_deviations
from reports.facts.numbers import date_in_words, number_in_words, significant_digits
from reports.facts.region_words import common_region, region_in_words, short_region


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (
            "dtype == 'bfloat16' and data_format == 'channels_last' and padding == 'same'",
            "bfloat16, channels_last, padding same",
        ),
        ("not rules and use_bias and 1 < filters == output_size[-1]", "with a bias, filters = output width > 1"),
        ("rules == ['R8'] and variant != 'xla'", "breaks rule R8, not mode xla"),
        ("rules == ['R5', 'R8']", "breaks rules R5 and R8"),
        ("'R6' in rules and 'R3' not in rules", "breaks rule R6, does not break rule R3"),
        ("rank == 2 and size[-1] == 1 and kernel_size[0] % 2 == 0", "2-D, input width = 1, even kernel height"),
        ("suite == 'special' and (max(dilation_rate) > 1 or rank == 3)", "NaN and infinities, dilated or 3-D"),
        ("not (use_bias and rank == 1)", "not (with a bias and 1-D)"),
        ("size[0] <= dilation_rate[0] // 2", "input height at most height dilation / 2"),
        ("padding == 'same' and any(l > s for l, s in zip(lost, strides))", "padding same, crop > stride on some axis"),
        ("not any(l % 2 == 1 for l in lost)", "not (odd crop on some axis)"),
        (
            "all(m == (k if padding == 'valid' else 1) for m, s, k in zip(output_size, strides, kernel_size) if s > 1)",
            "output length = (kernel length if padding valid, else 1) on every axis with stride > 1",
        ),
        ("max(l // 2 for l in lost) >= 5", "the largest crop // 2 at least 5"),
        ("any(old in variant for old in ('.keras-3.3.', '.keras-3.4.'))", "checks named keras-3.3 or keras-3.4"),
        ("'.json.' not in variant", "not checks named json"),
        ("use_bias and sum(size) == 3 == 3", "with a bias, 1 more condition"),
        ("sum(size) == 3 == 3", "sum(size) == 3 == 3"),
        ("True", ""),
    ],
)
def test_a_region_is_in_words(when: str, words: str) -> None:
    """Clauses without words are counted and not lost; one that is the whole region stands as it is."""
    assert short_region(region_in_words(when)) == words


def test_every_predicate_of_the_known_deviations_keeps_all_its_clauses() -> None:
    """A clause that is code stands unchanged in the full list; an expression that cannot be parsed stays as it is."""
    for entry in read_deviations(KNOWN_DEVIATIONS):
        assert all(region_in_words(entry.when)), entry.name
    assert region_in_words("a ==") == ["a =="]
    assert region_in_words("any(l > x for l, x in zip(lost, (1, 2)))") == ["any((l > x for l, x in zip(lost, (1, 2))))"]


def test_the_region_of_several_predicates_is_what_they_share() -> None:
    """Further clauses of one of them are announced."""
    both = common_region(["use_bias and rank == 2", "use_bias and rank == 3"])
    assert both == (["with a bias"], True)
    assert short_region(*both) == "with a bias, with more conditions in some suites or modes"
    assert common_region(["use_bias"]) == (["with a bias"], False)


def test_no_known_deviation_has_a_region_without_words() -> None:
    """Each says at least one condition, unless it holds everywhere."""
    for entry in read_deviations(KNOWN_DEVIATIONS):
        words = short_region(region_in_words(entry.when))
        assert not re.match(r"\d+ more condition", words), entry.name


def test_numbers_and_dates_are_written_for_people() -> None:
    """Two numbers that differ are never written alike."""
    assert (significant_digits(0.031622776), significant_digits(1234.5)) == ("0.0316", "1,230")
    assert (number_in_words(21.0), number_in_words("nan"), number_in_words(0.1 + 0.2)) == ("21", "nan", "0.3")
    assert number_in_words(0.1 + 0.2, 0.3) != number_in_words(0.3, 0.1 + 0.2)
    assert date_in_words("2026-11-29T21:27:58+00:00") == "29 November 2026, 21:27 UTC"
    assert date_in_words("now") == "now"
