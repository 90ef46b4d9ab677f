"""Tests that every command in README, CONTRIBUTING and docs works: quick ones are run, the others are parsed."""

from __future__ import annotations

import glob
import io
import re
import shlex
import sys
from contextlib import redirect_stdout
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Iterator

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the command line of reports needs Python 3.11", allow_module_level=True)

import fixtures.__main__
from fixtures.run.options import ROOT
from suites.selftest.documented import command_search, parsers
from suites.selftest.documented.command_search import Command, find_commands, find_options
from suites.selftest.documented.programs import PLACEHOLDERS, PytestParser, find_problems

PAGES = (
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "upstream" / "README.md"),
    *sorted((ROOT / "docs").glob("*.md")),
)
# Commands of ``python -m fixtures`` that take about a second, need no framework and write nothing.
QUICK = ("cases", "causes", "checks", "coverage", "explain", "faults")


@pytest.fixture
def pytest_parser(pytestconfig: pytest.Config) -> PytestParser:
    """Return the option parser of this pytest run, which has the options of conftest.py and of the plugins."""
    parser: PytestParser = pytestconfig._parser
    return parser


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_a_documentation_page_are_valid(page: Path, pytest_parser: PytestParser) -> None:
    """Each is parsed by its own program, what it names exists, and quoted output is the real output."""
    assert list(problems_of(page.read_text(encoding="utf-8"), pytest_parser)) == []


def problems_of(text: str, parser: PytestParser) -> Iterator[str]:
    """Yield the problems of a page's commands, options and code blocks, each with its line."""
    for block in command_search.find_blocks(text):
        known = (*command_search.SHELLS, command_search.SESSION, *command_search.OTHER_LANGUAGES)
        if block.language not in known:
            yield "line %d: a block of %r; commands are in blocks of sh or console" % (block.line - 1, block.language)
        elif block.language in command_search.OTHER_LANGUAGES and any(line.startswith("$ ") for line in block.lines):
            yield "line %d: commands with their output are in blocks of console" % block.line
        elif block.language == command_search.SESSION and not block.lines[0].startswith("$ "):
            yield "line %d: there is no command before the output" % block.line
    for command in find_commands(text):
        found = find_problems(command.text, parser, command.mention) or list(_find_wrong_output(command))
        yield from ("line %d: %s" % (command.line, problem) for problem in found)
    flags = {*own_flags(), *parser.optparser._option_string_actions}
    for option in find_options(text):
        if re.split(r"[= ]", option.text)[0] not in flags:
            yield "line %d: no program here has the option %s" % (option.line, option.text)


@lru_cache(maxsize=None)
def own_flags() -> frozenset[str]:
    """Return the command-line flags of all modules of this project."""
    examples = {
        "examples": ["a"],
        "reports": ["diff", "a", "b"],
        "reports.arm64": ["arm64-torch"],
        "reports.ledger.check_rerun": ["a"],
        "reports.matrix": ["names"],
        "suites.browser.picture": ["a"],
        "suites.fuzz": ["inputs"],
    }
    found = {flag for module in parsers.MODULES for flag in parsers.list_flags(module, examples.get(module, []))}
    for command in fixtures.__main__.COMMANDS:
        arguments = ["a"] if command in ("keep", "model", "snippets", "store", "suggest") else []
        arguments = ["a", "b"] if command == "compare-causes" else arguments
        found |= parsers.list_flags("fixtures", [command, *arguments])
    return frozenset(found)


def _find_wrong_output(command: Command) -> Iterator[str]:
    """Run a quick command; yield its exit status if it fails, and the first line that differs from the quote."""
    words = shlex.split(command.text, comments=True)
    quick = (
        words[:3] == ["python", "-m", "fixtures"]
        and set(words[3:4]) & set(QUICK)
        and not set(words) & set(PLACEHOLDERS)
    )
    if quick and not command.mention:
        status, printed = _run_quick(*words[3:])
        if status:
            yield "exit status %d" % status
        if command.output:
            yield from _find_first_difference(list(command.output), printed.splitlines())
    elif command.output:
        yield "its output is quoted, but only that of %s is checked" % ", ".join(QUICK)


@lru_cache(maxsize=None)  # several pages have the same command
def _run_quick(*words: str) -> tuple[int, str]:
    """Return exit status and output of a quick command."""
    with redirect_stdout(io.StringIO()) as printed:
        return fixtures.__main__.main(list(words)), printed.getvalue()


def _find_first_difference(quoted: list[str], printed: list[str]) -> Iterator[str]:
    """Yield the first line that differs; three dots in a line stand for any text, and as a line for any lines."""
    place, skips = 0, False
    for line in quoted:
        if line == "...":
            skips = True
            continue
        rest = printed[place:] if skips else printed[place : place + 1]
        found = next((at for at, real in enumerate(rest) if _is_quote(line, real)), None)
        if found is None:
            yield "the output that is quoted as %r is now %r" % (line, "".join(printed[place : place + 1]) or "nothing")
            return
        place, skips = place + found + 1, False
    if not skips and len(printed) > place:
        yield "after the quoted output comes %r" % printed[place]


def _is_quote(line: str, real: str) -> bool:
    """Return whether a line quotes a real one; three dots stand for any text, and longer rows of dots are drawings."""
    return fnmatchcase(real, "*".join(map(glob.escape, re.split(r"(?<!\.)\.{3}(?!\.)", line))))


# For each kind of mistake: the text of a page, and the problem that must be found.
FAULTS = {
    "a misspelt option of pytest": ("```sh\npytest --teir standard\n```", "no option --teir"),
    "one behind a variable": ("```sh\nKERAS_BACKEND=jax pytest -n 2 --ledgers=x\n```", "no option --ledgers=x"),
    "an unknown value": ("`pytest --tier quicker`", "--tier quicker is unknown"),
    "an unknown mode": ("`pytest --mode eagre`", "--mode eagre is unknown"),
    "an unknown switch": ("```sh\npytest --switch onednn=of\n```", "onednn of is unknown"),
    "an unknown fault": ("```sh\npytest --subject numpy_layer:crop-other\n```", "crop-other is unknown"),
    "an unknown patch": ("```sh\npytest --subject keras3:crop-other\n```", "crop-other"),
    "no case": ("```sh\npytest --case b1-i4.4-c3\n```", "--case"),
    "no case of a program": ("```sh\npython -m fixtures explain b1-i4.4\n```", "b1-i4.4"),
    "a folder that is not there": ("```sh\npytest suites/backward\n```", "there is no suites/backward"),
    "an unknown environment": ("Then `.venv/bin/tox run -e newest`.", "no tox environment newest"),
    "one of several": ("```sh\ntox run -e latest,kill\n```", "no tox environment kill"),
    "an unknown cell": ("```sh\ntox exec -e tf2.22-tensorflow -- pytest\n```", "no tox environment tf2.22"),
    "a cell that is not for migration": ("```sh\ntox run -e migration -- --cells=tf2.22-x\n```", "no cell tf2.22-x"),
    "an option behind tox": ("`tox run -e latest -- --modes eager`", "no option --modes"),
    "an option of a cell": ("`tox run -e keras3.13-torch -- --teir full`", "no option --teir"),
    "one of a cell of ARM64": ("`tox run -e arm64-jax -- --teir full`", "no option --teir"),
    "an option of the program in tox": ("`tox run -e lock -- --checks`", "unrecognized arguments: --checks"),
    "one that tox does not pass on": ("`tox run -e check-page -- --fix`", "takes no arguments"),
    "an option of tox": ("`tox run --env latest`", "neither tox run -e"),
    "a wrong subcommand": ("```sh\npython -m fixtures kill\n```", "invalid choice: 'kill'"),
    "a wrong subcommand, mentioned": ("`python -m fixtures kill`", "invalid choice: 'kill'"),
    "a wrong subcommand of reports": ("`python -m reports compare a b`", "invalid choice: 'compare'"),
    "one behind tox": ("```sh\ntox run -e page -- make ledger.jsonl\n```", "invalid choice: 'make'"),
    "a wrong option of a subcommand": (
        "```sh\npython -m fixtures faults --lists\n```",
        "unrecognized arguments: --lists",
    ),
    "one in a mention": ("`python -m reports build --matrx`", "unrecognized arguments: --matrx"),
    "a missing argument": ("```sh\npython -m reports diff a\n```", "required: after"),
    "a fault of a program": ("```sh\npython -m fixtures fault-matrix flip\n```", "no fault flip"),
    "a missing argument of a program not here": (
        "```sh\npython -m suites.browser.picture --cause b\n```",
        "required: page",
    ),
    "a module that is not there": ("`python -m reports.matrices names`", "python -m reports.matrices is unknown"),
    "a report": ("`python -m fixtures upstream bias-along-height`", "no report bias-along-height"),
    "a file that nothing makes": (
        "`python -m fixtures snippets reports/out/last.jsonl`",
        "nothing makes reports/out/last",
    ),
    "a package": ("```sh\npip install duckbd\n```", "duckbd is not a dependency"),
    "a script": ("`npm run vendors`", "no script vendors"),
    "a program that is not listed": ("```sh\nmake all\n```", "neither known nor listed"),
    "one in the text": ("Call `curl https://example.org`.", "neither known nor listed"),
    "a variable": ("```sh\nKERAS_BACKENDS=jax pytest\n```", "nothing reads the variable KERAS_BACKENDS"),
    "an option by itself": ("Use `--teir`.", "no program here has the option --teir"),
    "changed output": (
        "```console\n$ python -m fixtures explain --input 4 --kernel 5 --strides 2\nConv1D...\n```",
        "the output that is quoted as 'Conv1D...' is now",
    ),
    "changed output after dots": (
        "```console\n$ python -m fixtures explain --input 4 --kernel 5 --strides 2\n...\nTo get 9x9\n...\n```",
        "the output that is quoted as 'To get 9x9' is now",
    ),
    "output left out": ("```console\n$ python -m fixtures coverage\nindex map ...\n```", "after the quoted output"),
    "output of a slow command": ("```console\n$ pytest\n16470 of 16470 checks\n```", "its output is quoted, but only"),
    "output without a command": ("```console\n16470 of 16470 checks\n```", "no command before the output"),
    "a failing command": ("```sh\npython -m fixtures explain --input 4x4\n```", "exit status 4"),
    "a session in a block of text": ("```text\n$ pytest\n```", "blocks of console"),
    "another language": ("```shell\npytest\n```", "a block of 'shell'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_in_a_documented_command_is_found(name: str, pytest_parser: PytestParser) -> None:
    """The problem is reported once."""
    text, expected = FAULTS[name]
    (found,) = problems_of(text, pytest_parser)
    assert expected in found


def test_valid_commands_and_placeholders_have_no_problem(pytest_parser: PytestParser) -> None:
    """Comments and code that is not a command are ignored."""
    text = """`python -m fixtures explain CASE`, `pytest --report=PATH`, `tox run -e page --`, `w - dkernel`, `python`,
`python -m reports merge`, `python -m fixtures`, `tox run -e selftest-py37`, `--report=page.html`, `pytest --case=@FILE`

```sh
# a comment --odd
pytest -n 2 --mode=eager  # --odd
pip install pytest && pytest
```

```diff
+pytest --odd
```
"""
    assert list(problems_of(text, pytest_parser)) == []
