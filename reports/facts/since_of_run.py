"""Since when a cause of a single run shows: the previous run, the baseline or the list of deviations says it."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from reports.facts.cause_groups import CauseGroup
from reports.facts.changes import ChangesSince
from reports.facts.first_bad import Since
from reports.facts.known_entries import PACKAGE_NAMES
from reports.facts.store import Run


def since_of_one_run(groups: Sequence[CauseGroup], tag: str, since: ChangesSince | None, runs: Sequence[Run]) -> Since:
    """Return since when a cause of a single run shows: by the previous run, the baseline, or the list of deviations."""
    if since and any(group.appeared for group in groups):
        return Since("this run", "good in the previous run", new=True)
    if since and any(group.title in since.causes_of_new_checks for group in groups):
        return Since("this run", "not checked before")
    baseline = next((run.run["baseline"] for run in runs if run.run.get("baseline")), None)
    if tag == "new" and baseline:
        return Since("this run", "good in the run of %s" % _day(baseline["started"]), new=True)
    if tag == "as before" and baseline:
        return Since("the run of %s or earlier" % _day(baseline["started"]), "in the accepted baseline")
    entries = [entry for entry in (group.get_entry() for group in groups) if entry]
    known = groups[0].get_entry()
    first = first_versions([entry.versions for entry in entries])
    if known and first:
        return Since("listed from %s" % first, "")
    if since:
        return Since("the previous run or earlier", "")
    return Since("", "" if known else "no earlier run was given")


def first_versions(ranges: Iterable[str]) -> str:
    """Return the first versions that ranges such as "keras >=3.7,<3.16, tensorflow >=2.16" allow.

    They are in words, such as "Keras 3.7, TensorFlow 2.16": of each package the least.
    """
    found: dict[str, str] = {}
    for text in ranges:
        for package, version in re.findall(r"(\w+) [^a-z]*?>=?\s*([0-9][0-9.]*)", text):
            least = found.get(package, version)
            found[package] = min(least, version, key=_version_key)
    return ", ".join("%s %s" % (PACKAGE_NAMES.get(package, package), version) for package, version in found.items())


def _version_key(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part]


def _day(started: str) -> str:
    return str(started)[:10]
