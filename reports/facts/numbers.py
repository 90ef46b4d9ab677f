"""Numbers and dates as people read them. No markup."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

DIGITS = 6  # significant digits, unless two numbers differ only beyond them


def significant_digits(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, such as "0.0316" or "1,230"."""
    text = "%.*g" % (digits, value)
    return f"{float(text):,.0f}" if "e+" in text and abs(value) < 1e9 else text


def number_in_words(value: Any, other: Any = None) -> str:
    """Return a number of an array: with few digits, or with as many as show that it differs from ``other``."""
    if not isinstance(value, float):
        return str(value)
    for digits in range(DIGITS, 17):
        text = "%.*g" % (digits, value)
        if not isinstance(other, float) or other == value or "%.*g" % (digits, other) != text:
            return text
    return repr(value)


def date_in_words(text: str) -> str:
    """Return the time of an ISO 8601 text in UTC, such as "29 November 2026, 21:27 UTC", or another text unchanged."""
    try:
        when = datetime.fromisoformat(text).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return text
    return "%d %s, %s UTC" % (when.day, when.strftime("%B %Y"), when.strftime("%H:%M"))
