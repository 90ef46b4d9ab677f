"""What changed from one run to another, question by question, also where they asked different ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Collection

from reports.facts.breakdown import CONTRACT
from reports.facts.machine import machine
from reports.ledger import Ledger, Row, cause

Question = tuple[str, str, str]  # case, kind of suite, mode
COMPLETENESS = "run"  # whether it is complete, among what may be another in two runs
_ASKED = ("tier", "shard", "modes", "deviations")
_ENVIRONMENT = ("keras", "tensorflow", "jax", "torch", "openvino", "backend", "subject", "device", "python", "numpy")


@dataclass(frozen=True)
class Change:
    """Cases that changed in the same way."""

    kind: str
    before: str
    after: str
    cases: list[str]

    @property
    def tone(self) -> str:
        """Whether it is for the worse (new), for the better (good), or only another thing (changed)."""
        return {"regressed": "new", "fixed": "good"}.get(self.kind, "changed")


@dataclass(frozen=True)
class Difference:
    """All changes, and how many questions both runs answered alike, or only one of them asked."""

    environment: list[tuple[str, str, str]]
    changes: list[Change]
    same: int
    only_before: int
    only_after: int

    @property
    def count(self) -> int:
        """Questions that changed."""
        return sum(len(change.cases) for change in self.changes)


NAMED = 8  # of a change, how many questions a terminal names
KINDS: tuple[tuple[str, str, Callable[[Row, Row], bool]], ...] = (
    ("not asked any more", "there is nothing to ask", lambda a, b: a["verdict"] != "not-run" == b["verdict"]),
    ("asked for the first time", "there was nothing to ask", lambda a, b: b["verdict"] != "not-run" == a["verdict"]),
    ("regressed", "agreed, and does not any more", lambda a, b: a["verdict"] == "agree" != b["verdict"]),
    ("fixed", "did not agree, and does now", lambda a, b: b["verdict"] == "agree" != a["verdict"]),
    ("changed verdict", "disagrees in another way", lambda a, b: a["verdict"] != b["verdict"]),
    (
        "taken or refused",
        "agrees both times, taken once and refused the other time",
        lambda a, b: a["verdict"] == "agree" and ("error" in a["observed"]) != ("error" in b["observed"]),
    ),
    ("changed claim", "disagrees in another claim", lambda a, b: a["claim"] != b["claim"]),
    ("refused differently", "another stage or class of error", lambda a, b: _refusal(a) != _refusal(b)),
)


def compare(before: Ledger, after: Ledger) -> Difference:
    """The difference of two runs; a question is a case, kind of suite and mode."""
    old, new = questions(before, after)
    grouped: dict[tuple[str, str, str], list[str]] = {}
    same = 0
    for question in old.keys() & new.keys():
        a, b = old[question], new[question]
        kind = kind_of(a, b)
        if kind is None:
            same += 1
        else:
            told = (kind, describe(a, before.run.get("contract", ())), describe(b, after.run.get("contract", ())))
            grouped.setdefault(told, []).append(_name(a, before))
    order = [name for name, _, _ in KINDS]
    changes = [Change(*key, sorted(cases)) for key, cases in grouped.items()]
    changes.sort(key=lambda change: (order.index(change.kind), -len(change.cases), change.before, change.after))
    facts = [(key, _text(before.run.get(key)), _text(after.run.get(key))) for key in _ENVIRONMENT]
    facts += [(key, _text(before.run.get(key)), _text(after.run.get(key))) for key in _ASKED]
    old_machine, new_machine = (dict(machine(run.run)) for run in (before, after))
    names = [name for name in {**old_machine, **new_machine} if name != "baseline"]
    facts += [(name, _text(old_machine.get(name)), _text(new_machine.get(name))) for name in names]
    facts.append((COMPLETENESS, _completeness(before), _completeness(after)))
    switches = sorted({*before.run["switches"], *after.run["switches"]})
    facts += [
        ("switch " + key, _text(before.run["switches"].get(key)), _text(after.run["switches"].get(key)))
        for key in switches
    ]
    return Difference(
        [fact for fact in facts if fact[1] != fact[2]], changes, same, len(old.keys() - new), len(new.keys() - old)
    )


def questions(before: Ledger, after: Ledger) -> tuple[dict[Question, Row], dict[Question, Row]]:
    """The rows of both by what was asked, in keys that mean the same in both."""
    # A subject with one call mode is compared with another that has one, whatever the two are called.
    one_mode = all(len(_call_modes(run)) == 1 for run in (before, after))
    return _by_question(before, one_mode), _by_question(after, one_mode)


def kind_of(before: Row, after: Row) -> str | None:
    """The kind of a change; None where the answers are alike."""
    return next((name for name, _, applies in KINDS if applies(before, after)), None)


def describe(row: Row, contract: Collection[str] = ()) -> str:
    """A verdict in a few words; of an agreed refusal its stage and class."""
    if row["verdict"] == "agree":
        return "agrees, refused: %s at %s" % _refusal(row)[::-1] if "error" in row["observed"] else "agrees"
    told = "%s: %s" % (row["verdict"].replace("-", " "), cause(row, contract))
    return "%s, %s at %s" % (told, *_refusal(row)[::-1]) if row["excused"] and "error" in row["observed"] else told


def as_text(found: Difference, before: str, after: str) -> str:
    """The difference for a terminal."""
    lines = ["from %s to %s" % (before, after)]
    lines += ["  %s: %s -> %s" % fact for fact in found.environment]
    lines.append(
        "%d answered alike, %d changed, %d asked only before, %d only after"
        % (found.same, found.count, found.only_before, found.only_after)
    )
    for change in found.changes:
        more = ", and %d more" % (len(change.cases) - NAMED) if len(change.cases) > NAMED else ""
        lines.append("%s, %d: %s%s" % (change.kind, len(change.cases), ", ".join(change.cases[:NAMED]), more))
        lines.append("    before  %s" % change.before)
        lines.append("    after   %s" % change.after)
    return "\n".join(lines)


def _completeness(ledger: Ledger) -> str:
    return "complete" if ledger.end is not None else "incomplete, %d answers" % len(ledger.rows)


def _of_contract(row: Row, ledger: Ledger) -> bool:
    return row["suite"] in ledger.run.get("contract", ())


def _call_modes(ledger: Ledger) -> list[str]:
    """The modes of a run that call the layer, without the questions of the contract."""
    named = {CONTRACT, *(row["mode"] for row in ledger.rows if _of_contract(row, ledger))}
    return [mode for mode in ledger.run["modes"] if mode not in named]


def _by_question(ledger: Ledger, one_mode: bool) -> dict[Question, Row]:
    """Rows by case, kind of suite and mode; forward or rejection asks a case as the subject's contract has it."""
    found: dict[Question, Row] = {}
    for row in ledger.rows:
        kind = "forward" if row["suite"] == "rejection" else row["suite"]
        mode = "" if one_mode and not _of_contract(row, ledger) else row["mode"]
        found[row["case"], kind, mode] = row
    return found


def _name(row: Row, ledger: Ledger) -> str:
    """A question as it is listed: the case, and what was asked about it where that has a name."""
    return "%s, %s %s" % (row["case"], row["suite"], row["mode"]) if _of_contract(row, ledger) else str(row["case"])


def _refusal(row: Row) -> tuple[Any, Any]:
    return row["observed"].get("stage"), row["observed"].get("error")


def _text(value: Any) -> str:
    return "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
