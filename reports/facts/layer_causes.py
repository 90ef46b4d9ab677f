"""The causes of a page in plain types, for the form that looks up which of them concern a layer."""

from __future__ import annotations

from typing import Any, Sequence

from reports.facts.cause_groups import CauseGroup
from reports.facts.causes import Cause
from reports.facts.predicate_tree import parse_predicate
from reports.facts.region_words import words_of_parts


def list_layer_causes(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    """Return the causes that have a region, in the order of the page.

    ``regions`` has for each region its tree (see ``predicate_tree``), the suites whose checks show the cause there, and
    the words of each part of the tree. A region that cannot be read is left out, and so is a cause without any.
    """
    described = [_describe_cause(cause) for cause in causes]
    return [one for one in described if one["regions"]]


def _describe_cause(cause: Cause) -> dict[str, Any]:
    return {
        "anchor": cause.anchor,
        "title": cause.title,
        "severity": cause.words,
        "owner": cause.owner,
        "versions": "; ".join(dict.fromkeys(filter(None, map(_versions_of_group, cause.groups)))),
        "listed": cause.listed,
        "regions": [region for group in cause.groups for region in _regions_of_group(group)],
    }


def _versions_of_group(group: CauseGroup) -> str:
    """Return the versions and processors that a known deviation is of, or an empty text."""
    known = group.known_deviation
    return ", ".join(filter(None, (known.versions, known.isa))) if known else ""


def _regions_of_group(group: CauseGroup) -> list[list[Any]]:
    trees = [(region.when, parse_predicate(region.when)) for region in group.regions]
    return [[tree, group.suites, words_of_parts(when)] for when, tree in trees if tree is not None]
