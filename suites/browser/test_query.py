"""Tests of queries: each selects the same checks as the same condition in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from suites.browser.explorer_controls import count_checks, query_error, read_status, type_query
from suites.browser.sample_rows import Check, case_hash, format_case_id, make_sample_rows

ROWS = make_sample_rows()
ODD = ROWS[40]


def read_lengths(row: Check, name: str) -> list[int]:
    """Return the numbers in a check's value of this axis."""
    return [int(text.replace("m", "-")) for text in row[name].split(".") if text != "none"]


QUERIES: dict[str, Callable[[Check], Any]] = {
    "": lambda row: True,
    "padding:same": lambda row: row["padding"] == "same",
    "pad:same": lambda row: row["padding"] == "same",
    "PADDING:SAME": lambda row: row["padding"] == "same",
    "padding:same variant:eager": lambda row: row["padding"] == "same" and row["variant"] == "eager",
    "padding:same AND variant:eager": lambda row: row["padding"] == "same" and row["variant"] == "eager",
    "variant:eager OR variant:xla": lambda row: row["variant"] in ("eager", "xla"),
    "(variant:eager OR variant:xla) padding:same": lambda row: (
        row["variant"] in ("eager", "xla") and row["padding"] == "same"
    ),
    "NOT variant:eager": lambda row: row["variant"] != "eager",
    "-variant:eager": lambda row: row["variant"] != "eager",
    "-variant:eager -variant:xla": lambda row: row["variant"] == "graph",
    "NOT (variant:eager OR padding:same)": lambda row: row["variant"] != "eager" and row["padding"] != "same",
    "strides:2x3": lambda row: row["strides"] == "2.3",
    "strides:2.3": lambda row: row["strides"] == "2.3",
    "strides:2": lambda row: row["strides"] in ("2", "2.2"),
    "strides:=2": lambda row: row["strides"] == "2",
    "stride:>2": lambda row: max(read_lengths(row, "strides")) > 2,
    "stride_h:>1": lambda row: len(read_lengths(row, "strides")) > 1 and read_lengths(row, "strides")[-2] > 1,
    "stride_w:>=3": lambda row: read_lengths(row, "strides")[-1] >= 3,
    "stride_w:<2": lambda row: read_lengths(row, "strides")[-1] < 2,
    "stride_d:1": lambda row: row["strides"] == "1.2.3",
    "kernel_w:[2 TO 3]": lambda row: 2 <= read_lengths(row, "kernel_size")[-1] <= 3,
    "kernel_w:{2 TO 10]": lambda row: 2 < read_lengths(row, "kernel_size")[-1] <= 10,
    "input_w:5": lambda row: read_lengths(row, "size")[-1] == 5,
    "input:4x5": lambda row: row["size"] == "4.5",
    "rank:1": lambda row: row["size"] == "7",
    "rank:>2": lambda row: row["size"] == "4.5.6",
    "output_padding:none": lambda row: row["output_padding"] == "none",
    "output_padding_h:-1": lambda row: row["output_padding"] == "m1.0",
    "output_padding:<0": lambda row: row["output_padding"] == "m1.0",
    "dtype:float16": lambda row: row["dtype"] == "float16",
    "dtype:mixed_float16": lambda row: row["dtype"] == "mixed.float16",
    "dtype:mixed.float16": lambda row: row["dtype"] == "mixed.float16",
    "dtype:*float16": lambda row: row["dtype"].endswith("float16"),
    "dtype:float?6": lambda row: row["dtype"] == "float16",
    "data_format:channels_first": lambda row: row["data_format"] == "first",
    "data_format:first": lambda row: row["data_format"] == "first",
    "seconds:>6": lambda row: row["seconds"] > 6,
    "seconds:6.25": lambda row: row["seconds"] == 6.25,
    "-seconds:>=0": lambda row: row["seconds"] != row["seconds"],
    "listing:unlisted": lambda row: row["category"] == "mismatch",
    "-listing:fine": lambda row: row["category"] != "agree",
    "listing:lost": lambda row: row["category"] == "not-run",
    "cell:old": lambda row: row["cell"] == "old",
    "padding:same or variant:xla": lambda row: row["padding"] == "same" or row["variant"] == "xla",
    "not (padding:same and variant:xla)": lambda row: not (row["padding"] == "same" and row["variant"] == "xla"),
    'cause:"no or not"': lambda row: False,
    "cause:values": lambda row: row["cause"] == "wrong values, a flip",
    "cause:value": lambda row: False,
    'cause:"wrong values"': lambda row: row["cause"] == "wrong values, a flip",
    'cause:="wrong values"': lambda row: False,
    'cause:""': lambda row: row["cause"] == "",
    "cause:/^no .* hand$/": lambda row: row["cause"] == "no compiler at hand",
    "compiler": lambda row: "compiler" in row["cause"],
    '"a flip"': lambda row: "a flip" in row["cause"],
    "EVEN": lambda row: "even" in row["cause"],
    "nothing-has-this": lambda row: False,
    format_case_id(ODD): lambda row: format_case_id(row) == format_case_id(ODD),
    "id:" + format_case_id(ODD): lambda row: format_case_id(row) == format_case_id(ODD),
    "id:b2-i4.5-c3-f2-k3.2": lambda row: row["size"] == "4.5" and row["kernel_size"] == "3.2",
    case_hash(ODD): lambda row: case_hash(row) == case_hash(ODD),
    "hash:" + case_hash(ODD)[:7]: lambda row: case_hash(row).startswith(case_hash(ODD)[:7]),
}


@pytest.fixture(scope="module")
def query_page(browser: Browser, sample_page: Any) -> Iterator[Page]:
    """Yield one page for all queries; each query must be independent of the one before."""
    page = browser.new_page()
    page.goto(sample_page.as_uri())
    page.locator("#explorer-rows tr").first.wait_for()
    yield page
    page.close()


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_selects_the_checks_of_its_condition(query_page: Page, query: str) -> None:
    """The numbers of selected, deviating and new checks are compared."""
    type_query(query_page, query)
    assert query_error(query_page) == ""
    assert read_status(query_page) == count_checks([row for row in ROWS if QUERIES[query](row)])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("paddding:same", "There is no field paddding; the nearest is padding."),
        ("d:1", "d could be dilation_rate, data_format, dtype, diagnosis, deviation: write more of it."),
        ("padding:>1", "padding has no numbers to compare; write padding: and a value."),
        ("stride_h:>many", ":> needs a number, not many."),
        ("seconds:soon", "seconds has numbers: write seconds:>1, for example."),
        ("padding:", "padding: asks for nothing yet; write a value."),
        ("(padding:same", "The query is not finished: something is missing at its end."),
        ("padding:same)", 'The query cannot be read from “)” on; put what is not a plain word into "quotes".'),
        ("hash:xyz", "“xyz” is neither the beginning of a hash nor of a case's id."),
        ("cause:/(/", "/(/ is not a regular expression."),
    ],
)
def test_a_wrong_query_shows_an_error_and_leaves_the_table_unchanged(
    query_page: Page, query: str, sentence: str
) -> None:
    """The error is one sentence."""
    type_query(query_page, "variant:graph")
    before = read_status(query_page), query_page.locator("#explorer-rows").inner_text()
    type_query(query_page, query)
    assert query_error(query_page) == sentence
    assert (read_status(query_page), query_page.locator("#explorer-rows").inner_text()) == before
    assert query_page.locator("#explorer-query").get_attribute("aria-invalid") == "true"
    type_query(query_page, "variant:xla")
    assert query_error(query_page) == ""
    assert read_status(query_page) == count_checks([row for row in ROWS if row["variant"] == "xla"])
