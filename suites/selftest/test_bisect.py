"""Tests of ``python -m reports bisect``: planted sequences of results."""

from __future__ import annotations

import sys
from typing import Sequence

import pytest

pytest.importorskip("packaging.version")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)


from fixtures.case import EXAMPLE_ID
from reports.facts.bisections import GOOD
from reports.releases.answers import Answer, Answers
from reports.releases.bisection import Bisection, Costs, Target, bisect
from reports.releases.bisection_text import describe
from reports.releases.package_index import PublishedRelease
from reports.releases.packages import PACKAGES
from reports.releases.search import NO_RESULT, choose_next
from suites.selftest.many_values import for_each
from suites.selftest.sample_releases import make_releases

KERAS = PACKAGES["keras"]
BAD = "mismatch (values)"
CHECK = "forward/eager/" + EXAMPLE_ID


def bisect_planted(planted: Sequence[str], further: int = 0, workers: int = 1) -> tuple[Bisection, list[str]]:
    """Return the bisection of a planted sequence of results, and the releases as they were checked."""
    published, checked = make_releases(len(planted)), []
    by_name = dict(zip([one.name for one in published], planted))

    def run_checks(release: PublishedRelease, checks: Sequence[str]) -> Answers:
        checked.append(release.name)
        answer = Answer(by_name[release.name], "planted" if by_name[release.name] == NO_RESULT else "")
        return Answers(dict.fromkeys(checks, answer), 1.0, 1.0)

    (found,), costs = bisect([Target(CHECK)], KERAS, published, run_checks, lambda text: None, further, workers)
    assert costs.environments == len(checked) == len(set(checked))
    assert describe([found], costs)
    return found, checked


@pytest.mark.parametrize("workers", [1, 2, 5])
@for_each("place", range(1, 40))
def test_each_place_of_a_regression_is_found_with_few_checks(place: int, workers: int) -> None:
    """One change among 40 releases takes the bounds and log2 of 40 rounds."""
    found, checked = bisect_planted([GOOD] * place + [BAD] * (40 - place), workers=workers)
    assert found.since == "3.%d.0" % place and not found.fixed_in
    assert found.sentence == "good in 3.%d.0, mismatch (values) since 3.%d.0" % (place - 1, place)
    assert len(checked) <= 2 + 6 * workers


def test_a_fix_is_found_too() -> None:
    """It is the first good release after the last bad one."""
    found, _ = bisect_planted([BAD] * 7 + [GOOD] * 5)
    assert (found.since, found.fixed_in) == ("", "3.7.0")
    assert found.sentence == "mismatch (values) in 3.6.0, good since 3.7.0"


def test_a_sequence_that_is_not_monotone_is_called_so() -> None:
    """Good, bad, good, bad: each change that was seen is narrowed down, and the sentence counts them."""
    found, _ = bisect_planted([GOOD] * 6 + [BAD] * 10 + [GOOD] * 10 + [BAD] * 6, further=2)
    assert found.sentence == (
        "good in 3.5.0, mismatch (values) from 3.6.0 to 3.15.0, good from 3.16.0 to 3.25.0, mismatch (values) since "
        "3.26.0; not monotone: it changes 3 times"
    )
    assert found.since == "3.26.0"


def test_without_further_releases_a_stretch_between_equal_ends_stays_unseen() -> None:
    """That is why two more releases are checked by default; the text says how many releases were not checked."""
    planted = [GOOD] * 6 + [BAD] * 10 + [GOOD] * 6
    assert bisect_planted(planted, further=0)[0].sentence.startswith("good in all 2 checked releases")
    assert "mismatch" in bisect_planted(planted, further=2)[0].sentence


def test_another_kind_of_failure_is_a_change_of_its_own() -> None:
    """A release that refuses and a later one that computes wrong values are both bad, and differ."""
    refused = "wrongly rejected (rejection)"
    found, _ = bisect_planted([GOOD] * 4 + [refused] * 4 + [BAD] * 4, further=1)
    assert found.since == "3.4.0"
    assert "wrongly rejected (rejection) from 3.4.0 to 3.7.0, mismatch (values) since 3.8.0" in found.sentence


@pytest.mark.parametrize("hole", range(12))
def test_a_release_that_cannot_be_checked_is_named_and_its_neighbours_are_checked(hole: int) -> None:
    """At an end the next release takes its place; at the change the text names it as lying between."""
    planted = [GOOD] * 5 + [BAD] * 7
    planted[hole] = NO_RESULT
    found, _ = bisect_planted(planted)
    (change,) = found.changes
    first_bad = 6 if hole == 5 else 5
    assert change.after == "3.%d.0" % first_bad
    assert change.between == (("3.%d.0" % hole,) if hole in (4, 5) else ())
    if hole in (4, 5):
        assert "cannot be checked between them: 3.%d.0" % hole in describe([found], Costs())


def test_only_holes_end_the_search() -> None:
    """Every release is tried once."""
    found, checked = bisect_planted([NO_RESULT] * 6)
    assert found.sentence == "no release could be checked" and len(checked) == 6
    assert choose_next(["a", "b"], {"a": NO_RESULT, "b": NO_RESULT}, 2) == []
