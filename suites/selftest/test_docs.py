"""README, CONTRIBUTING and docs name only files and headings that exist; for commands see test_doc_commands.py.

Standard library only. The reports of ``docs/upstream`` name files of other projects; of that folder only its README is
read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, Iterator

import pytest

from fixtures.run.options import ROOT

README = ROOT / "README.md"
PAGES = (
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "docs" / "upstream" / "README.md",
)
MOST_WORDS = 900
# Files that a run makes, and folders of the reader's own.
MADE = ("reports/out/", ".tox/", ".venv/", "previous/")
PARTS_OF_A_SUITE = ("__init__.py", "check.py", "plain.py", "snippet.py", "test_NAME.py")
ENDINGS = (".py", ".toml", ".md", ".ini", ".lock", "/")
Problems = Callable[[str, Path], Iterator[str]]


def long_text(text: str, _: Path) -> Iterator[str]:
    """Yield a sentence where the text has more words than a README may have."""
    words = len(text.split())
    if words > MOST_WORDS:
        yield "%d words; a README has at most %d" % (words, MOST_WORDS)


def missing_files(text: str, page: Path) -> Iterator[str]:
    """Yield the relative links, and the paths in backticks, that lead to nothing."""
    prose = "\n".join(lines_outside_code(text))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        linked = page.parent / file if file else page
        if not linked.exists():
            yield "the link %s leads nowhere" % target
        elif anchor and linked.suffix == ".md" and anchor not in anchors(linked if file else None, text):
            yield "the link %s leads to no heading" % target
    for path in re.findall(r"`([\w.][\w./-]*)`", prose):
        if is_checked(path) and not (ROOT / path).exists():
            yield "there is no %s" % path


def is_checked(path: str) -> bool:
    """Return whether a word in backticks is to be a path of this repository."""
    return path.endswith(ENDINGS) and not path.startswith(MADE) and path not in PARTS_OF_A_SUITE


def lines_outside_code(text: str) -> Iterator[str]:
    """Yield the lines outside blocks of code."""
    inside = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield line


def anchors(page: Path | None, text: str) -> set[str]:
    """Return what a link may have after ``#``: the headings of a page, or of ``text`` itself."""
    headings = re.findall(r"^#+ +(.+)$", text if page is None else page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_what_exists(page: Path) -> None:
    """No page names a file or a heading that is not there."""
    assert list(missing_files(page.read_text(encoding="utf-8"), page)) == []


def test_readme_is_short() -> None:
    """The rest is in docs."""
    assert list(long_text(README.read_text(encoding="utf-8"), README)) == []


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (long_text, "word " * (MOST_WORDS + 1)),
        (missing_files, "see [there](docs/no-such-page.md)"),
        (missing_files, "see [there](docs/running.md#no-such-heading)"),
        (missing_files, "see [below](#no-such-heading)\n\n# Another heading\n"),
        (missing_files, "`fixtures/subjects/keras3.py`"),
        (missing_files, "`fixtures/nowhere/` and `fixtures/run/`"),
        (missing_files, "`docs/no-such-page.md`"),
        (missing_files, "`deviations.toml`"),
        (missing_files, "`bench.py` and `conftest.py`"),
    ],
)
def test_a_bad_text_is_noticed(problems: Problems, text: str) -> None:
    """Each check can fail, with one problem a text."""
    assert len(list(problems(text, README))) == 1


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (long_text, "word " * MOST_WORDS),
        (missing_files, "[a](docs/running.md#modes) [b](https://keras.io) [c](#d) `reports/out/` `1/8`\n\n# D\n"),
        (missing_files, "```text\n`no/such/file.py`\n```"),
    ],
)
def test_a_good_text_has_no_problem(problems: Problems, text: str) -> None:
    """What exists is not blamed, nor what is no path, no option or not of this project."""
    assert list(problems(text, README)) == []
