"""Tests of the explorer with the names of cases that the page prints: each finds its checks, or says that none is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reports.ledger import case_hash
from suites.browser.conftest import Open
from suites.browser.explorer_controls import type_query
from suites.browser.sample_pages import build_pages

ID = r"b\d+-i[0-9.]+-c\d+-f\d+-k[0-9.]+-s[0-9.]+-d[0-9.]+-[a-z]+-o[a-z0-9.]+-[a-z]+-[a-z]+-[a-z]+-[a-z0-9.]+"
UNKNOWN = "b1-i9.9-c9-f9-k9.9-s9.9-d1.1-valid-onone-last-bias-linear-float32"


@pytest.fixture(scope="session")
def printed_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the paths of pages of runs of the NumPy layer."""
    return build_pages(tmp_path_factory.mktemp("printed"))


def list_printed_names(path: Path) -> tuple[list[str], set[str]]:
    """Return the commands, and the ids and hashes, that a page prints outside the data of its explorer."""
    text = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    commands = re.findall(r"pytest suites/[^<\n]*", text)
    hashes = re.findall(r"#case=([0-9a-f]{10})", text) + re.findall(r"with the case <code>([0-9a-f]+)</code>", text)
    return list(dict.fromkeys(commands)), {*re.findall(ID, text), *hashes}


def read_answer(page: Page) -> str:
    """Return the line above the table, after the query in the line was drawn."""
    return str(page.locator("#explorer-status").inner_text())


@pytest.mark.parametrize("name", ["one", "shrunk", "several"])
def test_every_printed_id_hash_and_command_finds_its_checks(
    open_page: Open, printed_pages: dict[str, Path], name: str
) -> None:
    """A smallest case that is no check of the run says so, and leads to its place."""
    path = printed_pages[name]
    page = open_page(path=path)
    page.locator("#explorer-rows tr").first.wait_for()
    commands, names = list_printed_names(path)
    assert len(commands) > 3 and sum("-" in one for one in names) > 10 and sum("-" not in one for one in names) > 3
    places = 0
    for given in [*commands, *sorted(names), *(one[:8] for one in sorted(names) if "-" not in one)]:
        type_query(page, given)
        answer = read_answer(page)
        if answer.startswith("No check"):
            words = "it is the smallest case that shows a cause. See the cause “.{9,}”"
            assert re.search(words, answer), (given, answer)
            address = str(page.locator("#explorer-status a").get_attribute("href"))
            assert page.locator("details.group[id='%s']" % address[1:]).count() == 1, address
            places += 1
            continue
        case = (re.search(ID, given) or re.match(r"()", given)).group()  # type: ignore[union-attr]  # one matches
        key = case_hash(case) if case else given[:10]
        for link in page.locator("#explorer-rows a[href*='case=']").all()[:5]:
            assert "case=" + key in str(link.get_attribute("href")), given
    assert bool(places) == (name == "shrunk")


def test_the_name_of_a_check_finds_one_check(open_page: Open, printed_pages: dict[str, Path]) -> None:
    """SUITE/VARIANT/CASE, a command, an address and a quoted name are one check; several modes name a case only."""
    page = open_page(path=printed_pages["one"])
    page.locator("#explorer-rows tr").first.wait_for()
    command = next(one for one in list_printed_names(printed_pages["one"])[0] if "suites/forward" in one)
    case = re.search(ID, command)
    assert case is not None
    name = "forward/eager/" + case.group()
    address = "https://example.org/p.html#case=%s/new/forward/eager" % case_hash(case.group())
    for given in (name, command, "`%s`" % name, "pytest --case=%s" % name, address):
        type_query(page, given)
        expect(page.locator("#explorer-status")).to_have_text(re.compile(r"^1 of "))
        expect(page.locator("#explorer-problem")).to_be_empty()
    for given in (command.replace("--mode=eager", "--mode=all"), command.replace("--mode=eager", "--mode=eager,graph")):
        type_query(page, given)
        expect(page.locator("#explorer-status")).not_to_contain_text("No check")
    type_query(page, address + "%")  # a wrong escape
    expect(page.locator("#explorer-status")).to_contain_text("No check of this suite and mode")
    type_query(page, name)
    page.locator("#explorer-rows a").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(case.group())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (UNKNOWN, "No check on this page has the id %s." % UNKNOWN),
        ("forward/eager/" + UNKNOWN, "No check of this suite and mode on this page has the id %s." % UNKNOWN),
        ("ffffffff", "No check on this page has the hash ffffffff."),
        ("ffffffffff", "No check on this page has the hash ffffffffff."),
        ("id:" + UNKNOWN, "No check on this page has the id %s." % UNKNOWN),
    ],
)
def test_an_unknown_name_says_so(open_page: Open, printed_pages: dict[str, Path], given: str, sentence: str) -> None:
    """The table is empty, and not that of the query before."""
    page = open_page(path=printed_pages["one"])
    page.locator("#explorer-rows tr").first.wait_for()
    type_query(page, given)
    expect(page.locator("#explorer-status")).to_contain_text(sentence)
    expect(page.locator("#explorer-problem")).to_be_empty()
    expect(page.locator("#explorer-rows a")).to_have_count(0)


def test_a_link_with_the_first_eight_digits_opens_the_case(open_page: Open, printed_pages: dict[str, Path]) -> None:
    """A hash may be shortened in a message."""
    _, names = list_printed_names(printed_pages["one"])
    case = next(name for name in sorted(names) if "-" in name and case_hash(name) in names)
    page = open_page(path=printed_pages["one"], at="#case=" + case_hash(case)[:8])
    expect(page.get_by_role("dialog")).to_contain_text(case)
