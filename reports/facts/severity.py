"""The known causes of a page by severity and owner, the gravest first. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from reports.facts.cause_groups import CauseGroup
from reports.facts.titles import SEVERITIES


@dataclass(frozen=True)
class Severity:
    """One row of the table: the number of causes and checks, and the causes by owner, such as "Keras 3, oneDNN 1"."""

    words: str
    causes: int
    checks: int
    owners: str


def count_causes_by_severity(groups: Iterable[CauseGroup]) -> list[Severity]:
    """Return one row for every severity that any known cause of the page has."""
    found: dict[str, dict[str, list[CauseGroup]]] = {}
    for group in groups:
        if group.known_deviation and group.known_deviation.severity:
            by_title = found.setdefault(group.known_deviation.severity, {})
            by_title.setdefault(group.known_deviation.title, []).append(group)
    rows = []
    for key, words in SEVERITIES.items():
        causes = list(found.get(key, {}).values())
        owners: dict[str, int] = {}
        for cause in causes:
            owner = cause[0].known_deviation.owner if cause[0].known_deviation else ""
            owners[owner] = owners.get(owner, 0) + 1
        if causes:
            checks = sum(group.count for cause in causes for group in cause)
            owner_counts = ", ".join("%s %d" % item for item in sorted(owners.items()))
            rows.append(Severity(words, len(causes), checks, owner_counts))
    return rows
