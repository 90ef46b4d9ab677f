"""The result file: JSON Lines, append-only, flushed a row at a time, strict JSON.

First the run, then a verdict a question, last the end; see schema/ledger-1.schema.json. A file
without its end is an incomplete run. Runs on Python 3.7, next to the framework under test.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Collection, Iterable, Mapping

SCHEMA = 1
Row = Mapping[str, Any]

# How every row is counted; their sum is the number of cases asked. Order of display.
OUTCOMES = {
    "agree": "agree",
    "refused as expected": "refused as expected",
    "excused": "known deviations",
    "as-before": "as in the baseline",
    "mismatch": "mismatches",
    "wrongly-accepted": "wrongly accepted",
    "wrongly-rejected": "wrongly rejected",
    "unclear-rejection": "refused unclearly",
    "crashed": "crashed",
    "hanged": "hanged",
    "not-run": "not run",
    "suite-bug": "suite bugs",
}
EXPLAINED = ("excused", "as-before")  # mismatches that do not make a run fail
VERDICTS = (*(key for key in OUTCOMES if key not in ("refused as expected", *EXPLAINED)),)
ACCEPTED = "baseline"  # in `excused`, of a mismatch that the accepted baseline shows
_RUN_FIELDS = ("cell", "subject", "planned", "axes", "known", "faults", "asked")
_RUN_TYPES = {"planned": int, "axes": list, "known": list, "faults": dict, "asked": dict}
_ROW_FIELDS = (
    *("case", "suite", "mode", "claim", "verdict", "expected", "observed"),
    *("diagnosis", "excused", "checked", "measured", "reproduce"),
)
# Outcomes that make a run fail.
FAILING = frozenset(OUTCOMES) - {"agree", "refused as expected", *EXPLAINED, "not-run"}


class LedgerError(ValueError):
    """The file is not a ledger this version reads; one sentence says why."""


@dataclass
class Ledger:
    """One run as read from a file; ``end`` is None when the run did not finish."""

    path: str
    run: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None


def outcome(row: Row) -> str:
    """The key of OUTCOMES a verdict row counts under."""
    if row["verdict"] == "agree":
        return "refused as expected" if row["claim"] == "rejection" else "agree"
    if row["excused"] == ACCEPTED:
        return "as-before"
    return "excused" if row["excused"] else str(row["verdict"])


def standing(row: Row) -> str:
    """Return known, as before, new or not listed where a row deviates; nothing where it agrees or was not asked.

    It is new only against an earlier run in which the check was asked and showed no such mismatch.
    """
    end = outcome(row)
    if end in EXPLAINED:
        return "known" if end == "excused" else "as before"
    return "" if end not in FAILING else "new" if row.get("compared") == "new" else "not listed"


def tally(rows: Iterable[Row]) -> dict[str, int]:
    """Rows by outcome, every outcome present."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for row in rows:
        counts[outcome(row)] += 1
    return counts


def causes(rows: Iterable[Row], contract: Collection[str] = ()) -> dict[tuple[str, str, str], list[Row]]:
    """What is not as it should be, grouped by (outcome, cause, standing), most frequent first."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row["verdict"] != "agree":
            groups.setdefault((OUTCOMES[outcome(row)], cause(row, contract), standing(row)), []).append(row)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def cause(row: Row, contract: Collection[str] = ()) -> str:
    """The best name there is for why a row does not agree: deviation, diagnosis, error or claim.

    An error's stage follows from the mode, so it is no part of the name.
    A row of one of the suites of the ``contract`` is a question of its own, and told by its name.
    """
    observed = row["observed"]
    known = row["excused"] if row["excused"] != ACCEPTED else None
    if known or row["diagnosis"]:
        return str(known or row["diagnosis"])
    if "error" in observed:
        words = headline(observed["message"])
        return "%s: %s" % (observed["error"], words or "without a message")
    if row["verdict"] == "wrongly-accepted":
        return "not refused though %s" % row["expected"]["because"]
    if "reason" in observed:
        return _without_names(str(observed["reason"]))
    if row["suite"] in contract:
        return "%s, %s: wrong %s" % (row["suite"], row["mode"], row["claim"])
    return "wrong %s, no named fault explains it" % row["claim"]


# What differs between cases with one cause: colours, node and layer names, the call's arguments, wrapping.
_VARIES = (
    r"\x1b\[[0-9;]*m",
    r"\{\{.*?\}\}",
    r"\[Op:.*?\](?: name:)?",
    r"name: \S+",
    r"Call arguments received.*",
    r"Arguments received by.*",
    r"Exception encountered when calling [^.]*\.call\(\)\.",
    r"Exception encountered when calling layer .*?\(type \w+\)\.",
    r"Error when deserializing class '\w+' using config=.*?Exception encountered:",
    r"Operation received an exception:",
    r"Graph execution error:.*?\n(?=[^\n]*\s*\[\[\{\{node)",  # where every node was made
    r"\[\[\{\{.*?\}\}\]\]",
)
# Which derivative of a convolution refused: Conv2DCustomBackpropFilterOp, Conv3DBackpropInputOpV2.
_OPERATION = r"(?:Custom)?Backprop(?:Input|Filter)(?:Op)?(?:V[0-9]+)?"


def _without_names(message: str) -> str:
    """A message without what differs between cases with one cause."""
    return " ".join(re.sub("|".join(_VARIES), " ", message, flags=re.DOTALL).split())


def headline(message: str) -> str:
    """An error's first telling words, without the numbers and names that differ from case to case."""
    text = re.sub(_OPERATION, "Backprop", _without_names(message))
    text = " ".join(re.sub(r"\b[0-9]+\b", "N", text).split())
    return text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + " ..."


def case_hash(case: str) -> str:
    """Ten digits that name a case anywhere: BLAKE2b of its id."""
    return hashlib.blake2b(case.encode("utf-8", "backslashreplace"), digest_size=5).hexdigest()


REASON = ".not-run.txt"


def reason_path(ledger: Path) -> Path:
    """Where a run that could not ask anything leaves its sentence, for the page of the matrix."""
    return ledger.with_name(ledger.stem + REASON)


class Writer:
    """Appends rows to a ledger; the caller makes sure there is only one a file."""

    def __init__(self, path: Path | str, append: bool = False) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if append:
            _cut_broken_end(Path(path))
        self._file = open(path, "a" if append else "w", encoding="utf-8")  # noqa: SIM115  # held for the length of a run

    def write(self, row: Row) -> None:
        """One line, on the disk when this returns; ``ValueError`` on NaN or a non-JSON type.

        Half of a character, which Python's text may have and other readers of JSON refuse, is written as its number.
        """
        line = json.dumps(row, allow_nan=False)
        if "\\ud" in line:
            whole = json.dumps(row, ensure_ascii=False)
            line = json.dumps(
                json.loads(re.sub("[\ud800-\udfff]", lambda half: "\\\\u%04x" % ord(half.group()), whole))
            )
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; without an end row it stays an incomplete run."""
        self._file.close()


def _cut_broken_end(path: Path) -> None:
    """Drop a half-written last line and the end row, so that a run can go on."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    if lines and json.loads(lines[-1]).get("kind") == "end":
        lines.pop()
    path.write_text("".join(lines), encoding="utf-8")


def read(path: Path | str) -> Ledger:
    """A ledger; ``LedgerError`` when it is none, of another schema, or broken before its last line."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
    complete = lines[:-1]  # a line without its newline was cut off while it was written
    rows = [_parse(line, number, path) for number, line in enumerate(complete, 1)]
    check_run(rows[0] if rows else None, path)
    ledger = Ledger(str(path), rows[0])
    seen = set()
    for number, row in enumerate(rows[1:], 2):
        if row.get("kind") == "end":
            ledger.end = row
            continue
        _need(row, _ROW_FIELDS, number, path)
        question = (row["case"], row["suite"], row["mode"])
        if row["verdict"] not in VERDICTS or question in seen:
            reason = "repeats a question" if question in seen else "has the unknown verdict %r" % row["verdict"]
            raise LedgerError("%s, line %d %s; did two runs write to it?" % (path, number, reason))
        seen.add(question)
        ledger.rows.append(row)
    return ledger


def check_run(header: Any, path: Path | str) -> None:
    """Refuse a first line that is not a run's, or of another schema."""
    if not isinstance(header, dict) or header.get("kind") != "run":
        raise LedgerError("%s is no ledger: its first line is not a run" % path)
    if header.get("schema") != SCHEMA:
        raise LedgerError(
            "%s has ledger schema %s, this version reads %d; use the reports of the version that wrote it"
            % (path, header.get("schema"), SCHEMA)
        )
    _need(header, _RUN_FIELDS, 1, path)
    for name, kind in _RUN_TYPES.items():
        if not isinstance(header[name], kind) or (name == "axes" and not header[name]):
            raise LedgerError("%s, line 1 has no usable %s: %r" % (path, name, header[name]))


def _need(row: Row, names: tuple[str, ...], number: int, path: Path | str) -> None:
    missing = [name for name in names if name not in row]
    if missing:
        raise LedgerError("%s, line %d lacks %s" % (path, number, ", ".join(missing)))


def _parse(line: str, number: int, path: Path | str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise LedgerError("%s, line %d is not JSON: %s" % (path, number, error)) from None
    if not isinstance(row, dict):
        raise LedgerError("%s, line %d is not an object" % (path, number))
    return row
