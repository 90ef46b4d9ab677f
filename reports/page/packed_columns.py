"""The columns of a table, packed for a page as dictionaries and codes in one gzip. No markup."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np
import numpy.typing as npt

HASH = "hash"  # the column with this name has ten hexadecimal digits in each row
_DIGITS = 10
_WIDTHS: tuple[tuple[int, str], ...] = ((1, "<u1"), (2, "<u2"), (4, "<u4"))


class ColumnError(ValueError):
    """The columns do not form a table. The message is one sentence that says why."""


@dataclass(frozen=True)
class Column:
    """A column of words. Each row has a code, which is an index into ``values``."""

    name: str
    values: list[str]
    codes: npt.NDArray[np.unsignedinteger[Any]]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Numbers:
    """A column of measured numbers, one for each row, with NaN where there is none."""

    name: str
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.values)


def pack_columns(columns: Sequence[Column | Numbers]) -> str:
    """Return all columns as base64 of one gzip.

    Inside are the length of the header in four bytes, the header in JSON, and the data of the columns in the header's
    order. A code takes the smallest width (1, 2 or 4 bytes) that its dictionary allows, a hash five bytes and a number
    four. Lengths, codes and numbers are little-endian. Raises ``ColumnError``.
    """
    _check_table(columns)
    parts = [_pack_column(column) for column in columns]
    header = {"rows": len(columns[0]), "columns": [entry for entry, _ in parts]}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 4)
    return compress(len(text).to_bytes(4, "little") + text + b"".join(data for _, data in parts))


def compress(data: bytes) -> str:
    """Return the data as base64 of a gzip. The gzip has no timestamp, so the same data always gives the same text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


def _check_table(columns: Sequence[Column | Numbers]) -> None:
    if not columns:
        raise ColumnError("there is no column to pack")
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ColumnError("two columns have the name %s" % ", ".join(twice))
    for column in columns:
        if len(column) != len(columns[0]):
            raise ColumnError(
                "column %s has %d rows, %s has %d" % (column.name, len(column), columns[0].name, len(columns[0]))
            )
        if isinstance(column, Column):
            _check_codes(column)


def _check_codes(column: Column) -> None:
    if not np.issubdtype(column.codes.dtype, np.unsignedinteger):
        raise ColumnError("the codes of column %s are %s, not unsigned integers" % (column.name, column.codes.dtype))
    largest = max(map(int, np.unique(column.codes)), default=-1)
    if largest >= len(column.values):
        raise ColumnError("column %s has the code %d, but only %d values" % (column.name, largest, len(column.values)))
    if len(set(column.values)) < len(column.values):
        raise ColumnError("column %s has a value twice in its dictionary" % column.name)


def _pack_column(column: Column | Numbers) -> tuple[dict[str, Any], bytes]:
    """Return the entry of a column in the header, and its data."""
    if isinstance(column, Numbers):
        return {"name": column.name, "kind": "numbers"}, column.values.astype("<f4").tobytes()
    if column.name == HASH:
        return {"name": column.name, "kind": "hashes"}, _pack_hashes(column)
    width, kind = next((width, kind) for width, kind in _WIDTHS if len(column.values) <= 256**width)
    entry = {"name": column.name, "kind": "codes", "width": width, "values": column.values}
    return entry, column.codes.astype(kind).tobytes()


def _pack_hashes(column: Column) -> bytes:
    """Return the hashes as five bytes for each row, in the order of the digits."""
    for value in column.values:
        if len(value) != _DIGITS or not set(value) <= set("0123456789abcdef"):
            raise ColumnError("column %s has %r, which is not %d hexadecimal digits" % (HASH, value, _DIGITS))
    table = np.frombuffer(bytes.fromhex("".join(column.values)), np.uint8).reshape(len(column.values), _DIGITS // 2)
    return bytes(table[column.codes])
