"""The titles and severities of causes, for people. A title says what goes wrong, without slug or message. No markup."""

from __future__ import annotations

from typing import Any, Mapping

from reports.ledger import Row

# These severities equal those of fixtures/deviations/cause.py. The schema of the ledger lists the keys.
SEVERITIES = {
    "process-death": "the process dies",
    "wrong-values": "silently wrong numbers",
    "wrong-shape": "wrong shape",
    "refused-although-valid": "valid but refused",
    "accepted-although-invalid": "invalid but accepted",
    "unclear-refusal": "late or unclear refusal",
    "wording-and-types": "wording and types",
}
SUITE_BUG = "suite-bug"  # a severity of its own: the suite is wrong, not the layer
NOT_RUN = "not-run"
# The words for the counts of causes by severity: singular and plural.
COUNTED = {
    SUITE_BUG: ("error of this suite", "errors of this suite"),
    "process-death": ("process death", "process deaths"),
    "wrong-values": ("with silently wrong numbers", "with silently wrong numbers"),
    "wrong-shape": ("wrong shape", "wrong shapes"),
    "refused-although-valid": ("valid but refused", "valid but refused"),
    "accepted-although-invalid": ("invalid but accepted", "invalid but accepted"),
    "unclear-refusal": ("late or unclear refusal", "late or unclear refusals"),
    "wording-and-types": ("of wording or types", "of wording or types"),
    NOT_RUN: ("not run", "not run"),
}
WORDS = {SUITE_BUG: "error of this suite", **SEVERITIES, NOT_RUN: "could not run"}
ORDER = tuple(COUNTED)
NIT = "wording-and-types"
GRAVE = ("process-death", "wrong-values")  # severities that the verdict counts, and that are never folded

_BY_VERDICT = {
    "suite-bug": SUITE_BUG,
    "crashed": "process-death",
    "hanged": "process-death",
    "wrongly-rejected": "refused-although-valid",
    "wrongly-accepted": "accepted-although-invalid",
    "unclear-rejection": "unclear-refusal",
    "not-run": NOT_RUN,
}
_BY_PROPERTY = {
    "shape": "wrong-shape",
    "inferred-shape": "wrong-shape",
    "dtype": "wording-and-types",
    "placement": "wording-and-types",
    "signature": "wording-and-types",
}
_ARRAYS = {"dx": "input", "dkernel": "kernel", "dbias": "bias", "kernel": "kernel", "bias": "bias"}
_STAGES = {"construction": "when they are constructed", "build": "when they are built"}
_MISMATCHES = {
    "shape": "The output has a wrong shape",
    "inferred-shape": "An inferred shape is not that of the output",
    "dtype": "The output has a wrong dtype",
    "placement": "The output is on another device",
    "values": "Output values are not those of the definition",
    "determinism": "Two equal calls give different results",
    "round-trip": "A restored layer behaves differently",
    "signature": "A documented part of the interface differs",
}


def severity_of_row(row: Row) -> str:
    """Return the severity of a deviation that no known deviation describes: a key of ``WORDS``."""
    return _BY_VERDICT.get(row["verdict"]) or _BY_PROPERTY.get(row["property"], "wrong-values")


def title_of_row(row: Row, faults: Mapping[str, str], contract: bool) -> str:
    """Return the title of the cause that a row shows, if no known deviation describes it.

    ``faults`` has the sentences of named faults. ``contract`` says whether the row's suite has checks with names.
    """
    diagnosis = row["diagnosis"] or ""
    if diagnosis and not diagnosis.startswith("index_map: "):
        return _title_of_faults(diagnosis, faults)
    text = _title_of_end(row) or _title_of_mismatch(row)
    return "%s (%s: %s)" % (text, row["suite"], row["variant"]) if contract else text


def _title_of_faults(diagnosis: str, faults: Mapping[str, str]) -> str:
    """Return the sentences of the faults that explain a row: several at once with "and", alternatives with "or"."""
    sentences = [
        ", and ".join(faults.get(part, part.replace("-", " ")) for part in name.split(" + "))
        for name in diagnosis.split(" or ")
    ]
    text = ", or ".join(sentences)
    return text[:1].upper() + text[1:]


def _title_of_end(row: Row) -> str:
    """Return the title of a deviation that ends without numbers, or an empty string for one that has them."""
    observed, verdict = row["observed"], row["verdict"]
    if verdict == "suite-bug":
        return "This suite cannot judge the check"
    if verdict == "not-run":
        return "Not run: %s" % observed.get("reason", "no reason is given")
    if verdict == "crashed":
        signal = str(observed.get("reason", "")).rpartition(" of ")[2]
        return "The process dies%s" % (" of %s" % signal if signal.startswith("SIG") else "")
    if verdict == "hanged":
        return "The call does not end"
    if verdict == "wrongly-accepted":
        return "Accepted although %s" % (row["expected"].get("because") or "it must be refused")
    if verdict == "unclear-rejection":
        return "Refused without a clear message (%s)" % observed.get("error", "no class")
    if verdict == "wrongly-rejected":
        where = _STAGES.get(str(observed.get("stage")), "when they are called")
        return "Valid layers are refused %s (%s)" % (where, observed.get("error", "no class"))
    return "It fails with %s" % observed["error"] if "error" in observed else ""


def _title_of_mismatch(row: Row) -> str:
    observed, kind = row["observed"], row["property"]
    if str(row["diagnosis"] or "").startswith("index_map: "):
        return "Products of input and kernel land in wrong output cells"
    array = _ARRAYS.get(str(observed.get("array") or row["expected"].get("array") or ""))
    if kind == "gradient":
        return "The gradient with respect to the %s is wrong" % array if array else "A gradient is wrong"
    if kind == "locality":
        return _title_of_special_value(row, array)
    return _MISMATCHES.get(kind, "The %s differs from the definition" % kind.replace("-", " "))


def _title_of_special_value(row: Row, array: str | None) -> str:
    """Return whether a NaN or an infinity spreads or is lost, as the first entries that differ show."""
    sides = [[entry["value"] for entry in row[side].get("entries", [])] for side in ("expected", "observed")]
    place = "gradient entries" if array else "cells"
    pairs = list(zip(*sides))
    if pairs and all(_is_special(got) and not _is_special(reference) for reference, got in pairs):
        return "A NaN or an infinity spreads to %s it should not reach" % place
    if pairs and all(_is_special(reference) and not _is_special(got) for reference, got in pairs):
        return "A NaN or an infinity is lost before it reaches its %s" % place
    return "A NaN or an infinity gives other values in its %s" % place


def _is_special(value: Any) -> bool:
    return isinstance(value, str)  # JSON has no NaN and no infinity: the ledger has their names
