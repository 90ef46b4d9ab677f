"""Tests of the table of checks, of the lists of parameter values, and of the comparison of two parameters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from suites.browser.explorer_controls import count_checks, read_status, type_query, visible_column
from suites.browser.sample_rows import make_sample_rows

ROWS = make_sample_rows()
PAGE = 50
NOTHING = "\N{EN DASH}"


def format_axis_value(value: str) -> str:
    """Return a value of an axis as the page writes it."""
    return value.replace(".", "x").replace("m", "-")


def turn_page(page: Page, name: str) -> None:
    """Click one of the buttons that turn the table's page."""
    page.locator("#explorer-pages").get_by_role("button", name=name, exact=True).click()


def test_the_table_has_fifty_rows_a_page_and_the_rest_on_the_last(page: Page) -> None:
    """Every check is on one page."""
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


def test_numbers_are_sorted_by_size_with_missing_ones_last(page: Page) -> None:
    """Three clicks sort up, down, and not at all."""
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


def test_tuples_are_sorted_by_their_numbers(page: Page) -> None:
    """3x2 comes before 3x10."""
    type_query(page, "variant:eager suite:gradients strides:1x1 dtype:float32")
    page.locator("#explorer-head").get_by_role("button", name="kernel_size").click()
    assert visible_column(page, "kernel_size") == ["1x1", "1x1", "3x2", "3x2", "3x10", "3x10"]


def test_sorting_keeps_the_order_of_equal_rows(page: Page) -> None:
    """Rows with the same padding stay in their order."""
    type_query(page, "variant:eager suite:forward strides:1x1 dtype:float32")
    page.locator("#explorer-head").get_by_role("button", name="padding", exact=True).click()
    assert visible_column(page, "padding") == sorted(visible_column(page, "padding"))
    assert visible_column(page, "kernel_size")[:3] == ["1x1", "3x2", "3x10"]


def test_the_option_all_columns_shows_the_hidden_columns(page: Page) -> None:
    """Columns with little information are hidden at first."""
    few = page.locator("#explorer-head th").all_inner_texts()
    page.get_by_label("all columns").check()
    every = page.locator("#explorer-head th").all_inner_texts()
    assert set(few) < set(every)
    assert {"verdict", "property", "hash", "activation", "diagnosis"} <= set(every) - set(few)
    assert len(every) == 3 + 13 + 6 + 2


@pytest.mark.parametrize("name", ["padding", "stride_w", "dtype"])
def test_the_list_of_a_parameter_counts_its_values_in_the_selection(page: Page, name: str) -> None:
    """Checks outside the selection do not count."""
    type_query(page, "variant:eager rank:2")
    page.locator("details[data-column=%s] summary" % name).click()
    found = page.locator("details[data-column=%s] li .value" % name).all_inner_texts()
    own = {"stride_w": "strides"}.get(name, name)
    values = [row[own] for row in ROWS if row["variant"] == "eager" and row["size"] == "4.5"]
    values = [text.split(".")[-1] if name == "stride_w" else text.replace(".", "_") for text in values]
    expected = {value: values.count(value) for value in values}
    assert {text.split()[0]: int(text.split()[1].replace(",", "")) for text in found} == expected


def test_a_click_on_a_value_adds_it_to_the_query_or_removes_it(page: Page) -> None:
    """The query text changes with each click."""
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


def test_a_value_can_be_left_out_and_restored(page: Page) -> None:
    """It stays in the list, struck out."""
    leave = page.get_by_role("button", name="leave out variant xla")
    leave.click()
    expect(page.locator("#explorer-query")).to_have_value("-variant:xla")
    assert read_status(page) == count_checks([row for row in ROWS if row["variant"] != "xla"])
    expect(leave).to_have_attribute("aria-pressed", "true")
    expect(leave).to_be_focused()
    leave.click()
    assert read_status(page) == count_checks(ROWS)


def test_a_click_on_a_value_extends_the_typed_query(page: Page) -> None:
    """An OR gets parentheses; quotes and escapes stay."""
    type_query(page, 'variant:eager OR cause:"wrong values"')
    page.locator("details[data-column=suite] .value", has_text="forward").click()
    expect(page.locator("#explorer-query")).to_have_value('(variant:eager OR cause:"wrong values") suite:forward')
    expected = [row for row in ROWS if row["variant"] == "eager" or row["cause"].startswith("wrong values")]
    assert read_status(page) == count_checks([row for row in expected if row["suite"] == "forward"])


def test_a_click_on_a_value_selects_exactly_this_value(page: Page) -> None:
    """Strides of 2 in one dimension are not 2x2, although the query strides:2 finds both."""
    page.locator("details[data-column=strides] summary").click()
    value = page.locator("details[data-column=strides] .value", has=page.get_by_text("2", exact=True))
    value.click()
    assert read_status(page).selected == sum(row["strides"] == "2" for row in ROWS) == 1


def test_the_comparison_of_two_parameters_counts_deviating_checks(page: Page) -> None:
    """A click on a field selects its checks."""
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


def test_a_field_of_the_comparison_without_checks_is_marked(page: Page) -> None:
    """Zero of zero checks is not a good result."""
    page.goto(page.url + "#pivot=size,padding")
    expect(page.locator(".heat .none span").first).to_have_attribute("aria-label", "not checked")


def test_each_example_query_selects_checks(page: Page) -> None:
    """There are three, and each can be parsed."""
    buttons = page.locator("#explorer-examples button")
    assert buttons.count() == 3
    for number in range(3):
        buttons.nth(number).click()
        assert 0 < read_status(page).selected < len(ROWS)
    page.get_by_role("button", name="clear").click()
    assert read_status(page).selected == len(ROWS)
