"""Render the page of a model: one self-contained file, which is readable without JavaScript."""

from __future__ import annotations

from reports.facts.model_page import ModelPage
from reports.page.model_drawing import ROW, draw_chain
from reports.page.render import join_style_sheets, make_jinja_environment

STATES = {
    "wrong": ("✗", "wrong"),
    "right": ("✓", "right"),
    "configuration": ("✓", "right by its configuration"),
    "not-judged": ("·", "not judged"),
}


def render_model(found: ModelPage) -> str:
    """Return the page of a model."""
    parts = [("result", "Result", True), ("shapes", "Shapes", found.steps), ("fixes", "Fixes", found.fixes)]
    parts += [
        ("layers", "Layers", found.layers),
        ("elsewhere", "Other releases and backends", found.elsewhere or found.loading),
    ]
    return (
        make_jinja_environment()
        .get_template("model.html.j2")
        .render(
            style=join_style_sheets("style.css", "sections.css", "causes.css", "model.css"),
            sections=[(name, title) for name, title, there in parts if there],
            m=found,
            drawing=draw_chain(found.steps),
            row=ROW,
            states=STATES,
        )
        .lstrip()
    )
