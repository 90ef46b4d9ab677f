"""Makes the smallest page around an explorer: its own template and style, and a policy that forbids all requests."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping, Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.page.explorer import make_explorer, make_import_map
from reports.page.packed_columns import Column, Numbers
from reports.page.render import TEMPLATES

TEMPLATE = Path(__file__).with_name("explorer_page.html.j2")


def make_page(
    columns: Sequence[Column | Numbers],
    details: Mapping[int, str],
    axes: Sequence[Sequence[str]],
    cells: Mapping[str, Mapping[str, str]],
) -> str:
    """Return the HTML of a page with an explorer of these columns."""
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        explorer=make_explorer(columns, details, axes, cells), imports=make_import_map(), style=style
    )
