"""The HTML page: one self-contained file, every value escaped, readable without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.overview import Overview
from reports.summary import Summary

TEMPLATES = Path(__file__).with_name("templates")


def render(summaries: Sequence[Summary], overview: Overview | None = None) -> str:
    """The page of one or more runs, with an overview where there are several."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "geometry.css"))
    return environment.get_template("page.html.j2").render(summaries=summaries, overview=overview, style=style).lstrip()
