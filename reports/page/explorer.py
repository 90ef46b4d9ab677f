"""The explorer of the page: every question as a row, unpacked and searched in the reader's browser.

The template ``explorer.html.j2`` takes an :class:`Explorer` as ``explorer``; its ``style`` belongs into the head.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from reports.ledger import EXPLAINED, FAILING, OUTCOMES
from reports.page.columns import Column, Numbers, packed, shrunk

BROWSER = Path(__file__).with_name("browser")
STYLE = Path(__file__).with_name("templates") / "explorer.css"
MODULES = json.loads((BROWSER / "package.json").read_text(encoding="utf-8"))["imports"]
CHUNK = 64  # fragments that are unpacked together when one of them is opened


@dataclass(frozen=True)
class Explorer:
    """What the template puts on the page; all of it is ASCII that no markup can break out of."""

    rows: int
    columns: str
    chunks: list[str]
    settings: str
    imports: str
    style: str


def explorer(
    columns: Sequence[Column | Numbers],
    details: Mapping[int, str],
    axes: Sequence[Sequence[str]],
    cells: Mapping[str, Mapping[str, str]],
) -> Explorer:
    """The parts of the explorer.

    ``details`` has markup, escaped already, by row; ``axes`` the names and prefixes of a case's id in its order;
    ``cells`` by cell the subject and the further options that a question of it is asked again with, quoted for a
    shell; ``stored`` are those of questions about stored models alone.
    """
    data = packed(columns)
    shown = sorted(details)
    settings = {
        "axes": [list(axis) for axis in axes],
        "cells": {name: dict(cell) for name, cell in cells.items()},
        "standing": {key: _standing(key) for key in OUTCOMES},
        "details": shown,
        "chunk": CHUNK,
    }
    fragments = [details[row] for row in shown]
    return Explorer(
        rows=len(columns[0]),
        columns=data,
        chunks=[
            shrunk(json.dumps(fragments[start : start + CHUNK]).encode("ascii"))
            for start in range(0, len(fragments), CHUNK)
        ],
        settings=_inert(settings),
        imports=_inert({"imports": {name: _as_url(BROWSER / path) for name, path in MODULES.items()}}),
        style=STYLE.read_text(encoding="utf-8"),
    )


def _standing(outcome: str) -> str:
    """Of an outcome in a word: unlisted and known deviate, fine does not."""
    return (
        "unlisted"
        if outcome in FAILING
        else "known"
        if outcome in EXPLAINED
        else "lost"
        if outcome == "not-run"
        else "fine"
    )


def _inert(value: Any) -> str:
    """JSON that ends no script and starts no comment."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _as_url(path: Path) -> str:
    """A module as part of the page."""
    return "data:text/javascript;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
