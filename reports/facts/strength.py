"""The kill matrix that python -m fixtures kill wrote: which suite notices which named fault. No markup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from reports.ledger import LedgerError

OWN, ALSO, MISSED, NOTHING = "■", "□", "✗", "·"
HEALTHY = "healthy"
_FIELDS = ("subject", "fault", "suite", "own", "caught", "case", "mode", "verdict", "asked")


@dataclass(frozen=True)
class Fault:
    """A named fault, and the question of its own suite that showed it; ``asked`` counts how many that took."""

    name: str
    suite: str
    caught: bool
    asked: int
    case: str
    mode: str
    verdict: str


@dataclass(frozen=True)
class Suite:
    """One suite: the faults that are its own to kill, and a mark for every fault."""

    suite: str
    own: int
    killed: int
    missed: list[str]
    marks: list[tuple[str, str]]


@dataclass(frozen=True)
class Subject:
    """All faults of the double, or of a real layer."""

    name: str
    faults: list[Fault]
    suites: list[Suite]
    survived: list[str]
    blamed: list[str]  # suites that find something wrong with the healthy one

    @property
    def killed(self) -> int:
        """How many faults did not survive."""
        return len(self.faults) - len(self.survived)


def read(path: Path | str) -> list[Subject]:
    """The subjects in the file's order; ``LedgerError`` where it is not such a file."""
    try:
        shots = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(shots, list) or not all(
            isinstance(shot, dict) and set(_FIELDS) <= set(shot) for shot in shots
        ):
            raise LedgerError("%s is no kill matrix; python -m fixtures kill writes one" % path)
    except (OSError, ValueError) as error:
        if isinstance(error, LedgerError):
            raise
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
    names = list(dict.fromkeys(shot["subject"] for shot in shots))
    return [_subject(name, [shot for shot in shots if shot["subject"] == name]) for name in names]


def _subject(name: str, shots: Sequence[Mapping[str, Any]]) -> Subject:
    own = [shot for shot in shots if shot["own"] and shot["fault"] != HEALTHY]
    fields = ("fault", "suite", "caught", "asked", "case", "mode", "verdict")
    faults = sorted((Fault(*(shot[field] for field in fields)) for shot in own), key=lambda one: (one.suite, one.name))
    suites = list(dict.fromkeys(shot["suite"] for shot in shots))
    faults.sort(key=lambda one: suites.index(one.suite))
    by_pair = {(shot["suite"], shot["fault"]): shot for shot in shots}
    return Subject(
        name=name,
        faults=faults,
        suites=[_suite(suite, faults, by_pair) for suite in suites],
        survived=[one.name for one in faults if not one.caught],
        blamed=[shot["suite"] for shot in shots if shot["fault"] == HEALTHY and shot["caught"]],
    )


def _suite(suite: str, faults: Sequence[Fault], by_pair: Mapping[tuple[str, str], Mapping[str, Any]]) -> Suite:
    own = [one for one in faults if one.suite == suite]
    marks = []
    for one in faults:
        caught = bool(by_pair.get((suite, one.name), {}).get("caught"))
        mine = one.suite == suite
        marks.append((OWN if mine and caught else MISSED if mine else ALSO if caught else NOTHING, one.name))
    return Suite(suite, len(own), sum(one.caught for one in own), [one.name for one in own if not one.caught], marks)
