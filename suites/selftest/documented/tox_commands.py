"""Reads the environments of tox: their names, and the commands that they run for given arguments."""

from __future__ import annotations

import configparser
import re
import shlex
from functools import lru_cache
from itertools import product
from typing import Iterator

from fixtures.run.options import ROOT
from reports.matrix_file import read_cells, read_coming_cells


@lru_cache(maxsize=None)
def read_environments() -> dict[str, tuple[str, ...]]:
    """Return the commands of every environment: those of tox.ini, and those that toxfile.py makes of cells."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(str(ROOT / "tox.ini"), encoding="utf-8")
    found = {
        name: tuple(_substitute_arguments(parser, parser.get(section, "commands")).strip().splitlines())
        for section in parser.sections()
        if section.startswith("testenv:")
        for name in _expand_braces(section[len("testenv:") :])
    }
    for cell in (*read_cells(), *read_coming_cells()):
        options = " ".join(cell.options)
        on_x86 = "pytest --subject %s %s --ledger=reports/out/%s.jsonl {posargs}" % (cell.subject, options, cell.name)
        on_arm = "python -m reports.arm64 %s {posargs}" % cell.name
        found[cell.name] = (on_x86 if cell.machine == "x86_64" else on_arm,)
    return found


def commands_of_environment(name: str, arguments: list[str]) -> list[str]:
    """Return the commands of an environment with these arguments; only commands that take arguments."""
    given = " ".join(map(shlex.quote, arguments))
    return [
        re.sub(r"\{posargs(:[^}]*)?\}", lambda _: given, command)
        for command in read_environments()[name]
        if "{posargs" in command
    ]


def _substitute_arguments(parser: configparser.RawConfigParser, text: str) -> str:
    """Return the commands of a tox section with the given arguments inserted."""
    return re.sub(r"\{\[(.+?)\](\w+)\}", lambda found: parser.get(found.group(1), found.group(2)), text)


def _expand_braces(name: str) -> Iterator[str]:
    """Yield the environment names that a section name such as ``py{37,38}`` stands for."""
    parts = re.split(r"\{([^}]*)\}", name)
    for chosen in product(*([part] if place % 2 == 0 else part.split(",") for place, part in enumerate(parts))):
        yield "".join(chosen)
