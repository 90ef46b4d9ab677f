"""Bisections as text for a terminal: the sentence, the table of releases, and where the changes of the code are."""

from __future__ import annotations

from collections.abc import Sequence

from reports.facts.bisections import GOOD
from reports.releases.bisection import Bisection, Costs
from reports.releases.search import NO_RESULT


def describe(found: Sequence[Bisection], costs: Costs) -> str:
    """Return the text of all bisections, the sentence of each first."""
    parts = ["\n".join(_describe_bisection(one)) for one in found]
    took = "%d environments made in %.0f s, checks in %.0f s, %.0f s in all"
    parts.append(took % (costs.environments, costs.install_seconds, costs.check_seconds, costs.wall_seconds))
    return "\n\n".join(parts)


def _describe_bisection(one: Bisection) -> list[str]:
    title = "%s: " % one.target.title if one.target.title else ""
    lines = ["%s%s %s" % (title, one.package.name, one.sentence), "  check %s" % one.target.check]
    lines += ["  " + line for line in _format_table(one)]
    by_name = {release.name: release for release in one.releases}
    for change in one.changes:
        link = one.package.link_of_changes(by_name[change.before].version, by_name[change.after].version)
        lines += ["  changes from %s to %s: %s" % (change.before, change.after, link)] if link else []
        if change.between:
            lines.append("  cannot be checked between them: %s" % ", ".join(change.between))
    if len(one.changes) > 1 and not any("varies" in answer.result for answer in one.answers.values()):
        lines.append("  With --repeat 3 and another folder (-o) you see whether the result varies from run to run.")
    return lines


def _format_table(one: Bisection) -> list[str]:
    """Return a line for each checked release, and one for each stretch of releases that were not checked."""
    lines: list[str] = []
    skipped = 0
    for release in one.releases:
        answer = one.answers.get(release.name)
        if answer is None:
            skipped += 1
            continue
        lines += [_format_skipped(skipped)] if skipped else []
        skipped = 0
        mark = {GOOD: "ok ", NO_RESULT: "?  "}.get(answer.result, "BAD")
        day = release.uploaded.isoformat() if release.uploaded else "no date"
        lines.append("%s %-22s %s  %s" % (mark, release.name, day, answer.words))
    return lines + ([_format_skipped(skipped)] if skipped else [])


def _format_skipped(count: int) -> str:
    return "    ... %d %s not checked" % (count, "release" if count == 1 else "releases")
