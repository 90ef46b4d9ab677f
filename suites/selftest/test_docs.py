"""README, CONTRIBUTING and docs name only what exists: environments, commands, options, files, links.

Standard library only. The reports of ``docs/upstream`` name files of other projects; of that folder only its README is
read.
"""

from __future__ import annotations

import configparser
import re
import sys
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Callable, Iterator

import pytest

from fixtures.__main__ import COMMANDS
from fixtures.run.options import OPTIONS, ROOT

README = ROOT / "README.md"
PAGES = (
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "docs" / "upstream" / "README.md",
)
MOST_WORDS = 900
# Options of pytest itself, of pytest-xdist and of Hypothesis that the pages use.
FURTHER_OPTIONS = ("-n", "-v", "-q", "-k", "--hypothesis-profile")
# Files that a run makes, and folders of the reader's own.
MADE = ("reports/out/", ".tox/", ".venv/", "previous/")
PARTS_OF_A_SUITE = ("__init__.py", "check.py", "snippet.py", "test_NAME.py")
ENDINGS = (".py", ".toml", ".md", ".ini", ".lock", "/")
Problems = Callable[[str, Path], Iterator[str]]


def long_text(text: str, _: Path) -> Iterator[str]:
    """Yield a sentence where the text has more words than a README may have."""
    words = len(text.split())
    if words > MOST_WORDS:
        yield "%d words; a README has at most %d" % (words, MOST_WORDS)


def unknown_environments(text: str, _: Path) -> Iterator[str]:
    """Yield the tox environments and cells that the text names and that do not exist."""
    named = re.findall(r"tox\s+(?:run|exec)\s+-e\s+([^\s`]+)", text)
    cells = re.findall(r"--cells=([^\s`]+)", text)
    for name in (one for joined in (*named, *cells) for one in joined.split(",")):
        if name not in environments():
            yield "there is no tox environment %s" % name


def unknown_commands(text: str, _: Path) -> Iterator[str]:
    """Yield the commands of ``python -m fixtures`` and ``python -m reports`` that do not exist."""
    found = [("fixtures", name) for name in re.findall(r"python -m fixtures\s+([a-z][\w-]*)", text)]
    found += [("reports", name) for name in re.findall(r"python -m reports\s+([a-z][\w-]*)", text)]
    found += [("reports", name) for name in re.findall(r"tox run -e page -- ([a-z][\w-]*)", text)]
    for module, name in found:
        if name not in (COMMANDS if module == "fixtures" else report_commands()):
            yield "python -m %s has no command %s" % (module, name)


def unknown_options(text: str, _: Path) -> Iterator[str]:
    """Yield the options of pytest in blocks of code that neither this project nor pytest has."""
    known = {*(option.flag for option in OPTIONS), *FURTHER_OPTIONS}
    for line in code_lines(text):
        words = line.partition("#")[0].split()
        places = [place for place, word in enumerate(words) if word == "pytest"]
        if not places or "install" in words:
            continue
        for word in words[places[-1] + 1 :]:
            if word.startswith("-") and word.partition("=")[0] not in known:
                yield "pytest has no option %s" % word


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


def code_lines(text: str) -> Iterator[str]:
    """Yield the lines of blocks of code in a shell."""
    shell = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            shell = line.strip() in ("```sh", "```console")
        elif shell:
            yield line


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


@lru_cache(maxsize=None)
def environments() -> frozenset[str]:
    """Return the environments of tox.ini, and the cells of matrix.toml by the names that toxfile.py gives them."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(str(ROOT / "tox.ini"), encoding="utf-8")
    sections = [name[len("testenv:") :] for name in parser.sections() if name.startswith("testenv:")]
    return frozenset([*(one for name in sections for one in expanded(name)), *cells()])


def expanded(name: str) -> Iterator[str]:
    """Yield the names of a section such as ``py{37,38}``."""
    parts = re.split(r"\{([^}]*)\}", name)
    for chosen in product(*([part] if place % 2 == 0 else part.split(",") for place, part in enumerate(parts))):
        yield "".join(chosen)


def cells() -> Iterator[str]:
    """Yield the cells of matrix.toml: ENVIRONMENT-KIND. Read by expression, for tomllib needs Python 3.11."""
    text = (ROOT / "matrix.toml").read_text(encoding="utf-8")
    for kind, body in re.findall(r"^\[cells\.([\w-]+)\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL):
        listed = re.search(r"^environments = \[(.*?)\]", body, re.MULTILINE | re.DOTALL)
        for environment in re.findall(r'"([^"]+)"', listed.group(1) if listed else ""):
            yield "%s-%s" % (environment, kind)


@lru_cache(maxsize=None)
def report_commands() -> frozenset[str]:
    """Return the commands of ``python -m reports``. Read by expression, for the module needs Python 3.11."""
    text = (ROOT / "reports" / "__main__.py").read_text(encoding="utf-8")
    return frozenset(re.findall(r'\.add_parser\(\s*"([a-z-]+)"', text))


CHECKS: tuple[Problems, ...] = (unknown_environments, unknown_commands, unknown_options, missing_files)


@pytest.mark.parametrize("problems", CHECKS, ids=lambda check: str(check.__name__))
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_what_exists(page: Path, problems: Problems) -> None:
    """No page names an environment, a command, an option or a file that is not there."""
    assert list(problems(page.read_text(encoding="utf-8"), page)) == []


def test_readme_is_short() -> None:
    """The rest is in docs."""
    assert list(long_text(README.read_text(encoding="utf-8"), README)) == []


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (long_text, "word " * (MOST_WORDS + 1)),
        (unknown_environments, "`.venv/bin/tox run -e newest`"),
        (unknown_environments, "tox run -e latest,kill"),
        (unknown_environments, "tox exec -e tf2.21-tensorflow -- pytest"),
        (unknown_environments, "tox run -e migration -- --cells=tf2.20-tensorflow,tf2.21-tensorflow"),
        (unknown_commands, "`python -m fixtures kill`"),
        (unknown_commands, "python -m reports compare a b"),
        (unknown_commands, "tox run -e page -- make ledger.jsonl"),
        (unknown_options, "```sh\npytest --teir standard\n```"),
        (unknown_options, "```sh\nKERAS_BACKEND=jax pytest -n 2 suites/forward --ledgers=x  # --tier\n```"),
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
        (unknown_environments, "tox run -e selftest-py37,tf1.15-keras2,keras3.15-tensorflow-avx2"),
        (unknown_commands, "python -m fixtures fault-matrix; python -m reports history ledgers/"),
        (unknown_options, "```sh\npip install pytest --user\npytest -n 2 --mode=eager  # --odd\n```\npytest --odd\n"),
        (missing_files, "[a](docs/running.md#modes) [b](https://keras.io) [c](#d) `reports/out/` `1/8`\n\n# D\n"),
        (missing_files, "```text\n`no/such/file.py`\n```"),
    ],
)
def test_a_good_text_has_no_problem(problems: Problems, text: str) -> None:
    """What exists is not blamed, nor what is no path, no option or not of this project."""
    assert list(problems(text, README)) == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="reports need Python 3.11")
def test_names_are_those_of_the_code() -> None:
    """What is read by expression here is what the code has."""
    from reports.__main__ import _parser
    from reports.matrix import read

    assert set(cells()) == {cell.name for cell in read()}
    assert set(re.findall(r"[a-z]+", re.findall(r"\{(.+?)\}", _parser().format_usage())[0])) == report_commands()
