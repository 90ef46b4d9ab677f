"""Tests that README, CONTRIBUTING and docs name only files and headings that exist.

Standard library only. The reports of ``docs/upstream`` name files of other projects; of that folder only its README is
read.
"""

from __future__ import annotations

import re
import subprocess
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
# Files that a run writes, and folders that only the reader has.
MADE = ("reports/out/", ".tox/", ".venv/", "previous/")
PARTS_OF_A_SUITE = ("__init__.py", "check.py", "plain_functions.py", "snippet.py", "test_NAME.py")
ENDINGS = (".py", ".toml", ".md", ".ini", ".lock", "/")
Problems = Callable[[str, Path], Iterator[str]]


def find_too_long_text(text: str, _: Path) -> Iterator[str]:
    """Yield a problem if the text has more words than a README may have."""
    words = len(text.split())
    if words > MOST_WORDS:
        yield "%d words; a README has at most %d" % (words, MOST_WORDS)


def find_missing_files(text: str, page: Path) -> Iterator[str]:
    """Yield the relative links, and the paths in backticks, that do not exist."""
    prose = "\n".join(lines_outside_code(text))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        linked = page.parent / file if file else page
        if not linked.exists():
            yield "the link %s leads nowhere" % target
        elif anchor and linked.suffix == ".md" and anchor not in find_anchors(linked if file else None, text):
            yield "the link %s leads to no heading" % target
    for path in re.findall(r"`([\w.][\w./-]*)`", prose):
        if is_checked(path) and not (ROOT / path).exists():
            yield "there is no %s" % path


def is_checked(path: str) -> bool:
    """Return whether a word in backticks must be a path of this repository."""
    return path.endswith(ENDINGS) and not path.startswith(MADE) and path not in PARTS_OF_A_SUITE


def lines_outside_code(text: str) -> Iterator[str]:
    """Yield the lines outside code blocks."""
    inside = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield line


def find_anchors(page: Path | None, text: str) -> set[str]:
    """Return the anchors of a page that a link may name after ``#``: its headings."""
    headings = re.findall(r"^#+ +(.+)$", text if page is None else page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_and_heading_that_a_page_names_exists(page: Path) -> None:
    """This holds for all pages of the documentation."""
    assert list(find_missing_files(page.read_text(encoding="utf-8"), page)) == []


def test_readme_is_short() -> None:
    """The README stays within its number of words; details are in docs."""
    assert list(find_too_long_text(README.read_text(encoding="utf-8"), README)) == []


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (find_too_long_text, "word " * (MOST_WORDS + 1)),
        (find_missing_files, "see [there](docs/no-such-page.md)"),
        (find_missing_files, "see [there](docs/running.md#no-such-heading)"),
        (find_missing_files, "see [below](#no-such-heading)\n\n# Another heading\n"),
        (find_missing_files, "`fixtures/subjects/keras3.py`"),
        (find_missing_files, "`fixtures/nowhere/` and `fixtures/run/`"),
        (find_missing_files, "`docs/no-such-page.md`"),
        (find_missing_files, "`deviations.toml`"),
        (find_missing_files, "`bench.py` and `conftest.py`"),
    ],
)
def test_a_broken_link_or_path_in_a_page_is_found(problems: Problems, text: str) -> None:
    """Each check reports one problem in each bad text."""
    assert len(list(problems(text, README))) == 1


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (find_too_long_text, "word " * MOST_WORDS),
        (find_missing_files, "[a](docs/running.md#modes) [b](https://keras.io) [c](#d) `reports/out/` `1/8`\n\n# D\n"),
        (find_missing_files, "```text\n`no/such/file.py`\n```"),
    ],
)
def test_valid_links_and_words_that_are_no_paths_have_no_problem(problems: Problems, text: str) -> None:
    """Options and files of other projects are ignored too."""
    assert list(problems(text, README)) == []


def test_ci_runs_the_lines_of_the_readme() -> None:
    """``.ci/readme --print`` prints the first block of the quick start, and ``.ci/run`` calls that script."""
    text = README.read_text(encoding="utf-8")
    block = text.partition("## Quick start")[2].partition("```sh\n")[2].partition("```")[0]
    shown = subprocess.run([str(ROOT / ".ci/readme"), "--print"], capture_output=True, text=True, check=True)
    assert shown.stdout == block and "tox run -e latest\n" in block
    assert "\n.ci/readme\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
