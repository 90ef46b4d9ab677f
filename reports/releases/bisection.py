"""Finds in which release the result of a check changes, by checking releases until it changes between neighbours."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from reports.facts.bisections import GOOD, UNCHECKED, BisectionRecord, ChangeOfResult, CheckedRelease
from reports.releases.answers import Answer, Answers
from reports.releases.package_index import PublishedRelease
from reports.releases.packages import Package
from reports.releases.search import NO_RESULT, Change, choose_first, choose_next, find_changes

# Returns the results of some checks in one release.
RunChecks = Callable[[PublishedRelease, Sequence[str]], Answers]
Print = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """A check, SUITE/VARIANT/CASE, and the title of the cause that it shows, if it comes from a ledger."""

    check: str
    cause: str = ""
    title: str = ""
    severity: str = ""


@dataclass
class Bisection:
    """What was found about one check along the releases of a package, which are in order."""

    target: Target
    package: Package
    releases: Sequence[PublishedRelease]
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, str]:
        """Return the results by the version of the release."""
        return {name: answer.result for name, answer in self.answers.items()}

    @property
    def changes(self) -> list[Change]:
        """Return every change of the result, in the order of the releases."""
        return find_changes([release.name for release in self.releases], self.results)

    @property
    def sentence(self) -> str:
        """Return what was found, such as "good in 3.6.0, mismatch (values) since 3.7.0"."""
        checked = [(one.name, self.results[one.name]) for one in self.releases if self.results.get(one.name, NO_RESULT)]
        if not checked:
            return "no release could be checked"
        changes = self.changes
        if not changes:
            return "%s in %s" % (checked[0][1], _format_span([name for name, _ in checked]))
        parts = ["%s in %s" % (self.results[changes[0].before], changes[0].before)]
        for change, following in zip(changes, [*changes[1:], None]):
            words = "%s since %s" if following is None else "%s from %s"
            parts.append(words % (self.results[change.after], change.after))
            if following is not None and following.before != change.after:
                parts[-1] += " to %s" % following.before
        return ", ".join(parts) + ("; not monotone: it changes %d times" % len(changes) if len(changes) > 1 else "")

    @property
    def since(self) -> str:
        """Return the first release of the last stretch of bad ones.

        The text is empty if the newest checked release is good, or all are bad.
        """
        return self._last_change(lambda result: result != GOOD)

    @property
    def fixed_in(self) -> str:
        """Return the first good release after the last bad one, or an empty text."""
        return self._last_change(lambda result: result == GOOD)

    def _last_change(self, fits: Callable[[str], bool]) -> str:
        """Return where the last stretch of fitting results begins, if the newest checked release belongs to it."""
        results, place = self.results, ""
        for change in reversed(self.changes):
            if not fits(results[change.after]):
                break
            place = change.after
            if not fits(results[change.before]):
                break
        return place


def _format_span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else "all %d checked releases from %s to %s" % (len(names), names[0], names[-1])


@dataclass
class Costs:
    """What a bisection took: environments that were made, and the seconds of these and of the checks."""

    environments: int = 0
    install_seconds: float = 0.0
    check_seconds: float = 0.0
    wall_seconds: float = 0.0


def bisect(
    targets: Sequence[Target],
    package: Package,
    releases: Sequence[PublishedRelease],
    run_checks: RunChecks,
    say: Print,
    further: int = 2,
    workers: int = 1,
) -> tuple[list[Bisection], Costs]:
    """Return what was found about each target. They share the environments and the pytest runs of a release.

    ``further`` releases are checked beside those that the bisection needs, evenly between the bounds, so that a result
    that changes several times is seen. ``workers`` releases are checked at the same time.
    """
    began, costs = time.monotonic(), Costs()
    found = [Bisection(target, package, releases) for target in targets]
    by_name = {release.name: release for release in releases}
    first = choose_first(list(by_name), further)
    with ThreadPoolExecutor(workers) as pool:
        while True:
            by_release = _collect(found, first, list(by_name), workers)
            if not by_release:
                break
            say(
                "%s: %s"
                % (package.name, ", ".join("%s (%s)" % (name, _format_count(by_release[name])) for name in by_release))
            )
            tasks = {name: pool.submit(run_checks, by_name[name], checks) for name, checks in by_release.items()}
            for name, task in tasks.items():
                answers = task.result()
                _enter_answers(found, name, answers, costs)
                say("  %s" % _describe_answers(name, answers))
            first = []
    costs.wall_seconds = time.monotonic() - began
    return found, costs


def _describe_answers(name: str, answers: Answers) -> str:
    """Return the results of one release in a line, with the seconds that they took."""
    counts = Counter(answer.words for answer in answers.by_check.values())
    words = ", ".join(word if len(answers.by_check) == 1 else "%d %s" % (n, word) for word, n in counts.most_common(3))
    return "%s: %s (%.0f s)" % (name, words, answers.install_seconds + answers.check_seconds)


def _format_count(checks: Sequence[str]) -> str:
    return "%d %s" % (len(checks), "check" if len(checks) == 1 else "checks")


def _collect(
    found: Sequence[Bisection], first: Sequence[str], names: Sequence[str], workers: int
) -> dict[str, list[str]]:
    """Return the checks to run next, by release, in the order of the releases."""
    by_release: dict[str, list[str]] = {}
    for one in found:
        for name in first or choose_next(names, one.results, workers):
            by_release.setdefault(name, []).append(one.target.check)
    return {name: by_release[name] for name in names if name in by_release}


def _enter_answers(found: Sequence[Bisection], name: str, answers: Answers, costs: Costs) -> None:
    for one in found:
        if one.target.check in answers.by_check:
            one.answers[name] = answers.by_check[one.target.check]
    costs.environments += answers.install_seconds > 0
    costs.install_seconds += answers.install_seconds
    costs.check_seconds += answers.check_seconds


def to_record(one: Bisection) -> BisectionRecord:
    """Return a bisection as it is stored and shown."""
    answers, by_name = one.answers, {release.name: release for release in one.releases}
    link = one.package.link_of_changes
    return BisectionRecord(
        package=one.package.name,
        check=one.target.check,
        cause=one.target.cause,
        title=one.target.title,
        severity=one.target.severity,
        sentence=one.sentence,
        since=one.since,
        fixed_in=one.fixed_in,
        releases=[
            CheckedRelease(
                name,
                release.uploaded.isoformat() if release.uploaded else "",
                answers[name].result or UNCHECKED,
                answers[name].reason,
            )
            for name, release in by_name.items()
            if name in answers
        ],
        changes=[
            ChangeOfResult(
                change.before,
                change.after,
                link(by_name[change.before].version, by_name[change.after].version),
                list(change.between),
            )
            for change in one.changes
        ],
    )
