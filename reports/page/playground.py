"""Renders the playground: the form of the page alone, with sliders, as a page that works offline."""

from __future__ import annotations

from pathlib import Path

import tomllib

from reports.page.explorer import inert_json, make_import_map
from reports.page.render import render_other_page

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def render_playground() -> str:
    """Return the page. It knows no runs and so no causes."""
    return render_other_page(
        "playground.html.j2",
        [],
        imports=make_import_map(),
        layer_causes=inert_json(None),
        sliders=True,
        version=read_version(),
    )


def read_version() -> str:
    """Return the version of this project."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
