"""The explorer of the page: every check is a row of a table that the reader's browser unpacks and searches.

The template ``explorer.html.j2`` takes an :class:`Explorer` as ``explorer``. Its ``style`` belongs in the page's head.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Mapping, Sequence
from urllib.parse import quote

import rjsmin

from reports.ledger import CATEGORIES, EXPLAINED, FAILING
from reports.page.packed_columns import Column, Numbers, compress, pack_columns

BROWSER = Path(__file__).with_name("browser")
STYLE = Path(__file__).with_name("templates") / "explorer.css"
MODULES = json.loads((BROWSER / "package.json").read_text(encoding="utf-8"))["imports"]
# Characters that stand for themselves in a data URL, in JSON and in HTML. Base64 would make a module a third longer.
_UNQUOTED = "".join(set(map(chr, range(32, 127))) - set('"%#\\<>&'))
CHUNK = 64  # the number of fragments that are packed together; opening one of them unpacks all


@dataclass(frozen=True)
class Explorer:
    """The parts that the template puts on the page. All are ASCII, and no text in them can end its element."""

    rows: int
    columns: str
    chunks: list[str]
    settings: str
    style: str


def make_explorer(
    columns: Sequence[Column | Numbers],
    details: Mapping[int, str],
    axes: Sequence[Sequence[str]],
    cells: Mapping[str, Mapping[str, Any]],
) -> Explorer:
    """Return the parts of the explorer.

    ``details`` has escaped markup by row. ``axes`` has the names and prefixes of the parts of a case's id, in order.
    ``cells`` has for each cell the parts of the command that repeats a check, quoted for a shell: the variables, the
    subject and the further options. Its part ``stored`` is only for checks of stored models. ``contract`` lists the
    suites whose checks have variants instead of modes.
    """
    data = pack_columns(columns)
    shown = sorted(details)
    settings = {
        "axes": [list(axis) for axis in axes],
        "cells": {name: dict(cell) for name, cell in cells.items()},
        "listing": {key: _listing_of_category(key) for key in CATEGORIES},
        "details": shown,
        "chunk": CHUNK,
    }
    fragments = [details[row] for row in shown]
    return Explorer(
        rows=len(columns[0]),
        columns=data,
        chunks=[
            compress(json.dumps(fragments[start : start + CHUNK]).encode("ascii"))
            for start in range(0, len(fragments), CHUNK)
        ],
        settings=inert_json(settings),
        style=STYLE.read_text(encoding="utf-8"),
    )


def _listing_of_category(category: str) -> str:
    """Return "unlisted" or "known" for an category that deviates, "lost" for one that was not run, and else "fine"."""
    return (
        "unlisted"
        if category in FAILING
        else "known"
        if category in EXPLAINED
        else "lost"
        if category == "not-run"
        else "fine"
    )


@lru_cache(maxsize=None)
def make_import_map() -> str:
    """Return the import map of all modules of the page as JSON; every module is in it as a data URL."""
    sources = {name: (BROWSER / path).read_text(encoding="utf-8") for name, path in MODULES.items()}
    return inert_json({"imports": {name: source_as_data_url(source) for name, source in sources.items()}})


def inert_json(value: Any) -> str:
    """Return a value as JSON that cannot end a script element or start a comment."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def source_as_data_url(source: str) -> str:
    """Return the source of a module as a data URL, without comments but those of licences, so that the page has it."""
    return "data:text/javascript," + quote(rjsmin.jsmin(source, keep_bang_comments=True), safe=_UNQUOTED)
