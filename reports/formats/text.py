"""Text from a ledger where it cannot do harm: what cannot be seen is made visible, what is long is cut."""

from __future__ import annotations

import re

# Controls, what turns the direction of reading, halves of characters, and what XML does not allow.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """Characters that cannot be seen, or that XML does not allow, as their number: \\x1b."""
    return _UNSEEN.sub(_number, text)


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(visible(text).split())


def cut(text: str, length: int) -> str:
    """The text, or its beginning and how much there is more."""
    return text if len(text) <= length else "%s ... and %d characters more" % (text[:length], len(text) - length)


def _number(found: re.Match[str]) -> str:
    code = ord(found.group())
    return "\\x%02x" % code if code < 256 else "\\u%04x" % code
