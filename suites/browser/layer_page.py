"""Makes a page with the form "Check my layer" alone, and three causes."""

from __future__ import annotations

import json
from typing import NamedTuple

from reports.facts.predicate_tree import parse_predicate
from reports.facts.region_words import words_of_parts
from reports.page.explorer import BROWSER, MODULES, inert_json, make_import_map, source_as_data_url
from reports.page.render import join_style_sheets, make_jinja_environment

BASE = """{% extends "base.html.j2" %}{% block title %}Layer{% endblock %}{% block heading %}Layer{% endblock %}
{% block content %}<script type="importmap">{{ imports | safe }}</script>
{% include "layer_form.html.j2" %}{% endblock %}"""
REGIONS = {
    "A bias along the width": "data_format == 'channels_first' and use_bias and variant != 'dynamic' and not rules",
    "Every layer": "True",
    "Only in XLA": "data_format == 'channels_last' and filters == 7 and variant == 'xla'",
}


class Fault(NamedTuple):
    """A wrong text in the place of a right one in a module of the page."""

    module: str
    right: str
    wrong: str


def make_layer_page(fault: Fault | None = None) -> str:
    """Return the HTML of the page, with a fault in its scripts if one is given."""
    words = {"severity": "silently wrong numbers", "owner": "Keras", "versions": "keras >=3.7", "listed": True}
    causes = [
        {
            **words,
            "title": title,
            "anchor": "cause=%d" % number,
            "regions": [[parse_predicate(when), ["forward"], words_of_parts(when)]],
        }
        for number, (title, when) in enumerate(REGIONS.items())
    ]
    made = make_jinja_environment().from_string(BASE)
    style = join_style_sheets("style.css", "sections.css", "geometry.css", "layer_form.css")
    imports = make_import_map() if fault is None else _inject(fault)
    return made.render(style=style, imports=imports, layer_causes=inert_json(causes), sections=[], sliders=False)


def _inject(fault: Fault) -> str:
    """Return the import map with the fault; the right text must be in the module once."""
    found = json.loads(make_import_map())
    source = (BROWSER / MODULES[fault.module]).read_text(encoding="utf-8")
    assert source.count(fault.right) == 1, fault
    found["imports"][fault.module] = source_as_data_url(source.replace(fault.right, fault.wrong))
    return inert_json(found)
