"""Tests of packed columns: they are unpacked with Python's standard library and compared."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from typing import Any

import numpy as np
import pytest

from reports.page.packed_columns import Column, ColumnError, Numbers, pack_columns
from suites.browser.explorer_page import make_page
from suites.browser.sample_rows import AXES, CELLS, make_columns, make_sample_rows


def unpack_columns(text: str) -> dict[str, list[Any]]:
    """Return the columns by name, unpacked from the format that the docstring of ``pack_columns`` describes."""
    data = gzip.decompress(base64.b64decode(text))
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    at, found = 4 + length, {}
    for entry in header["columns"]:
        size = {"codes": entry.get("width"), "hashes": 5, "numbers": 4}[entry["kind"]]
        cells = [data[at + size * row : at + size * (row + 1)] for row in range(header["rows"])]
        at += size * header["rows"]
        if entry["kind"] == "codes":
            found[entry["name"]] = [entry["values"][int.from_bytes(cell, "little")] for cell in cells]
        elif entry["kind"] == "hashes":
            found[entry["name"]] = [cell.hex() for cell in cells]
        else:
            found[entry["name"]] = [struct.unpack("<f", cell)[0] for cell in cells]
    assert at == len(data)
    return found


def make_word_column(name: str, number: int) -> Column:
    """Return a column with as many distinct values as rows."""
    return Column(name, ["value %d" % value for value in range(number)], np.arange(number, dtype=np.uint32)[::-1])


@pytest.mark.parametrize(("number", "width"), [(1, 1), (256, 1), (257, 2), (65536, 2), (65537, 4)])
def test_packed_codes_have_the_smallest_width(number: int, width: int) -> None:
    """Each row still has its value."""
    text = pack_columns([make_word_column("word", number)])
    data = gzip.decompress(base64.b64decode(text))
    (length,) = struct.unpack_from("<I", data)
    assert len(data) == 4 + length + width * number
    assert unpack_columns(text)["word"] == ["value %d" % value for value in reversed(range(number))]


def test_packed_words_numbers_and_hashes_are_unpacked_unchanged() -> None:
    """Words may have any characters."""
    hashes = Column("hash", ["00000000ff", "0123456789"], np.array([1, 0, 1], np.uint8))
    odd = Column("odd", ["\ud83d", "</script>", "\N{SNOWMAN}"], np.array([2, 1, 0], np.uint8))
    numbers = Numbers("seconds", np.array([0.5, 3, -1], np.float32))
    found = unpack_columns(pack_columns([hashes, odd, numbers]))
    assert found["hash"] == ["0123456789", "00000000ff", "0123456789"]
    assert found["odd"] == ["\N{SNOWMAN}", "</script>", "\ud83d"]
    assert found["seconds"] == [0.5, 3, -1]


def test_the_same_columns_give_the_same_bytes() -> None:
    """A page that is built again is identical."""
    rows = make_sample_rows()
    assert pack_columns(make_columns(rows)) == pack_columns(make_columns(rows))
    assert make_page(make_columns(rows), {}, AXES, CELLS) == make_page(make_columns(rows), {}, AXES, CELLS)


ONE = Column("word", ["a"], np.array([0, 0], np.uint8))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "there is no column to pack"),
        ([ONE, ONE], "two columns have the name word"),
        ([ONE, make_word_column("other", 3)], "column other has 3 rows, word has 2"),
        ([Column("word", ["a"], np.array([1], np.uint8))], "column word has the code 1, but only 1 values"),
        ([Column("word", ["a", "a"], np.array([1], np.uint8))], "column word has a value twice in its dictionary"),
        (
            [Column("word", ["a"], np.array([0], np.int64))],
            "the codes of column word are int64, not unsigned integers",
        ),
        (
            [Column("hash", ["0123"], np.array([0], np.uint8))],
            "column hash has '0123', which is not 10 hexadecimal digits",
        ),
    ],
)
def test_columns_that_form_no_table_are_refused(given: list[Column | Numbers], sentence: str) -> None:
    """The message names the column."""
    with pytest.raises(ColumnError) as refused:
        pack_columns(given)
    assert str(refused.value) == sentence
