"""The error of a call of ``python -m reports bisect`` that cannot be used."""

from __future__ import annotations


class BisectError(ValueError):
    """The call cannot be used; the message is one sentence with the remedy."""
