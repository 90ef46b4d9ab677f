"""Runs a test for each of hundreds of values, as one test: pytest and xdist take a millisecond for every test."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, Iterable


def for_each(name: str, values: Iterable[object]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator of a test, which then runs for each value of its argument ``name``.

    It is used as ``pytest.mark.parametrize`` is, and ends at the first value for which the test fails. ``ValueError``
    if there is no value.
    """
    among = list(values)
    if not among:
        raise ValueError("no value for %s: the test would check nothing" % name)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run_for_each(**fixtures: Any) -> None:
            for value in among:
                try:
                    test(**{name: value}, **fixtures)
                except Exception as error:
                    raise AssertionError("the test fails for %s = %s" % (name, value)) from error

        signature = inspect.signature(test)
        others = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run_for_each.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # pytest reads the fixtures from it
        return run_for_each

    return decorate
