"""Make text from a ledger safe to show: invisible characters become visible, and long text is cut."""

from __future__ import annotations

import re

# Control characters, characters that change the reading direction, surrogates, and characters that XML forbids.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def make_visible(text: str) -> str:
    """Return the text with invisible characters, and those that XML forbids, replaced by their number: \\x1b."""
    return _UNSEEN.sub(_escape_character, text)


def to_one_line(text: str) -> str:
    """Return the visible text on one line."""
    return " ".join(make_visible(text).split())


def shorten(text: str, length: int) -> str:
    """Return the text, or its first ``length`` characters and how many more there are."""
    return text if len(text) <= length else "%s ... and %d characters more" % (text[:length], len(text) - length)


def _escape_character(found: re.Match[str]) -> str:
    code = ord(found.group())
    return "\\x%02x" % code if code < 256 else "\\u%04x" % code
