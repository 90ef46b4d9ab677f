"""What a reader must do with the file of a ledger, decided without any of the project's readers.

``json`` and ``jsonschema`` do the work here. The readers use msgspec, DuckDB and checks of their own, so a mistake on
either side shows as a difference.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Mapping

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "reports" / "schema" / "ledger-2.schema.json"
LARGEST_NUMBER = 2**63 - 1
LONGEST, LONGEST_ANSWER = 2**24, 2**20  # bytes of a line
DEEPEST = 64
Counts = Mapping[str, int]
_KINDS = ("run", "verdict", "end")
_ANSWER = {
    **dict.fromkeys(("case", "suite", "variant", "property", "verdict"), (str,)),
    **dict.fromkeys(("diagnosis", "known_deviation"), (str, type(None))),
    "observed": (dict,),
}


@dataclass(frozen=True)
class Judgement:
    """What a reader must do with a file.

    ``damage`` says why the file must be refused; it is empty if the file must be read. ``counts`` has the answers of a
    file that must be read by category. If only the ``details`` of lines are wrong, a reader that does not know the
    schema may read the file too, with these counts.
    """

    damage: str
    details: str
    counts: Counts
    ended: bool

    @property
    def readable(self) -> bool:
        """Return whether every reader must read the file."""
        return not self.damage and not self.details


class _DamagedError(Exception):
    """The file must be refused by every reader."""


def judge(data: bytes) -> Judgement:
    """Return what a reader must do with a file that has these bytes."""
    state = _File()
    try:
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            state.take(line, number)
        state.require(bool(state.header), "the file has no first line")
        state.require(sum(state.counts.values()) <= state.header["planned"], "more answers than planned")
    except _DamagedError as error:
        return Judgement(str(error), "", {}, False)
    return Judgement("", state.details, dict(state.counts), state.ended)


class _File:
    """The lines of a file that were taken so far."""

    def __init__(self) -> None:
        self.header: dict[str, Any] = {}
        self.counts: Counter[str] = Counter()
        self.ended, self.details = False, ""
        self._seen: set[tuple[str, str, str]] = set()

    @staticmethod
    def require(condition: bool, words: str) -> None:
        """Raise ``_DamagedError`` unless the condition holds."""
        if not condition:
            raise _DamagedError(words)

    def take(self, line: bytes, number: int) -> None:
        """Take one more line."""
        row = self._parse(line, number)
        kind = row.get("kind")
        self.require((kind == "run") is (number == 1), "line %d: only the first line is a run" % number)
        self.require(kind in _KINDS, "line %d is of the kind %.30r" % (number, kind))
        self.require(not self.ended, "line %d comes after the end row" % number)
        if kind == "run":
            self._take_run(row)
        elif kind == "end":
            self._take_end(row)
        else:
            self._take_answer(row, number)
        problem = _find_detail(str(kind), row, len(line))
        self.details = self.details or (problem and "line %d: %s" % (number, problem))

    def _parse(self, line: bytes, number: int) -> dict[str, Any]:
        self.require(len(line) < LONGEST, "line %d is too long" % number)
        try:
            row = json.loads(line.decode("utf-8"), parse_constant=_refuse, parse_float=_read_float)
        except (ValueError, RecursionError) as error:
            raise _DamagedError("line %d: %.200s" % (number, error)) from None
        self.require(isinstance(row, dict), "line %d is not an object" % number)
        return dict(row)

    def _take_run(self, row: dict[str, Any]) -> None:
        self.require(row.get("schema") == 2, "another schema")
        self.require(type(row.get("planned")) is int, "planned is not a number")
        known = row.get("known_deviations")
        named = isinstance(known, list) and all(
            isinstance(one, dict) and isinstance(one.get("name"), str) for one in known
        )
        self.require(named, "a known deviation has no name")
        self.header = row

    def _take_answer(self, row: dict[str, Any], number: int) -> None:
        wrong = [key for key, types in _ANSWER.items() if key not in row or not isinstance(row[key], types)]
        self.require(not wrong, "line %d: %s" % (number, wrong))
        self.require(row["verdict"] in _verdicts(), "line %d: unknown verdict" % number)
        names = {None, "baseline", *(one["name"] for one in self.header["known_deviations"])}
        self.require(row["known_deviation"] in names, "line %d: known deviation is not listed" % number)
        check = (row["case"], row["suite"], row["variant"])
        self.require(check not in self._seen, "line %d repeats a check" % number)
        self._seen.add(check)
        self.counts[_find_category(row)] += 1

    def _take_end(self, row: dict[str, Any]) -> None:
        counts, planned = row.get("counts"), self.header["planned"]
        self.require(isinstance(counts, dict) and all(type(one) is int for one in counts.values()), "no counts")
        right = {name: count for name, count in dict(counts or {}).items() if count} == dict(self.counts)
        answers = sum(self.counts.values())
        self.require(right, "the counts are not those of the rows")
        self.require(type(row.get("planned")) is int and row["planned"] == planned == answers, "planned is not right")
        self.ended = True


def _find_category(row: Mapping[str, Any]) -> str:
    """Return the category of an answer, as docs/architecture.md and the schema define it."""
    if row["verdict"] == "agree":
        return "refused as expected" if row["property"] == "rejection" else "agree"
    known = {None: "", "": "", "baseline": "as-before"}.get(row["known_deviation"], "known-deviation")
    return known or str(row["verdict"])


def _refuse(name: str) -> None:
    raise ValueError(name)


def _read_float(text: str) -> float:
    if abs(float(text)) == float("inf"):
        raise ValueError(text[:30])
    return float(text)


def _find_detail(kind: str, row: dict[str, Any], length: int) -> str:
    """Return what is wrong with one line, beyond what every reader checks; an empty text if nothing is."""
    if kind == "verdict" and length >= LONGEST_ANSWER:
        return "it is too long"
    if _is_deep(row):
        return "it is nested too deeply"
    if re.search("[\ud800-\udfff]", json.dumps(row, ensure_ascii=False)):
        return "it has half a character"
    return next(("%.200s" % error.message for error in _validator(kind).iter_errors(row)), "")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = [one for one in level if isinstance(one, (dict, list))]
        level = [part for one in inner for part in (one.values() if isinstance(one, dict) else one)]
    return bool(level)


@lru_cache(maxsize=None)
def _definitions() -> dict[str, Any]:
    return dict(_strict(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["$defs"]))


def _strict(schema: Any) -> Any:
    """Return a schema whose patterns end where the text ends, and whose bounded numbers have 64 bits."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(one) for key, one in schema.items()}
    if isinstance(made.get("pattern"), str):
        made["pattern"] = re.sub(r"\$$", r"\\Z", made["pattern"])
    return {**made, "maximum": LARGEST_NUMBER} if isinstance(made.get("minimum"), int) else made


@lru_cache(maxsize=None)
def _validator(kind: str) -> Any:
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    strict = extend(Draft202012Validator, type_checker=types)
    return strict({"$ref": "#/$defs/" + kind, "$defs": _definitions()})


@lru_cache(maxsize=None)
def _verdicts() -> list[str]:
    return list(_definitions()["verdict"]["properties"]["verdict"]["enum"])
