"""Tests of the rules that a page explains: they are those of docs/semantics.md, and their ids become links."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.facts.rules import RULES
from reports.page.rule_links import link_rules

SEMANTICS = Path(__file__).parents[2] / "docs" / "semantics.md"


def test_the_rules_are_those_of_the_definition() -> None:
    """Each id in bold in docs/semantics.md has its sentence, and there are no others."""
    defined = re.findall(r"\*\*([A-Z][0-9]{1,2})\b", SEMANTICS.read_text(encoding="utf-8"))
    assert sorted(defined) == sorted(RULES) and len(set(defined)) == len(defined) > 40


def test_the_id_of_a_rule_becomes_a_link_and_all_else_is_escaped() -> None:
    """An id of no rule, a part of a word and markup stay text."""
    found = str(link_rules("breaks rule R8, not rule R99 or XR8 or r8 <b>&"))
    assert found.startswith('breaks rule <a class="rule" href="#rule-R8" title="')
    assert found.endswith(">R8</a>, not rule R99 or XR8 or r8 &lt;b&gt;&amp;")
    assert "<a" not in str(link_rules("Apple M1, Intel Xeon E5 or Neoverse V1"))
    assert str(link_rules("C10 and C1")).count('#rule-C1"') == 1
