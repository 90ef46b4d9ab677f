"""Runs a test for many values as one test, because pytest and xdist need a millisecond for each test."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, Iterable

import pytest


def for_each(name: str, values: Iterable[object]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator of a test, which then runs for each value of its argument ``name``.

    It is used as ``pytest.mark.parametrize`` is, and ends at the first value for which the test fails. A test that
    skips a value fails, because the values after it would not run. ``ValueError`` if there is no value.
    """
    values_of_test = list(values)
    if not values_of_test:
        raise ValueError("no value for %s: the test would check nothing" % name)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run_for_each(**fixtures: Any) -> None:
            for value in values_of_test:
                try:
                    test(**{name: value}, **fixtures)
                except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
                    shown = getattr(value, "name", value)  # the name of a fault, which has a long repr
                    raise AssertionError("the test fails for %s = %s" % (name, shown)) from error

        signature = inspect.signature(test)
        others = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run_for_each.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # pytest reads the fixtures from it
        return run_for_each

    return decorate
