"""Checks documented commands by their program; each check yields what is wrong and runs nothing."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, Iterator, Protocol, Sequence

import tomllib

from fixtures.case import Case
from fixtures.explain.call import looks_like_call
from fixtures.faults import FAULTS
from fixtures.run.named_checks import read_check
from fixtures.run.option_values import check_options, read_switches
from fixtures.run.options import OPTIONS, ROOT, BadOption
from suites.selftest.documented.parsers import MODULES, Refused, parse_arguments
from suites.selftest.documented.tox_commands import commands_of_environment, read_environments

# Commands of programs outside this project.
LISTED = (
    "apt-get install chromium",
    "apt-get install debian-archive-keyring",
    "dask scheduler --host box1",
    "dask worker tcp://box1:8786 --nthreads 1 --resources GPU=1",
    "dask worker tcp://box1:8786 --nthreads 8 --resources isa-avx512_core=8",
    "dask worker tcp://box1:8786 --nthreads 8",
    "du -sh .tox/arm64-root",
    "git ls-files",
    "pip-audit --strict --disable-pip -r locks/tf2.15.txt",
    "pip install --group sweep",
    "pre-commit install",
    "python3 -m venv .venv",
    "tox list",
    "uvx --with tox-uv tox run -e latest",
)
# Placeholders for something that only the reader has, each with a valid value.
_CASE = "b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32"
PLACEHOLDERS = {
    "CASE": _CASE,
    "FAULT": "crop-other-side",
    "FILE": "file",
    "ID": _CASE,
    "LEDGER": "all.jsonl",
    "NAME": "bias-along-width",
    "PATH": "path",
}
OF_SOME_FAULTS = ("reports/out/fault-matrix-again.json", "reports/out/detections.jsonl")  # of fixtures fault-matrix
VARIABLES = ("KERAS_BACKEND", "PIP_FIND_LINKS", "UV_TORCH_BACKEND")
TOOLS = ("pre-commit", "tox", "tox-uv")
# Arguments that a mention of a command of this project may leave out.
LEFT_OUT = (("a",), ("a", "b"), ("a", "-o", "b"))
FAULT_NAMES = [fault.name for fault in FAULTS]


class PytestParser(Protocol):
    """The type of pytest's parser, after it has read conftest.py."""

    optparser: Any

    def parse_known_and_unknown_args(self, args: Sequence[str]) -> tuple[Any, list[str]]:
        """Return the values of known options, and the arguments that are unknown."""


def find_problems(text: str, pytest_parser: PytestParser, mention: bool = False) -> list[str]:
    """Return what is wrong with a command; several commands may be joined by ``&&``.

    A ``mention`` may leave out arguments that the program requires.
    """
    found: list[str] = []
    found += [
        "nothing makes %s" % path for path in re.findall(r"\breports/out/[\w.-]+", text) if not is_made_by_tox(path)
    ]
    for part in text.split("&&"):
        words = [word for word in shlex.split(part, comments=True) if word not in ("...", "ARGUMENTS")]
        if " ".join(re.sub(r"^\.venv/bin/", "", word) for word in words) not in LISTED:
            found += _problems_of_command([_fill_placeholder(word) for word in words], pytest_parser, mention)
    return found


def is_made_by_tox(path: str) -> bool:
    """Return whether a tox environment writes this file: tox.ini names it, or it is the ledger of a cell."""
    ini = (ROOT / "tox.ini").read_text(encoding="utf-8")
    return path in (*OF_SOME_FAULTS, *("reports/out/%s.jsonl" % name for name in read_environments())) or path in ini


def _fill_placeholder(word: str) -> str:
    """Return a word with a valid value instead of CASE, LEDGER... and the like, also after an equals sign."""
    flag, equals, value = word.rpartition("=")
    return flag + equals + PLACEHOLDERS.get(value.replace("...", ""), value)


def _problems_of_command(words: list[str], pytest_parser: PytestParser, mention: bool) -> Iterator[str]:
    while words and re.match(r"[A-Z_]+=", words[0]):
        name = words.pop(0).partition("=")[0]
        if name not in (*VARIABLES, *(option.variable for option in OPTIONS)):
            yield "nothing reads the variable %s" % name
    if not words:
        yield "there is no command"
        return
    program, arguments = re.sub(r"^\.venv/bin/", "", words[0]), words[1:]
    if program == "pytest":
        yield from _problems_of_pytest(arguments, pytest_parser)
    elif program in ("python", "python3") and arguments[:1] == ["-m"] and len(arguments) > 1:
        yield from _problems_of_module(arguments[1], arguments[2:], pytest_parser, mention)
    elif program == "tox":
        yield from _problems_of_tox(arguments, pytest_parser, mention)
    elif program == "pip":
        yield from _problems_of_pip(arguments)
    elif program == "npm" and arguments[:1] == ["run"]:
        scripts = json.loads((ROOT / "reports/page/browser/package.json").read_text(encoding="utf-8"))["scripts"]
        yield from ("there is no script %s" % name for name in arguments[1:] if name not in scripts)
    else:
        yield "neither known nor listed in %s: %s" % (__name__, " ".join(words))


def _problems_of_pytest(arguments: list[str], pytest_parser: PytestParser) -> Iterator[str]:
    try:
        values, unknown = pytest_parser.parse_known_and_unknown_args(arguments)
    except (Exception, SystemExit) as error:  # pytest's own UsageError is private
        yield "pytest: %s" % error
        return
    if unknown:
        yield "pytest has no option %s" % " ".join(unknown)
        return  # values of unknown options look like paths
    yield from ("pytest: there is no %s" % path for path in values.file_or_dir if not (ROOT / path).exists())
    given = {option.name: getattr(values, "parity_" + option.name) for option in OPTIONS}
    # Models and files of cases exist only at the reader's place.
    case = [value for value in given["case"] or () if not value.startswith("@")]
    try:
        check_options({**given, "artefacts": "", "case": case})
    except BadOption as error:
        yield str(error)


def _problems_of_module(module: str, arguments: list[str], pytest_parser: PytestParser, mention: bool) -> Iterator[str]:
    if module == "pip":
        yield from _problems_of_pip(arguments)
        return
    if module not in MODULES:
        yield "python -m %s is unknown" % module
        return
    if mention and not arguments:
        return
    try:
        values, rest = parse_arguments(module, arguments, LEFT_OUT if mention else ())
    except Refused as error:
        yield str(error)
        return
    if module == "reports.arm64":  # this module passes the other arguments on to pytest
        yield from _problems_of_pytest(rest, pytest_parser)
    else:
        yield from ("python -m %s has no option %s" % (module, word) for word in rest)
    if module in ("reports.matrix", "reports.migrate", "reports.sweep"):
        yield from _problems_of_pytest(getattr(values, "options", []), pytest_parser)
    yield from _problems_of_values(vars(values))


def _problems_of_values(values: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with values that a program reads only after parsing: faults, reports, cells, cases ..."""
    yield from ("there is no fault %s" % name for name in values.get("faults") or () if name not in FAULT_NAMES)
    reports = (name for name in values.get("names") or () if not (ROOT / "docs/upstream" / (name + ".md")).exists())
    yield from ("there is no report %s" % name for name in reports)
    cells = filter(None, (values.get("cells") or "").split(","))
    yield from ("there is no cell %s" % name for name in cells if name not in read_environments())
    try:
        layer = " ".join(values.get("layer") or ())
        for text in (values.get("case"), "" if looks_like_call(layer) else layer):
            if text and "/" in text:
                read_check(text, "the check")
            elif text:
                Case.parse(text)
        read_switches(values.get("switch") or "")
        for subject in (values.get("subject") or "keras3").split(","):
            check_options({"subject": subject})
    except ValueError as error:
        yield str(error)


def _problems_of_tox(arguments: list[str], pytest_parser: PytestParser, mention: bool) -> Iterator[str]:
    """Yield what is wrong with a tox command; a ``mention`` may be incomplete, as in ``find_problems``."""
    own, handed_on = arguments, None
    if "--" in arguments:
        place = arguments.index("--")
        own, handed_on = arguments[:place], arguments[place + 1 :]
    if len(own) != 3 or own[0] not in ("run", "exec") or own[1] != "-e":
        yield "neither tox run -e NAME nor tox exec -e NAME: tox %s" % " ".join(own)
        return
    for name in own[2].split(","):
        if name not in read_environments():
            yield "there is no tox environment %s" % name
        elif own[0] == "exec":
            yield from _problems_of_command(handed_on or [], pytest_parser, mention)
        elif handed_on:
            taking = commands_of_environment(name, handed_on)
            if not taking:
                yield "the environment %s takes no arguments" % name
            for command in taking:
                yield from find_problems(command, pytest_parser, mention)


def _problems_of_pip(arguments: list[str]) -> Iterator[str]:
    if arguments[:1] != ["install"]:
        yield "not pip install: pip %s" % " ".join(arguments)
        return
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [declared["project"]["dependencies"], *declared["dependency-groups"].values()]
    names = {re.split(r"[^\w-]", entry)[0] for group in groups for entry in group if isinstance(entry, str)}
    yield from ("%s is not a dependency" % name for name in arguments[1:] if name not in {*names, *TOOLS})
