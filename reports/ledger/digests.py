"""A set of checks in sixteen bytes each, for ledgers of millions of rows. Runs on Python 3.7, without NumPy."""

from __future__ import annotations

import hashlib

_BYTES = 16
_FULL = 0.6  # a table that is fuller is made twice as large
_EMPTY = bytes(_BYTES)


class DigestSet:
    """A set of (case, suite, variant) that stores a digest of each check, in a hash table with open addressing.

    A digest has 128 bits, so that two checks never share one in practice.
    """

    def __init__(self) -> None:
        self._slots = 64
        self._table = bytearray(self._slots * _BYTES)
        self._size = 0

    def __len__(self) -> int:
        """Return the number of checks."""
        return self._size

    def __contains__(self, check: object) -> bool:
        """Return whether the set has a check, given as (case, suite, variant)."""
        if not isinstance(check, tuple):
            return False
        digest = _digest(*check)
        return self._at(self._find(digest)) == digest

    def add(self, case: str, suite: str, variant: str) -> bool:
        """Add a check; return False if the set had it already."""
        digest = _digest(case, suite, variant)
        slot = self._find(digest)
        if self._at(slot) == digest:
            return False
        self._put(slot, digest)
        self._size += 1
        if self._size > _FULL * self._slots:
            self._grow()
        return True

    def _at(self, slot: int) -> bytes:
        return bytes(self._table[slot * _BYTES : (slot + 1) * _BYTES])

    def _put(self, slot: int, digest: bytes) -> None:
        self._table[slot * _BYTES : (slot + 1) * _BYTES] = digest

    def _find(self, digest: bytes) -> int:
        """Return the slot that has the digest, or the empty one where it belongs."""
        slot = int.from_bytes(digest[:8], "big") % self._slots
        while self._at(slot) not in (_EMPTY, digest):
            slot = (slot + 1) % self._slots
        return slot

    def _grow(self) -> None:
        before = self._table
        self._slots *= 2
        self._table = bytearray(self._slots * _BYTES)
        for at in range(0, len(before), _BYTES):
            digest = bytes(before[at : at + _BYTES])
            if digest != _EMPTY:
                self._put(self._find(digest), digest)

    def pack(self) -> bytes:
        """Return the set as bytes, for ``unpack``."""
        return bytes(self._table)

    @classmethod
    def unpack(cls, packed: bytes) -> DigestSet:
        """Return the set that ``pack`` packed."""
        found = cls()
        found._table, found._slots = bytearray(packed), len(packed) // _BYTES
        found._size = sum(packed[at : at + _BYTES] != _EMPTY for at in range(0, len(packed), _BYTES))
        return found


def _digest(case: str, suite: str, variant: str) -> bytes:
    text = "\0".join((case, suite, variant)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=_BYTES).digest()
