"""The causes of a page as people count them: one for each mechanism, with severity, region, first release and owner.

A cause joins the groups of ``reports.facts.cause_groups`` that differ only in the property that fails. No markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Iterable, Sequence

from reports.facts.bisections import BisectionRecord
from reports.facts.cause_grid import CauseTrack, count_along_releases
from reports.facts.cause_groups import CauseGroup, Region
from reports.facts.cause_region import describe_region, shorten_region
from reports.facts.changes import ChangesSince
from reports.facts.first_bad import Since, find_first_bad
from reports.facts.known_entries import PACKAGE_NAMES
from reports.facts.since_of_run import since_of_one_run
from reports.facts.store import Run, Store
from reports.facts.titles import COUNTED, GRAVE, NIT, NOT_RUN, ORDER, WORDS
from reports.ledger import LISTINGS, RANGE_ENDED

_URGENCY = (*LISTINGS, "not run")


@dataclass(frozen=True)
class Cause:
    """One cause: ``failing`` of the ``inside`` checks in its region show it, if the runs counted those (else None).

    ``tag`` is that of its most urgent group. ``where`` is the region as one line for a table, and ``where_in_full``
    the same, not shortened; ``regions`` has the predicates.
    ``track`` has the cells in the order of releases.
    """

    anchor: str
    title: str
    severity: str
    owner: str
    link: str
    tag: str
    because: str
    where: str
    where_in_full: str
    failing: int
    cases: int
    inside: int | None
    since: Since
    groups: list[CauseGroup]
    track: CauseTrack = field(default_factory=CauseTrack)
    listed_for: str = ""  # the releases of the entry, such as "Keras before 3.16", if its range has ended
    bisections: list[BisectionRecord] = field(default_factory=list)  # one for each package whose releases were checked

    @property
    def words(self) -> str:
        """Return the severity in words."""
        return WORDS[self.severity]

    @property
    def shown_as(self) -> dict[str, int]:
        """Return the verdicts in words, such as "mismatch, property values, suite forward", with their checks."""
        found: dict[str, int] = {}
        for group in self.groups:
            suites = "%s %s" % ("suite" if len(group.suites) == 1 else "suites", ", ".join(group.suites))
            words = "%s, property %s, %s" % (group.verdict, group.property, suites)
            found[words.replace("-", " ")] = found.get(words.replace("-", " "), 0) + group.count
        return found

    @property
    def regions(self) -> list[Region]:
        """Return the regions of all groups, each predicate once: the region with the most further checks."""
        found: dict[str, Region] = {}
        for region in (region for group in self.groups for region in group.regions):
            best = found.setdefault(region.when, region)
            if region.proof and (not best.proof or region.proof.inside[0] > best.proof.inside[0]):
                found[region.when] = region
        return list(found.values())

    @property
    def listed(self) -> bool:
        """Return whether the cause does not fail a run: it is known, in the baseline, or was not run."""
        return self.tag in ("known", "as before", "not run")


@dataclass(frozen=True)
class CauseList:
    """The causes of a page in the parts in which it shows them."""

    unlisted: list[Cause]
    ended: list[Cause]  # listed for earlier releases only: they fail the run as unlisted causes do
    grave: list[Cause]  # listed, and the process dies or numbers are silently wrong
    others: list[Cause]
    nits: list[Cause]
    not_run: list[Cause]

    @property
    def failing(self) -> list[Cause]:
        """Return the causes that fail the run: those that are new since the previous run first, then by severity."""
        found = [*self.unlisted, *self.ended]
        return sorted(found, key=lambda cause: (not cause.since.new, ORDER.index(cause.severity)))

    @property
    def known(self) -> list[Cause]:
        """Return the listed causes that are no nits, the most severe first."""
        return sorted([*self.grave, *self.others], key=lambda cause: ORDER.index(cause.severity))

    @property
    def every(self) -> list[Cause]:
        """Return all causes, in the order in which the page shows them in full."""
        return [*self.failing, *self.known, *self.nits, *self.not_run]


def make_causes(
    groups: Sequence[CauseGroup],
    store: Store | None,
    since: ChangesSince | None = None,
    bisections: Sequence[BisectionRecord] = (),
) -> CauseList:
    """Return the causes of the groups of a page. Without a store, they have no track along the releases.

    A bisection that found since when a cause shows replaces what the list of known deviations says.
    """
    merged: dict[tuple[str, str], list[CauseGroup]] = {}
    for group in groups:
        merged.setdefault((group.heading, "" if group.get_entry() else group.tag), []).append(group)
    runs = store.runs if store else []
    made = [_make_cause(found, runs, since) for found in merged.values()]
    made = [replace(cause, anchor=anchor) for cause, anchor in zip(made, _anchors(cause.title for cause in made))]
    if store and len(runs) > 1:
        tracks = count_along_releases(store, [cause.groups for cause in made])
        made = [
            replace(cause, track=track, since=find_first_bad(track) or cause.since)
            for cause, track in zip(made, tracks)
        ]
    made = [_with_bisections(cause, bisections) for cause in made]
    made.sort(key=lambda cause: (ORDER.index(cause.severity), -cause.failing, cause.title))
    unlisted = [cause for cause in made if not cause.listed]
    listed = [cause for cause in made if cause.listed and cause.severity not in (NIT, NOT_RUN)]
    return CauseList(
        unlisted=sorted((cause for cause in unlisted if cause.tag != RANGE_ENDED), key=lambda one: not one.since.new),
        ended=[cause for cause in unlisted if cause.tag == RANGE_ENDED],
        grave=[cause for cause in listed if cause.severity in GRAVE],
        others=[cause for cause in listed if cause.severity not in GRAVE],
        nits=[cause for cause in made if cause.listed and cause.severity == NIT],
        not_run=[cause for cause in made if cause.severity == NOT_RUN],
    )


def _with_bisections(cause: Cause, bisections: Sequence[BisectionRecord]) -> Cause:
    """Return the cause with the bisections of its groups: one of each package, the first group's before others."""
    found: dict[str, BisectionRecord] = {}
    for group in cause.groups:
        for one in bisections:
            if one.cause == group.title or (not one.cause and _is_of_group(one.check, group)):
                found.setdefault(one.package, one)
    since = [one for one in found.values() if one.since]
    if not since:
        return replace(cause, bisections=list(found.values()))
    first = ", ".join("%s %s" % (PACKAGE_NAMES.get(one.package, one.package), one.since) for one in since)
    before = "; ".join("good in %s" % one.good_before for one in since)
    if cause.track.lines:  # the column has cells
        first, before = cause.since.first, "by bisection since %s, %s" % (first, before)
    return replace(cause, bisections=list(found.values()), since=Since(first, before, cause.since.new))


def _is_of_group(check: str, group: CauseGroup) -> bool:
    """Return whether a group has a failing check, SUITE/VARIANT/CASE, or at least its case in its suite."""
    suite, _, rest = check.partition("/")
    return suite in group.suites and rest.partition("/")[2] in group.cases


def count_by_severity(causes: Iterable[Cause]) -> str:
    """Return how many causes each severity has, such as "2 process deaths, 6 with silently wrong numbers"."""
    counts: dict[str, int] = {}
    for cause in causes:
        counts[cause.severity] = counts.get(cause.severity, 0) + 1
    return ", ".join("%d %s" % (counts[key], COUNTED[key][counts[key] != 1]) for key in ORDER if key in counts)


def _make_cause(groups: list[CauseGroup], runs: Sequence[Run], since: ChangesSince | None) -> Cause:
    first = groups[0]
    known = first.get_entry()
    tag = min((group.tag for group in groups), key=_URGENCY.index)
    cases = {case for group in groups for case in group.cases}
    region = describe_region(groups)
    return Cause(
        anchor="",
        title=first.heading,
        severity=min((group.severity for group in groups), key=ORDER.index),
        owner=known.owner if known else "",
        link=known.link if known and known.link.startswith("https://") else "",
        tag=tag,
        because=known.because if known else "",
        where=shorten_region(region, groups),
        where_in_full=region,
        failing=sum(group.count for group in groups),
        cases=max(len(cases), max(group.distinct for group in groups)),
        inside=_count_inside(groups, runs),
        since=since_of_one_run(groups, tag, since, runs),
        groups=groups,
        listed_for=next((group.ended_deviation.listed_for for group in groups if group.ended_deviation), ""),
    )


def _count_inside(groups: Sequence[CauseGroup], runs: Sequence[Run]) -> int | None:
    """Return how many checks ran in the region of the groups, or None if the runs do not say so."""
    if groups[0].known_deviation is None:
        regions = [region for group in groups for region in group.regions]
        exact = len(groups) == len(regions) and all(region.exact and region.proof for region in regions)
        return sum(group.count for group in groups) if exact else None
    names = {group.title for group in groups}
    total = 0
    for run in runs:
        causes = {entry.get("cause") for entry in run.run["known_deviations"] if entry["name"] in names}
        covered = (run.end or {}).get("covered")
        if causes and covered is None:
            return None
        total += sum(covered.get(cause, 0) for cause in causes) if covered else 0
    return max(total, sum(group.count for group in groups)) if total else None


def _anchors(titles: Iterable[str]) -> list[str]:
    """Return an anchor for each title. It stays the same as long as the title does."""
    found: dict[str, int] = {}
    anchors = []
    for title in titles:
        slug = "cause=" + (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80] or "unnamed")
        found[slug] = found.get(slug, 0) + 1
        anchors.append(slug if found[slug] == 1 else "%s-%d" % (slug, found[slug]))
    return anchors
