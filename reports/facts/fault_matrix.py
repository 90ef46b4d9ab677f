"""The fault matrix written by python -m fixtures fault-matrix: which suite detects which named fault. No markup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from reports.ledger import LedgerError

OWN, ALSO, MISSED, NOTHING = "■", "□", "✗", "·"
HEALTHY = "healthy"
_FIELDS = ("subject", "fault", "suite", "own", "caught", "case", "variant", "verdict", "checks")


@dataclass(frozen=True)
class Fault:
    """A named fault, and the check of its own suite that detected it. ``checks`` is how many checks that took."""

    name: str
    suite: str
    caught: bool
    checks: int
    case: str
    variant: str
    verdict: str


@dataclass(frozen=True)
class Suite:
    """One suite: how many of its own faults it detects, and a mark for every fault."""

    suite: str
    own: int
    detected: int
    missed: list[str]
    marks: list[tuple[str, str]]


@dataclass(frozen=True)
class Subject:
    """All faults of the NumPy layer or of a real layer."""

    name: str
    faults: list[Fault]
    suites: list[Suite]
    undetected: list[str]
    false_alarms: list[str]  # suites that report a deviation of the layer without a fault

    @property
    def detected(self) -> int:
        """Return the number of faults that their own suites detect."""
        return len(self.faults) - len(self.undetected)


def read_fault_matrix(path: Path | str) -> list[Subject]:
    """Return the subjects in the order of the file. Raises ``LedgerError`` if the file has no fault matrix."""
    try:
        detections = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(detections, list) or not all(
            isinstance(detection, dict) and set(_FIELDS) <= set(detection) for detection in detections
        ):
            raise LedgerError("%s is not a fault matrix; python -m fixtures fault-matrix writes one" % path)
    except (OSError, ValueError) as error:
        if isinstance(error, LedgerError):
            raise
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
    names = list(dict.fromkeys(detection["subject"] for detection in detections))
    return [
        _make_subject(name, [detection for detection in detections if detection["subject"] == name]) for name in names
    ]


def _make_subject(name: str, detections: Sequence[Mapping[str, Any]]) -> Subject:
    own = [detection for detection in detections if detection["own"] and detection["fault"] != HEALTHY]
    fields = ("fault", "suite", "caught", "checks", "case", "variant", "verdict")
    faults = sorted(
        (Fault(*(detection[field] for field in fields)) for detection in own), key=lambda one: (one.suite, one.name)
    )
    suites = list(dict.fromkeys(detection["suite"] for detection in detections))
    faults.sort(key=lambda one: suites.index(one.suite))
    by_pair = {(detection["suite"], detection["fault"]): detection for detection in detections}
    return Subject(
        name=name,
        faults=faults,
        suites=[_make_suite(suite, faults, by_pair) for suite in suites],
        undetected=[one.name for one in faults if not one.caught],
        false_alarms=[
            detection["suite"] for detection in detections if detection["fault"] == HEALTHY and detection["caught"]
        ],
    )


def _make_suite(suite: str, faults: Sequence[Fault], by_pair: Mapping[tuple[str, str], Mapping[str, Any]]) -> Suite:
    own = [one for one in faults if one.suite == suite]
    marks = []
    for one in faults:
        caught = bool(by_pair.get((suite, one.name), {}).get("caught"))
        mine = one.suite == suite
        marks.append((OWN if mine and caught else MISSED if mine else ALSO if caught else NOTHING, one.name))
    return Suite(suite, len(own), sum(one.caught for one in own), [one.name for one in own if not one.caught], marks)
