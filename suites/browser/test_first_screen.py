"""Tests of the first screen and of the causes in full: numbers that lead to their checks, copies, permalinks, cards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from reports.__main__ import main
from suites.browser.conftest import Open
from suites.browser.explorer_controls import read_status, wait_until
from suites.browser.sample_pages import rows_of_numpy_layer, write_ledger

SNIPPET = """import keras
import numpy as np
rng = np.random.RandomState(7)
try:
    layer = keras.layers.Conv2DTranspose(filters=3, kernel_size=(2, 2), strides=(1, 1))
    layer.build((1, 3, 4, 1))
    observed = {'output': layer(np.zeros((1, 3, 4, 1)))}
except Exception as error:
    print(error)
print('mismatch: yes')
"""
CODE = "keras.layers.Conv2DTranspose(filters=3, kernel_size=(2, 2))"
KNOWN = (
    ("silent", "wrong-values", "Numbers are <b>wrong</b>"),
    ("dead", "process-death", "The process ends"),
    ("late", "unclear-refusal", "A refusal comes late"),
)


def make_entry(name: str, severity: str, title: str) -> dict[str, Any]:
    """Return a known deviation as a run's first line has it."""
    facts = {"because": "It is so.", "link": "", "when": "use_bias", "versions": {"keras": ">=3.7"}, "isa": []}
    return {
        "name": name,
        **facts,
        "processor": [],
        "cause": name,
        "title": title,
        "severity": severity,
        "owner": "oneDNN",
    }


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the paths of a page with known and unlisted causes, and of one with twenty cells."""
    folder = tmp_path_factory.mktemp("first")
    rows = rows_of_numpy_layer("numpy_layer:crop-other-side", 40)
    failing = [row for row in rows if row["verdict"] != "agree" and row["suite"] == "forward"]
    for number, row in enumerate(failing):
        row.update(snippet=SNIPPET, known_deviation=[None, "silent", "dead", "late"][number % 4])
        row["expected"]["entries"] = row["expected"].get("entries") or [{"at": [0, 0, 0, 0], "value": 1.0}]
    facts: dict[str, Any] = {"known_deviations": [make_entry(*one) for one in KNOWN], "keras": "3.15.1"}
    facts["started"] = "2026-11-29T21:27:58+00:00"
    one = write_ledger(folder / "one.jsonl", rows, "numpy_layer", **facts)
    cells = [one]
    for number in range(19):
        some = [row for row in rows if row["suite"] == "forward"] if number < 10 else rows[-20:]
        path = folder / ("cell-%02d.jsonl" % number)
        cells.append(write_ledger(path, some, "numpy_layer", **{**facts, "keras": "3.%d.0" % number}))
    text = cells[-1].read_text(encoding="utf-8").splitlines(keepends=True)
    cells[-1].write_text("".join(text[:-1]), encoding="utf-8")
    found = {"one": folder / "one.html", "matrix": folder / "matrix.html"}
    assert main(["build", str(one), "-o", str(found["one"])]) == 0
    assert main(["build", *map(str, cells), "-o", str(found["matrix"])]) == 0
    return found


def test_the_first_screen_answers_without_scrolling(open_page: Open, pages: dict[str, Path]) -> None:
    """It has the verdict, the environment, the unlisted causes, and the known ones in one line."""
    page = open_page(path=pages["one"])
    for place in (
        page.locator(".category"),
        page.locator(".where", has_text="Keras 3.15.1"),
        page.locator("table.causes").first,
        page.get_by_text(
            re.compile(r"^3 known causes: 1 process death, 1 with silently wrong numbers, 1 late or unclear refusal")
        ),
    ):
        box = place.bounding_box()
        assert box is not None and box["y"] < 800
    expect(page.locator(".category")).to_contain_text("unlisted cause")
    expect(page.get_by_role("link", name="Numbers are <b>wrong</b>").first).to_be_visible()
    summary = page.locator("section:has(> #summary)")
    expect(summary.get_by_role("link", name="The process ends").first).to_be_visible()
    grave = summary.locator("table.causes", has_text="Numbers are").locator("tbody th a")
    assert grave.all_inner_texts() == ["The process ends", "Numbers are <b>wrong</b>"]
    expect(summary.get_by_role("link", name="A refusal comes late")).to_have_count(0)  # behind the line of the others


def test_every_number_of_the_first_screen_selects_so_many_checks(open_page: Open, pages: dict[str, Path]) -> None:
    """These are the numbers of the causes, of the totals and of the map."""
    page = open_page(path=pages["one"])
    page.locator("#explorer-rows tr").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    links = page.locator("section:has(> #summary) a[href^='#q=']")
    assert links.count() >= 10
    for link in links.all():
        words = link.inner_text()
        numbers = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", words)]
        expected = (numbers[0] or numbers[1]) if " of " in words else numbers[0]
        link.click()
        number = "(document.getElementById('explorer-status').textContent.match(/[\\d,]+/) || [''])[0].replace(',', '')"
        wait_until(page, "%s === '%d'" % (number, expected))
    assert read_status(page).selected > 0


def test_the_buttons_copy_the_code_and_the_issue(open_page: Open, pages: dict[str, Path]) -> None:
    """What is copied is the text of the page, and the button says that it copied."""
    page = open_page(path=pages["one"], permissions=["clipboard-read", "clipboard-write"])
    row = page.locator("table.causes tbody tr").first
    for name, part in (("copy reproduction", CODE), ("copy as GitHub issue", "**Describe the current behavior**")):
        button = row.get_by_role("button", name=name)
        button.click()
        expect(row.get_by_role("button", name="copied")).to_be_visible()
        text = str(page.evaluate("navigator.clipboard.readText()"))
        assert part in text and "<" not in text.split("\n")[0]
        expect(row.get_by_role("button", name=name)).to_be_visible()


def test_without_the_clipboard_the_text_is_selected(open_page: Open, pages: dict[str, Path]) -> None:
    """The reader copies it with the keyboard."""
    page = open_page(path=pages["one"])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="copy reproduction").first.click()
    expect(page.get_by_role("button", name="press Ctrl+C")).to_be_visible()
    assert CODE in str(page.evaluate("getSelection().toString()"))


def test_a_permalink_opens_its_cause(open_page: Open, pages: dict[str, Path]) -> None:
    """It does so on another page load too, and the title leads to the same place."""
    page = open_page(path=pages["one"])
    address = str(page.get_by_role("link", name="Permalink: Numbers are").get_attribute("href"))
    assert address == "#cause=numbers-are-b-wrong-b"
    again = open_page(path=pages["one"], at=address)
    cause = again.locator("[id='%s']" % address[1:])
    expect(cause).to_be_in_viewport()
    assert cause.evaluate("(fold) => fold.open")
    assert page.locator("tbody th a[href='%s']" % address).count() == 1


def test_a_page_without_an_earlier_run_never_says_new(open_page: Open, pages: dict[str, Path]) -> None:
    """It does not say "since the previous run" either."""
    for name in ("one", "matrix"):
        page = open_page(path=pages[name])
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        sections = page.locator("section:has(> #summary), section:has(> #matrix), section:has(> #causes)")
        text = " ".join(sections.all_inner_texts()).lower()
        assert len(text) > 1000 and not re.search(r"\bnew\b|since the previous run", text)


def test_causes_are_cards_on_a_phone(open_page: Open, pages: dict[str, Path]) -> None:
    """Each fact has its name, and nothing is wider than the screen."""
    page = open_page(path=pages["one"], width=360)
    row = page.locator("table.causes tbody tr").first
    assert row.evaluate("(row) => getComputedStyle(row).display") == "flex"
    fact = row.locator("td[data-label='since']")
    assert "since" in str(fact.evaluate("(cell) => getComputedStyle(cell, '::before').content"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_environment_of_a_quick_run_is_short_on_a_phone(open_page: Open, tmp_path: Path) -> None:
    """What the tier covers is a long sentence, which only the section Environment has."""
    selection: dict[str, Any] = {"cell": "Keras 9", "checks": [1410, 16470], "causes": [7, 8], "refused": [4, 4]}
    selection.update(seconds=[9, 90], faults=[129, 130], pairs=[2000, 2770])
    rows = rows_of_numpy_layer("numpy_layer", 1)
    run = write_ledger(tmp_path / "quick.jsonl", rows, "numpy_layer", tier="quick", selection=selection)
    assert main(["build", str(run), "-o", str(tmp_path / "quick.html")]) == 0
    page = open_page(path=tmp_path / "quick.html", width=360)
    where = page.locator(".where")
    expect(where).to_contain_text("tier quick")
    lines = where.evaluate("(line) => line.clientHeight / parseFloat(getComputedStyle(line).lineHeight)")
    assert lines < 6
    expect(page.locator("section:has(> #environment)")).to_contain_text("1,410 of 16,470 checks of the standard tier")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_navigation_stays_and_marks_the_section(open_page: Open, pages: dict[str, Path], width: int) -> None:
    """It is one line on a phone too."""
    page = open_page(path=pages["one"], width=width)
    page.locator("#environment").evaluate("(place) => place.scrollIntoView()")
    bar = page.locator("nav.sections")
    box = bar.bounding_box()
    assert box is not None and -1 <= box["y"] <= 1 and box["height"] < 60
    page.locator("#causes").evaluate("(place) => place.scrollIntoView()")
    expect(bar.locator("a[href='#causes']")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("width", [360, 768])
def test_a_navigation_that_is_cut_off_says_so_and_can_be_moved(
    open_page: Open, pages: dict[str, Path], width: int
) -> None:
    """An arrow shows that it goes on; at its end there is one back, and none if everything fits."""
    page = open_page(path=pages["one"], width=width)
    bar = page.locator("nav.sections")
    further, earlier = (bar.get_by_role("button", name=name) for name in ("Further sections", "Earlier sections"))
    last = bar.locator("a").last
    expect(further).to_be_visible()
    expect(earlier).to_be_hidden()
    expect(last).not_to_be_in_viewport()
    for _ in range(12):
        if not further.is_visible():
            break
        further.click()
        page.wait_for_timeout(600)  # it moves smoothly
    expect(further).to_be_hidden()
    expect(last).to_be_in_viewport(ratio=0.99)
    expect(earlier).to_be_visible()


def test_the_navigation_follows_the_section_on_a_phone(open_page: Open, pages: dict[str, Path]) -> None:
    """The link of the section on the screen is visible."""
    page = open_page(path=pages["one"], width=360)
    page.locator("#environment").evaluate("(place) => place.scrollIntoView()")
    expect(page.locator("nav.sections a[aria-current]").last).to_be_in_viewport(ratio=0.99)


def test_the_start_is_shown_in_the_zone_of_the_reader(open_page: Open, pages: dict[str, Path]) -> None:
    """The time in UTC stays as a hint."""
    page = open_page(path=pages["one"], timezone_id="Asia/Tokyo", locale="en-GB")
    expect(page.locator("time").first).to_have_text(re.compile("30 November 2026.*06:27"))
    assert page.locator("time").first.get_attribute("title") == "29 November 2026, 21:27 UTC"


def test_the_printed_page_has_the_folded_causes_and_no_buttons(open_page: Open, pages: dict[str, Path]) -> None:
    """Details that are printed are open on paper."""
    page = open_page(path=pages["one"])
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("table.causes", has_text="The process ends")).to_be_visible()
    assert page.locator("button.copy:visible").count() == 0


def test_a_heat_map_has_a_legend_with_its_full_range(open_page: Open, pages: dict[str, Path]) -> None:
    """The legend goes from none to all, and the greatest share has the full colour."""
    page = open_page(path=pages["one"])
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    legend = page.locator("svg.grid + .scale").first
    assert re.search("none.*some.*all", legend.inner_text(), re.DOTALL)
    shares = page.locator("svg.grid rect.wrong").evaluate_all(
        "(all) => all.map((one) => Number(one.style.fillOpacity))"
    )
    assert max(shares) == 1


def test_a_grid_of_twenty_cells_fits_and_tells_unchecked_from_fine(open_page: Open, pages: dict[str, Path]) -> None:
    """A run that is not complete is marked."""
    page = open_page(path=pages["matrix"])
    table = page.locator(".causes-by-cell")
    assert table.locator("thead tr.names th").count() == 21
    width = table.evaluate("(table) => [table.scrollWidth, table.parentElement.clientWidth]")
    assert width[0] <= width[1]
    states = {name: table.locator("td.state-%s" % name) for name in ("known", "unlisted", "fine", "unchecked")}
    assert states["known"].count() and states["unlisted"].count() and states["unchecked"].count()
    for cell in states["unchecked"].all():
        assert "✓" not in cell.inner_text() and "not checked" in str(cell.get_attribute("title"))
    expect(table.locator("thead th", has_text="cell-18")).to_contain_text("◐")
    assert json.dumps(table.locator("thead th", has_text="cell-00").inner_text()).count("\\u25d0") == 0
    link = states["known"].first.locator("a")
    expected = int(re.sub(r"\D", "", link.inner_text()))
    page.locator("#explorer-rows tr").first.wait_for()
    link.click()
    wait_until(page, "document.getElementById('explorer-status').textContent.startsWith('%d ')" % expected)
