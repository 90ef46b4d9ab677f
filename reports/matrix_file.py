"""The reader of matrix.toml, which refuses a file that does not describe cells. Needs only the standard library."""

from __future__ import annotations

import difflib
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # tox brings it

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "matrix.toml"
# From Python's name of a machine to uv's name of the platform that an environment is locked for. TensorFlow's wheels
# for ARM64 need a newer glibc than uv assumes there.
PLATFORMS = {"x86_64": "x86_64-unknown-linux-gnu", "aarch64": "aarch64-manylinux_2_28"}
# keras and keras-nightly have the same modules, so only one of them may be installed, whatever TensorFlow requires. The
# files are overrides for uv that leave the other one out.
WITHOUT = {name: ROOT / "reports/releases" / ("without-%s.txt" % name) for name in ("keras", "keras-nightly")}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")  # a name becomes part of the names of environments and files
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:,=-]*\Z")
# One requirement on one line: a line break would add an option to a requirements file.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])? *([<>=!~][A-Za-z0-9.*,<>=!~ +]*)?\Z")


class MatrixError(ValueError):
    """The file cannot be used; the message is one sentence that says which table and why."""


@dataclass(frozen=True)
class Cell:
    """One environment, and the subject, the backend and the options that are checked in it.

    ``environment`` names the lock. It is empty for a coming release, which has none.
    """

    name: str
    environment: str
    machine: str
    python: str
    requires: tuple[str, ...]
    unlocked: tuple[str, ...]
    subject: str
    backend: str
    options: tuple[str, ...]
    without: str = ""  # a package that another one requires and that is not installed, since another has its modules

    @property
    def platform(self) -> str:
        """Return uv's name of the platform that the cell is locked for."""
        return PLATFORMS[self.machine]


def read_cells(path: Path = FILE) -> list[Cell]:
    """Return every cell, in the order of the file. Raises ``MatrixError`` if the file does not describe cells."""
    declared = _read_declared(path)
    cells = [
        _make_cell(kind, group, environment, declared)
        for kind, group in declared["cells"].items()
        for environment in group["environments"]
    ]
    _refuse_equal_names(cells, path)
    return cells


def read_coming_cells(path: Path = FILE) -> list[Cell]:
    """Return the cells of releases that are not out yet, which have no lock. Raises ``MatrixError``."""
    cells = [
        Cell(
            name="coming-" + name,
            environment="",
            machine="x86_64",
            python=facts["python"],
            requires=tuple(facts["requires"]),
            unlocked=(),
            subject=facts["subject"],
            backend=facts.get("backend", "tensorflow"),
            options=(),
            without=facts.get("without", ""),
        )
        for name, facts in _read_declared(path).get("coming", {}).items()
    ]
    _refuse_equal_names([*cells, *read_cells(path)], path)
    return cells


def _read_declared(path: Path) -> dict[str, Any]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a named pipe would wait, perhaps for ever
            raise MatrixError("%s is not a regular file" % path)
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MatrixError("%s cannot be read: %s" % (path, error.strerror)) from None
    except MatrixError:
        raise
    except (ValueError, RecursionError) as error:
        raise MatrixError("%s is not TOML in UTF-8: %s" % (path, error)) from None
    for problem in _problems_of(declared):
        raise MatrixError("%s: %s" % (path.name, problem))
    return declared


def _refuse_equal_names(cells: Sequence[Cell], path: Path) -> None:
    names = [cell.name for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise MatrixError("%s: two cells are called %s; rename a table of cells" % (path.name, name))


def choose_cells(cells: Sequence[Cell], names: str) -> list[Cell]:
    """Return the cells that a text names, with commas between; without a name, those of x86-64.

    Raises ``MatrixError`` for a name that no cell has.
    """
    if not names:
        return [cell for cell in cells if cell.machine == "x86_64"]
    by_name = {cell.name: cell for cell in cells}
    for name in names.split(","):
        if name not in by_name:
            raise MatrixError(_describe_unknown("cell", name, by_name))
    return [by_name[name] for name in dict.fromkeys(names.split(","))]


def _make_cell(kind: str, group: dict[str, Any], environment: str, declared: dict[str, Any]) -> Cell:
    facts = declared["environments"][environment]
    common = declared["with"][facts["with"]] if "with" in facts else {}
    return Cell(
        name="%s-%s" % (environment, kind),
        environment=environment,
        machine=facts.get("machine", "x86_64"),
        python=facts["python"],
        requires=(*facts["requires"], *common.get("requires", ())),
        unlocked=(*facts.get("unlocked", ()), *common.get("unlocked", ())),
        subject=group["subject"],
        backend=group.get("backend", "tensorflow"),
        options=("--switch", group["switches"]) if "switches" in group else (),
    )


def _is_list_of(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and bool(value) and all(_is_matching_text(one, pattern) for one in value)
    )


def _is_matching_text(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and bool(pattern.match(value))


_REQUIREMENTS = (_is_list_of(_REQUIREMENT), "a list of requirements such as 'keras==3.15.1'")
_ONE_NAME = (lambda value: _is_matching_text(value, _NAME), "a name of letters, digits, dots and hyphens")
_PYTHON = (lambda value: _is_matching_text(value, re.compile(r"3\.[0-9]{1,2}\Z")), "a version such as '3.11'")
_ONE_WORD = (lambda value: _is_matching_text(value, _WORD), "one word")
Keys = Mapping[str, tuple[Callable[[Any], bool], str]]
# For each kind of table: the test of each key, and the text that says what it must be. Keys of _NEEDED are required.
_KEYS: Mapping[str, Keys] = {
    "environments": {
        "python": _PYTHON,
        "requires": _REQUIREMENTS,
        "unlocked": _REQUIREMENTS,
        "with": _ONE_NAME,
        "machine": (lambda value: isinstance(value, str) and value in PLATFORMS, " or ".join(PLATFORMS)),
    },
    "with": {"requires": _REQUIREMENTS, "unlocked": _REQUIREMENTS},
    "coming": {
        "python": _PYTHON,
        "requires": _REQUIREMENTS,
        "without": (lambda value: isinstance(value, str) and value in WITHOUT, " or ".join(WITHOUT)),
        "subject": _ONE_WORD,
        "backend": _ONE_NAME,
    },
    "cells": {
        "subject": _ONE_WORD,
        "backend": _ONE_NAME,
        "environments": (_is_list_of(_NAME), "a list of names of environments"),
        "switches": _ONE_WORD,
    },
}
_NEEDED = {
    "environments": ("python", "requires"),
    "with": (),
    "coming": ("python", "requires", "subject"),
    "cells": ("subject", "environments"),
}


def _problems_of(declared: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the content of the file; later checks rely on earlier ones."""
    for kind, tables in declared.items():
        if kind not in _KEYS:
            yield _describe_unknown("table", kind, _KEYS)
        if not isinstance(tables, dict):
            yield "%s is not a table" % kind
        for name, table in tables.items():
            yield from _problems_of_table(kind, name, table)
    yield from ("there is no table %s" % kind for kind in ("environments", "cells") if not declared.get(kind))
    for name, table in declared["environments"].items():
        if "with" in table and table["with"] not in declared.get("with", {}):
            yield "environments.%s: %s" % (name, _describe_unknown("with", table["with"], declared.get("with", {})))
    for name, table in declared["cells"].items():
        for environment in table["environments"]:
            if environment not in declared["environments"]:
                unknown = _describe_unknown("environment", environment, declared["environments"])
                yield "cells.%s: %s" % (name, unknown)


def _problems_of_table(kind: str, name: str, table: Any) -> Iterator[str]:
    label = "%s.%s" % (kind, name if _NAME.match(name) else "%.100r" % name)
    if not _NAME.match(name):
        yield "%s: a name has letters, digits, dots and hyphens" % label
    if not isinstance(table, dict):
        yield "%s is not a table" % label
    keys = _KEYS[kind]
    for key, value in table.items():
        if key not in keys:
            yield "%s: %s" % (label, _describe_unknown("key", key, keys))
        is_right, words = keys[key]
        if not is_right(value):
            yield "%s: %s must be %s, and is %.100r" % (label, key, words, value)
    yield from ("%s has no %s" % (label, key) for key in _NEEDED[kind] if key not in table)


def _describe_unknown(what: str, name: str, known: Mapping[str, Any]) -> str:
    nearest = difflib.get_close_matches(name[:100], known, 1, 0.0)
    return "the %s %.100r is unknown%s" % (what, name, "; did you mean %r?" % nearest[0] if nearest else "")
