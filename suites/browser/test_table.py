"""The table of checks, the parameters beside it, and the comparison of two."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from suites.browser.reading import count_checks, read_status, type_query, visible_column
from suites.browser.sample_rows import make_sample_rows

ROWS = make_sample_rows()
PAGE = 50
NOTHING = "\N{EN DASH}"


def format_axis_value(value: str) -> str:
    """A value of an axis as the page has it."""
    return value.replace(".", "x").replace("m", "-")


def turn_page(page: Page, name: str) -> None:
    """Turns the page."""
    page.locator("#explorer-pages").get_by_role("button", name=name, exact=True).click()


def test_a_page_has_fifty_rows_and_the_last_one_the_rest(page: Page) -> None:
    """All of them are reached, each once."""
    sizes = [page.locator("#explorer-rows tr").count()]
    while page.locator("#explorer-pages").get_by_role("button", name="next", exact=True).is_enabled():
        turn_page(page, "next")
        sizes.append(page.locator("#explorer-rows tr").count())
    assert sum(sizes) == len(ROWS)
    assert set(sizes[:-1]) == {PAGE}
    turn_page(page, "first")
    expect(page.locator("#explorer-pages")).to_contain_text("page 1 of %d" % len(sizes))
    turn_page(page, "last")
    expect(page.locator("#explorer-pages")).to_contain_text("page %d of %d" % (len(sizes), len(sizes)))
    turn_page(page, "previous")
    assert page.locator("#explorer-rows tr").count() == PAGE


def test_sorts_numbers_by_size_and_leaves_the_missing_one_for_the_end(page: Page) -> None:
    """Up, down, and back to the order of the run."""
    type_query(page, "suite:forward variant:eager padding:valid")
    expected = [row["seconds"] for row in ROWS[:54] if (row["variant"], row["padding"]) == ("eager", "valid")]
    numbers = [value for value in expected if value == value]
    head = page.locator("#explorer-head")
    before = visible_column(page, "seconds")
    head.get_by_role("button", name="seconds").click()
    assert [float(text) for text in visible_column(page, "seconds") if text != NOTHING] == sorted(numbers)
    expect(head.locator("[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button", name="seconds").click()
    assert [float(text) for text in visible_column(page, "seconds") if text != NOTHING] == sorted(numbers, reverse=True)
    expect(head.locator("[aria-sort]")).to_have_attribute("aria-sort", "descending")
    type_query(page, "")
    last = page.locator("#explorer-pages").get_by_role("button", name="last", exact=True)
    last.click()
    assert visible_column(page, "seconds")[-1] == NOTHING
    type_query(page, "suite:forward variant:eager padding:valid")
    head.get_by_role("button", name="seconds").click()
    expect(head.locator("[aria-sort]")).to_have_count(0)
    assert visible_column(page, "seconds") == before


def test_sorts_tuples_by_their_numbers(page: Page) -> None:
    """3x2 stands before 3x10."""
    type_query(page, "variant:eager suite:gradients strides:1x1 dtype:float32")
    page.locator("#explorer-head").get_by_role("button", name="kernel_size").click()
    assert visible_column(page, "kernel_size") == ["1x1", "1x1", "3x2", "3x2", "3x10", "3x10"]


def test_a_sort_keeps_the_order_of_what_is_equal(page: Page) -> None:
    """The rows of one padding stay in the order of the run."""
    type_query(page, "variant:eager suite:forward strides:1x1 dtype:float32")
    page.locator("#explorer-head").get_by_role("button", name="padding", exact=True).click()
    assert visible_column(page, "padding") == sorted(visible_column(page, "padding"))
    assert visible_column(page, "kernel_size")[:3] == ["1x1", "3x2", "3x10"]


def test_all_columns_are_shown_on_request(page: Page) -> None:
    """Those that say little are left out first, and come back."""
    few = page.locator("#explorer-head th").all_inner_texts()
    page.get_by_label("all columns").check()
    every = page.locator("#explorer-head th").all_inner_texts()
    assert set(few) < set(every)
    assert {"verdict", "property", "hash", "activation", "diagnosis"} <= set(every) - set(few)
    assert len(every) == 3 + 13 + 6 + 2


@pytest.mark.parametrize("name", ["padding", "stride_w", "dtype"])
def test_a_parameter_counts_its_values(page: Page, name: str) -> None:
    """In the selection, not in all checks."""
    type_query(page, "variant:eager rank:2")
    page.locator("details[data-column=%s] summary" % name).click()
    found = page.locator("details[data-column=%s] li .value" % name).all_inner_texts()
    own = {"stride_w": "strides"}.get(name, name)
    values = [row[own] for row in ROWS if row["variant"] == "eager" and row["size"] == "4.5"]
    values = [text.split(".")[-1] if name == "stride_w" else text.replace(".", "_") for text in values]
    expected = {value: values.count(value) for value in values}
    assert {text.split()[0]: int(text.split()[1].replace(",", "")) for text in found} == expected


def test_a_value_is_selected_and_no_longer(page: Page) -> None:
    """By clicks on it, which write the query."""
    box = page.locator("details[data-column=variant]")
    box.locator(".value", has_text="xla").click()
    expect(page.locator("#explorer-query")).to_have_value("variant:xla")
    assert read_status(page) == count_checks([row for row in ROWS if row["variant"] == "xla"])
    expect(box.locator(".value", has_text="xla")).to_have_attribute("aria-pressed", "true")
    page.locator("details[data-column=suite] .value", has_text="gradients").click()
    expect(page.locator("#explorer-query")).to_have_value("variant:xla suite:gradients")
    box.locator(".value", has_text="xla").click()
    expect(page.locator("#explorer-query")).to_have_value("suite:gradients")
    assert read_status(page) == count_checks([row for row in ROWS if row["suite"] == "gradients"])


def test_a_value_is_left_out(page: Page) -> None:
    """Stays in the list, struck out, and can be had back."""
    leave = page.get_by_role("button", name="leave out variant xla")
    leave.click()
    expect(page.locator("#explorer-query")).to_have_value("-variant:xla")
    assert read_status(page) == count_checks([row for row in ROWS if row["variant"] != "xla"])
    expect(leave).to_have_attribute("aria-pressed", "true")
    expect(leave).to_be_focused()
    leave.click()
    assert read_status(page) == count_checks(ROWS)


def test_a_click_keeps_what_was_typed(page: Page) -> None:
    """An OR goes into parentheses, quotes and escapes stay."""
    type_query(page, 'variant:eager OR cause:"wrong values"')
    page.locator("details[data-column=suite] .value", has_text="forward").click()
    expect(page.locator("#explorer-query")).to_have_value('(variant:eager OR cause:"wrong values") suite:forward')
    expected = [row for row in ROWS if row["variant"] == "eager" or row["cause"].startswith("wrong values")]
    assert read_status(page) == count_checks([row for row in expected if row["suite"] == "forward"])


def test_a_value_that_is_a_word_of_another_is_matched_exactly(page: Page) -> None:
    """Strides of 2 (rank 1) are not 2x2, though strides:2 is both."""
    page.locator("details[data-column=strides] summary").click()
    value = page.locator("details[data-column=strides] .value", has=page.get_by_text("2", exact=True))
    value.click()
    assert read_status(page).selected == sum(row["strides"] == "2" for row in ROWS) == 1


def test_compares_two_parameters(page: Page) -> None:
    """Every field says how many of how many deviate, and a click narrows to it."""
    page.get_by_text("Compare two parameters").click()
    page.get_by_label("down").select_option("kernel_size")
    page.get_by_label("across").select_option("padding")
    for unlisted in (False, True):
        page.get_by_label("only deviations that are not listed").set_checked(unlisted)
        for kernel in ("1.1", "3.2", "3.10"):
            for padding in ("valid", "same"):
                rows = [row for row in ROWS if (row["kernel_size"], row["padding"]) == (kernel, padding)]
                found = count_checks(rows)
                name = "%d/%d deviate: kernel_size %s, padding %s"
                bad = found.unlisted if unlisted else found.deviating
                label = name % (bad, len(rows), format_axis_value(kernel), padding)
                field = page.get_by_role("button", name=label, exact=True)
                expect(field).to_have_text("%d/%d" % (bad, len(rows)))
    page.get_by_role("button", name=re.compile("kernel_size 3x2, padding same$")).click()
    expected = [row for row in ROWS if (row["kernel_size"], row["padding"]) == ("3.2", "same")]
    assert read_status(page) == count_checks(expected)


def test_a_field_without_checks_says_so(page: Page) -> None:
    """A zero of zero is not a good sign."""
    page.goto(page.url + "#pivot=size,padding")
    expect(page.locator(".heat .none span").first).to_have_attribute("aria-label", "not checked")


def test_examples_select_something(page: Page) -> None:
    """Three of them, each a query that can be read."""
    buttons = page.locator("#explorer-examples button")
    assert buttons.count() == 3
    for number in range(3):
        buttons.nth(number).click()
        assert 0 < read_status(page).selected < len(ROWS)
    page.get_by_role("button", name="clear").click()
    assert read_status(page).selected == len(ROWS)
