"""The region of a cause as one line of words. No markup."""

from __future__ import annotations

from typing import Sequence

from reports.facts.cause_groups import CauseGroup
from reports.facts.region_words import ANY, common_region, region_in_words, short_region

MOST_LETTERS = 160  # of a region in a table; a longer one is in full with the cause
MOST_NAMED = 3  # how many checks of a contract suite a region names


def describe_region(groups: Sequence[CauseGroup]) -> str:
    """Return the region of a cause as one line: what all its predicates share, else the predicates one by one.

    Known deviations say where it shows; predicates that a run searched are for checks that none of them excuses.
    """
    listed = [group for group in groups if group.known_deviation] or groups
    predicates = list(dict.fromkeys(region.when for group in listed for region in group.regions))
    shared, partial = common_region(predicates)
    if shared:
        return short_region(shared, partial)
    checks = list(dict.fromkeys(check for group in groups for check in group.checks))
    alternatives = [short_region(region_in_words(when)) for when in predicates]
    if any(alternatives):
        shown = [one or (_name_checks(checks) if checks else ANY) for one in alternatives[:2]]
        rest = len(alternatives) - len(shown)
        return "; or ".join(shown) + (
            "; or %d more regions" % rest if rest > 1 else "; or one more region" if rest else ""
        )
    if checks:
        return _name_checks(checks)
    if predicates:
        return ANY
    return _describe_cases(groups) + ("; no region was searched" if max(one.distinct for one in groups) > 1 else "")


def _name_checks(checks: Sequence[str]) -> str:
    """Return the names of checks of the contract, such as "checks strides.huge, strides.zero"."""
    more = len(checks) - MOST_NAMED
    named = ", ".join(checks[:MOST_NAMED]) + (" and %d more" % more if more > 0 else "")
    return "%s %s" % ("check" if len(checks) == 1 else "checks", named)


def shorten_region(region: str, groups: Sequence[CauseGroup]) -> str:
    """Return a described region for a table: what the cases have in common if the conditions would fill lines."""
    if len(region) <= MOST_LETTERS:
        return region
    return "%s, in a region of many conditions" % _describe_cases(groups)


def _describe_cases(groups: Sequence[CauseGroup]) -> str:
    """Return how many cases fail, and what they have in common."""
    cases = max(group.distinct for group in groups)
    common = ", ".join(word for word in groups[0].shared if all(word in group.shared for group in groups))
    if cases == 1:
        return "one case%s" % (": " + common if common else "")
    return "%d cases%s" % (cases, ", all of them %s" % common if common else "")
