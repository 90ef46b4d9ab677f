"""The difference between two runs, check by check. The runs may have different checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Collection

from reports.facts.breakdown import CONTRACT
from reports.facts.machine import machine_facts
from reports.ledger import Ledger, Row, cause

Check = tuple[str, str, str]  # case, kind of suite, mode
COMPLETENESS = "run"  # the fact whether a run is complete, among the facts that may differ
_OPTIONS = ("tier", "shard", "modes", "deviations")
_VERSIONS = ("keras", "tensorflow", "jax", "torch", "openvino", "scipy", "onnxruntime")
_ENVIRONMENT = (*_VERSIONS, "backend", "subject", "device", "python", "numpy")


@dataclass(frozen=True)
class Change:
    """Checks that changed in the same way."""

    kind: str
    before: str
    after: str
    cases: list[str]

    @property
    def tone(self) -> str:
        """Return "new" for a change for the worse, "good" for one for the better, and "changed" for any other."""
        return {"regressed": "new", "fixed": "good"}.get(self.kind, "changed")


@dataclass(frozen=True)
class Difference:
    """The changes between two runs: which answers changed, how many did not, and how many checks only one run has.

    ``environment`` has the facts that differ, as (name, before, after).
    """

    environment: list[tuple[str, str, str]]
    changes: list[Change]
    same: int
    only_before: int
    only_after: int

    @property
    def count(self) -> int:
        """Return the number of checks that changed."""
        return sum(len(change.cases) for change in self.changes)


NAMED = 8  # the number of checks of one change that a terminal lists
KINDS: tuple[tuple[str, str, Callable[[Row, Row], bool]], ...] = (
    ("not run any more", "the check ran, and cannot any more", lambda a, b: a["verdict"] != "not-run" == b["verdict"]),
    (
        "run for the first time",
        "the check could not run before",
        lambda a, b: b["verdict"] != "not-run" == a["verdict"],
    ),
    ("regressed", "agreed, and does not any more", lambda a, b: a["verdict"] == "agree" != b["verdict"]),
    ("fixed", "did not agree, and does now", lambda a, b: b["verdict"] == "agree" != a["verdict"]),
    ("changed verdict", "disagrees in another way", lambda a, b: a["verdict"] != b["verdict"]),
    (
        "taken or refused",
        "agrees both times, taken once and refused the other time",
        lambda a, b: a["verdict"] == "agree" and ("error" in a["observed"]) != ("error" in b["observed"]),
    ),
    ("changed property", "disagrees in another property", lambda a, b: a["property"] != b["property"]),
    ("refused differently", "another stage or class of error", lambda a, b: _stage_and_error(a) != _stage_and_error(b)),
)


def compare_runs(before: Ledger, after: Ledger) -> Difference:
    """Return the difference between two runs. A check is identified by its case, kind of suite and mode."""
    old, new = match_rows_by_check(before, after)
    grouped: dict[tuple[str, str, str], list[str]] = {}
    same = 0
    for check in old.keys() & new.keys():
        a, b = old[check], new[check]
        kind = kind_of_change(a, b)
        if kind is None:
            same += 1
        else:
            parts = (
                kind,
                describe_verdict(a, before.run.get("contract", ())),
                describe_verdict(b, after.run.get("contract", ())),
            )
            grouped.setdefault(parts, []).append(_name_of_check(a, before))
    order = [name for name, _, _ in KINDS]
    changes = [Change(*key, sorted(cases)) for key, cases in grouped.items()]
    changes.sort(key=lambda change: (order.index(change.kind), -len(change.cases), change.before, change.after))
    facts = [(key, _value_as_text(before.run.get(key)), _value_as_text(after.run.get(key))) for key in _ENVIRONMENT]
    facts += [(key, _value_as_text(before.run.get(key)), _value_as_text(after.run.get(key))) for key in _OPTIONS]
    old_machine, new_machine = (dict(machine_facts(run.run)) for run in (before, after))
    names = [name for name in {**old_machine, **new_machine} if name != "baseline"]
    facts += [(name, _value_as_text(old_machine.get(name)), _value_as_text(new_machine.get(name))) for name in names]
    facts.append((COMPLETENESS, _completeness(before), _completeness(after)))
    switches = sorted({*before.run["switches"], *after.run["switches"]})
    facts += [
        (
            "switch " + key,
            _value_as_text(before.run["switches"].get(key)),
            _value_as_text(after.run["switches"].get(key)),
        )
        for key in switches
    ]
    return Difference(
        [fact for fact in facts if fact[1] != fact[2]], changes, same, len(old.keys() - new), len(new.keys() - old)
    )


def match_rows_by_check(before: Ledger, after: Ledger) -> tuple[dict[Check, Row], dict[Check, Row]]:
    """Return the rows of both runs by check, with keys that mean the same in both."""
    # If each subject has only one call mode, these modes are compared whatever their names are.
    one_mode = all(len(_call_modes(run)) == 1 for run in (before, after))
    return _rows_by_check(before, one_mode), _rows_by_check(after, one_mode)


def kind_of_change(before: Row, after: Row) -> str | None:
    """Return the kind of change between two rows of one check, or None if the results are alike."""
    return next((name for name, _, applies in KINDS if applies(before, after)), None)


def describe_verdict(row: Row, contract: Collection[str] = ()) -> str:
    """Return the verdict of a row in a few words, and for an expected or explained refusal its error and stage."""
    if row["verdict"] == "agree":
        return "agrees, refused: %s at %s" % _stage_and_error(row)[::-1] if "error" in row["observed"] else "agrees"
    text = "%s: %s" % (row["verdict"].replace("-", " "), cause(row, contract))
    return (
        "%s, %s at %s" % (text, *_stage_and_error(row)[::-1])
        if row["known_deviation"] and "error" in row["observed"]
        else text
    )


def difference_as_text(found: Difference, before: str, after: str) -> str:
    """Return the difference as text for a terminal."""
    lines = ["from %s to %s" % (before, after)]
    lines += ["  %s: %s -> %s" % fact for fact in found.environment]
    lines.append(
        "%d answered alike, %d changed, %d checked only before, %d only after"
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


def _is_contract_row(row: Row, ledger: Ledger) -> bool:
    return row["suite"] in ledger.run.get("contract", ())


def _call_modes(ledger: Ledger) -> list[str]:
    """Return the modes of a run that call the layer, without the names of contract checks."""
    named = {CONTRACT, *(row["variant"] for row in ledger.rows if _is_contract_row(row, ledger))}
    return [mode for mode in ledger.run["modes"] if mode not in named]


def _rows_by_check(ledger: Ledger, one_mode: bool) -> dict[Check, Row]:
    """Return the rows by case, kind of suite and mode.

    The suites forward and rejection are one kind, because the subject's contract decides which of the two runs a case.
    """
    found: dict[Check, Row] = {}
    for row in ledger.rows:
        kind = "forward" if row["suite"] == "rejection" else row["suite"]
        mode = "" if one_mode and not _is_contract_row(row, ledger) else row["variant"]
        found[row["case"], kind, mode] = row
    return found


def _name_of_check(row: Row, ledger: Ledger) -> str:
    """Return the name of a check in a list: the case, and for a contract suite also the suite and the check."""
    return (
        "%s, %s %s" % (row["case"], row["suite"], row["variant"]) if _is_contract_row(row, ledger) else str(row["case"])
    )


def _stage_and_error(row: Row) -> tuple[Any, Any]:
    return row["observed"].get("stage"), row["observed"].get("error")


def _value_as_text(value: Any) -> str:
    return "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
