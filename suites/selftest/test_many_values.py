"""Tests of tests that run for many values."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from fixtures.faults import Fault, find_fault
from suites.selftest.many_values import for_each


def test_a_test_runs_for_each_value_with_its_fixtures() -> None:
    """pytest sees the fixtures only."""
    seen = []

    @for_each("value", range(3))
    def check(value: int, fixture: str) -> None:
        seen.append((value, fixture))

    assert list(inspect.signature(check).parameters) == ["fixture"]
    check(fixture="f")
    assert seen == [(0, "f"), (1, "f"), (2, "f")]


def test_the_first_value_that_fails_is_named_with_its_reason() -> None:
    """Later values do not run."""
    seen = []

    @for_each("value", "abcd")
    def check(value: str) -> None:
        seen.append(value)
        assert value < "b", "too large"

    with pytest.raises(AssertionError, match="fails for value = b") as failed:
        check()
    assert "too large" in str(failed.value.__cause__) and seen == ["a", "b"]


def test_a_value_that_has_a_name_is_shown_by_it() -> None:
    """The repr of a fault has many lines."""

    @for_each("fault", [find_fault("bias-missing")])
    def check(fault: Fault) -> None:
        pytest.fail("why")

    with pytest.raises(AssertionError, match=r"fails for fault = bias-missing$"):
        check()


@pytest.mark.parametrize("end", [pytest.skip, pytest.fail])
def test_a_value_that_is_skipped_or_fails_without_an_assertion_is_named(end: Any) -> None:
    """The values after it would not run, so skipping is no success."""

    @for_each("value", "ab")
    def check(value: str) -> None:
        end("why")

    with pytest.raises(BaseException, match="fails for value = a") as ended:  # a skip would skip this test
        check()
    assert ended.type is AssertionError


def test_no_value_is_an_error() -> None:
    """A test without values would pass."""
    with pytest.raises(ValueError, match="no value for case"):
        for_each("case", [])
