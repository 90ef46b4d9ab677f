"""Tests of tests that run for many values."""

from __future__ import annotations

import inspect

import pytest

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


def test_no_value_is_an_error() -> None:
    """A test without values would pass."""
    with pytest.raises(ValueError, match="no value for case"):
        for_each("case", [])
