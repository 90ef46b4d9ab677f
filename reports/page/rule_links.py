"""Links from the ids of rules, such as R8, to the section of the page that says what they are."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from reports.facts.rules import RULES

# Not after a name, such as that of a processor.
_ID = re.compile(r"(?:(?<=ule )|(?<=ules )|(?<=and )|(?<=or )|(?<=, )|(?<=\()|^)[ACEGMRSV]\d{1,2}\b")


def link_rules(text: str) -> Markup:
    """Return a text, escaped, in which ids of rules are links with the rule as their tooltip.

    An id stands at the beginning, in parentheses, or after "rule" or another id.
    """
    parts, end = [], 0
    for found in _ID.finditer(text):
        sentence = RULES.get(found[0])
        if sentence is None:
            continue
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a class="rule" href="#rule-{0}" title="{1}">{0}</a>').format(found[0], sentence))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
