"""Tests of the state in the URL: links, the back button, the panel of one check, and saved files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from suites.browser.conftest import Open
from suites.browser.explorer_controls import count_checks, read_status, type_query, visible_column
from suites.browser.explorer_page import make_page
from suites.browser.sample_rows import AXES, case_hash, format_case_id, make_columns, make_sample_rows

ROWS = make_sample_rows()
GOOD = next(row for row in ROWS if row["category"] == "agree")


def test_a_copied_link_shows_the_same_view(open_page: Open) -> None:
    """The view is the query, order, page, comparison and columns."""
    first = open_page()
    type_query(first, "variant:eager OR variant:xla")
    first.locator("#explorer-head").get_by_role("button", name="seconds").click()
    first.locator("#explorer-pages").get_by_role("button", name="next").click()
    first.get_by_label("all columns").check()
    first.get_by_text("Compare two parameters").click()
    first.get_by_label("down").select_option("variant")
    seen = [first.locator(part).inner_text() for part in ("#explorer-status", ".checks", "#explorer-pivot")]
    second = open_page(at=first.url[first.url.index("#") :])
    second.locator("#explorer-rows tr").first.wait_for()
    assert [second.locator(part).inner_text() for part in ("#explorer-status", ".checks", "#explorer-pivot")] == seen


def test_the_back_button_returns_to_the_earlier_views(page: Page) -> None:
    """Each click is one step; text that is typed without a pause is one step."""
    page.locator("details[data-column=variant] .value", has_text="xla").click()
    query = page.locator("#explorer-query")
    # The keys have no pause between them: on a busy machine a pause may be long enough for a step.
    typed = """(line, text) => {
        for (const letter of text) {
            line.value += letter;
            line.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }
    }"""
    query.evaluate(typed, " padding:same")
    page.wait_for_url("**q=variant%3Axla+padding%3Asame*")
    page.locator("#explorer-head").get_by_role("button", name="seconds").click()
    page.go_back()
    expect(page.locator("[aria-sort]")).to_have_count(0)
    expect(query).to_have_value("variant:xla padding:same")
    page.go_back()
    expect(query).to_have_value("variant:xla")
    assert read_status(page) == count_checks([row for row in ROWS if row["variant"] == "xla"])
    page.go_back()
    assert read_status(page) == count_checks(ROWS)
    page.go_forward()
    expect(query).to_have_value("variant:xla")


def test_a_link_to_another_section_does_not_change_the_view(page: Page) -> None:
    """Such a link has no state of the explorer."""
    type_query(page, "variant:xla")
    page.get_by_role("link", name="elsewhere").click()
    expect(page.locator("#explorer-query")).to_have_value("variant:xla")
    assert read_status(page) == count_checks([row for row in ROWS if row["variant"] == "xla"])


@pytest.mark.parametrize("at", ["#case=%s", "#%s"])
def test_a_link_with_only_a_case_hash_opens_the_first_deviating_check(open_page: Open, at: str) -> None:
    """The other checks of the case are counted."""
    bad = next(row for row in ROWS if row["category"] == "mismatch")
    assert next(row for row in ROWS if format_case_id(row) == format_case_id(bad))["category"] == "agree"
    page = open_page(at=at % case_hash(bad))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(format_case_id(bad))
    expect(dialog.locator(".case-summary strong")).to_have_text("mismatch")
    others = sum(format_case_id(row) == format_case_id(bad) for row in ROWS) - 1
    expect(dialog).to_contain_text("The same case in %d other checks" % others)


def test_a_link_with_an_unknown_hash_shows_a_message(open_page: Open) -> None:
    """The message can be closed."""
    page = open_page(at="#case=ffffffffff")
    expect(page.get_by_role("dialog")).to_contain_text("No check of this page has the hash ffffffffff.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_deviating_check_shows_its_full_view(page: Page) -> None:
    """It is the view of the clicked row, for every query and order."""
    type_query(page, "listing:unlisted")
    page.locator("#explorer-head").get_by_role("button", name="seconds").click()
    page.locator("#explorer-rows tr").nth(3).click()
    dialog = page.get_by_role("dialog")
    number = min((row["seconds"], n) for n, row in enumerate(ROWS) if row["category"] == "mismatch")
    expected = sorted((row["seconds"], n) for n, row in enumerate(ROWS) if row["category"] == "mismatch")[3][1]
    assert expected != number[1]
    expect(dialog).to_contain_text("Check %d in full." % expected)
    expect(dialog.locator("em")).to_have_text("full")
    expect(dialog).to_contain_text("Check 4 of ")


def test_a_check_without_a_full_view_shows_parameters_and_commands(page: Page) -> None:
    """The commands have the options of the cell."""
    type_query(page, "id:" + format_case_id(GOOD))
    page.locator("#explorer-rows a").first.click()
    dialog = page.get_by_role("dialog")
    again = "KERAS_BACKEND=jax pytest suites/%s --subject keras3 --mode %s --device CPU:1 --switch=onednn=off --case %s"
    expect(dialog.get_by_label("command that runs the check again")).to_have_text(
        again % (GOOD["suite"], GOOD["variant"], format_case_id(GOOD))
    )
    explained = dialog.get_by_label("command that explains")
    expect(explained).to_have_text("python -m fixtures explain " + format_case_id(GOOD))
    expect(dialog).to_contain_text("output_padding")


def test_stored_models_are_checked_again_where_they_are(open_page: Open, tmp_path: Path) -> None:
    """The folder, quoted when the page was made; other suites do without."""
    cells = {"latest": {"subject": "a b", "stored": "'--artefacts=my models'"}}
    rows = [{**GOOD, "suite": suite, "seconds": 1.0} for suite in ("migration", "forward")]
    path = tmp_path / "stored.html"
    path.write_text(make_page(make_columns(rows), {}, AXES, cells), encoding="utf-8")
    for suite, further in (("migration", " '--artefacts=my models'"), ("forward", "")):
        page = open_page(path=path, at="#q=suite:" + suite)
        page.locator("#explorer-rows a").first.click()
        expect(page.get_by_label("command that runs the check again")).to_have_text(
            "pytest suites/%s --subject 'a b' --mode %s%s --case %s"
            % (suite, GOOD["variant"], further, format_case_id(GOOD))
        )


def test_previous_and_next_go_through_the_selected_checks(page: Page) -> None:
    """They stop at its ends, and the URL names the check."""
    type_query(page, "variant:xla padding:same suite:forward strides:1x1 dtype:float32")
    assert read_status(page).selected == 3
    page.locator("#explorer-head").get_by_role("button", name="seconds").click()
    expected = [row for row in ROWS if (row["variant"], row["padding"], row["suite"]) == ("xla", "same", "forward")]
    expected = [row for row in expected if (row["strides"], row["dtype"]) == ("1.1", "float32")]
    expected.sort(key=lambda row: float(row["seconds"]))
    page.locator("#explorer-rows a").first.click()
    dialog = page.get_by_role("dialog")
    before, after = (dialog.get_by_role("button", name=name) for name in ("previous", "next"))
    expect(before).to_be_disabled()
    for row in expected[1:]:
        after.click()
        expect(dialog.locator(".id code")).to_have_text(format_case_id(row))
    expect(dialog).to_contain_text("Check 3 of 3 selected")
    expect(after).to_be_disabled()
    before.click()
    expect(dialog).to_contain_text("Check 2 of 3 selected")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("dialog")).to_contain_text("Check 2 of 3 selected")


def test_closing_the_panel_returns_the_focus_to_its_row(page: Page) -> None:
    """Escape, the button and the back button close it."""
    link = page.locator("#explorer-rows a").nth(2)
    for close in ("Escape", "button", "back"):
        link.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        if close == "Escape":
            page.keyboard.press("Escape")
        elif close == "button":
            page.get_by_role("dialog").get_by_role("button", name="close").click()
        else:
            page.go_back()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page).not_to_have_url(re.compile("case="))
        expect(link).to_be_focused()


def download_text(page: Page, name: str, folder: Path) -> str:
    """Click a button and return the text of the file that it saves."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    path = folder / str(waiting.value.suggested_filename)
    waiting.value.save_as(path)
    return path.read_bytes().decode("utf-8")


def test_the_saved_csv_has_the_selected_checks_in_their_order(page: Page, tmp_path: Path) -> None:
    """It has all columns and the case id."""
    type_query(page, "listing:unlisted")
    page.locator("#explorer-head").get_by_role("button", name="seconds").click()
    rows = list(csv.DictReader(io.StringIO(download_text(page, "CSV", tmp_path), newline="")))
    expected = sorted((row for row in ROWS if row["category"] == "mismatch"), key=lambda row: float(row["seconds"]))
    assert [row["id"] for row in rows] == [format_case_id(row) for row in expected]
    assert [float(row["seconds"]) for row in rows] == [row["seconds"] for row in expected]
    for name in ("suite", "variant", "category", "cause", "padding"):
        assert [row[name] for row in rows] == [row[name] for row in expected]
    assert [row["strides"] for row in rows] == [row["strides"].replace(".", "x") for row in expected]
    assert [row["hash"] for row in rows] == [case_hash(row) for row in expected]
    assert len(visible_column(page, "category")) == len(rows)


def test_the_saved_ids_have_each_selected_case_once(page: Page, tmp_path: Path) -> None:
    """The file has one id a line for --case=@FILE, and comments with the commands."""
    type_query(page, "variant:eager")
    saved_lines = download_text(page, "ids for", tmp_path).splitlines()
    commands, lines = ([line for line in saved_lines if line.startswith("#") == is_one] for is_one in (True, False))
    assert len(commands) == len({row["cell"] for row in ROWS if row["variant"] == "eager"})
    assert all(
        re.match("# (KERAS_BACKEND=jax )?pytest suites/", line) and line.endswith(" --case=@cases.txt")
        for line in commands
    )
    assert all("--mode eager " in line for line in commands)
    assert sorted(lines) == sorted({format_case_id(row) for row in ROWS if row["variant"] == "eager"})
