"""The category of a ledger row, the name of its cause, and the hash of its case."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Collection, Iterable, Mapping

SCHEMA = 2
Row = Mapping[str, Any]

# Every row counts under exactly one category, so the counts add up to the number of rows. In the order of display.
CATEGORIES = {
    "agree": "agree",
    "refused as expected": "refused as expected",
    "known-deviation": "known deviations",
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
EXPLAINED = ("known-deviation", "as-before")  # mismatches that do not make a run fail
VERDICTS = (*(key for key in CATEGORIES if key not in ("refused as expected", *EXPLAINED)),)
ACCEPTED = "baseline"  # the value of `known_deviation` for a mismatch that the accepted baseline shows too
RANGE_ENDED = "range ended"
LISTINGS = ("new", "not listed", RANGE_ENDED, "as before", "known")  # the most urgent first
UNEXPLAINED = LISTINGS[:3]  # the listings that make a run fail
# Categories that make a run fail.
FAILING = frozenset(CATEGORIES) - {"agree", "refused as expected", *EXPLAINED, "not-run"}


def category(row: Row) -> str:
    """Return the key of CATEGORIES under which a row counts."""
    if row["verdict"] == "agree":
        return "refused as expected" if row["property"] == "rejection" else "agree"
    if row["known_deviation"] == ACCEPTED:
        return "as-before"
    return "known-deviation" if row["known_deviation"] else str(row["verdict"])


def listing(row: Row) -> str:
    """Return a word of LISTINGS for a row that deviates, else an empty string.

    A row that agrees or was not run does not deviate. A row is "new" only if an earlier run did the same check and
    showed no such mismatch. Its range has ended if a known deviation describes it for earlier releases only.
    """
    end = category(row)
    if end in EXPLAINED:
        return "known" if end == "known-deviation" else "as before"
    if end not in FAILING:
        return ""
    if row.get("compared") == "new":
        return "new"
    return RANGE_ENDED if row.get("ended_deviation") else "not listed"


def tally(rows: Iterable[Row]) -> dict[str, int]:
    """Return the number of rows for each category, including the categories without rows."""
    counts = dict.fromkeys(CATEGORIES, 0)
    for row in rows:
        counts[category(row)] += 1
    return counts


def causes(rows: Iterable[Row], contract: Collection[str] = ()) -> dict[tuple[str, str, str], list[Row]]:
    """Return the rows that do not agree, grouped by (category in words, cause, listing), the largest group first."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row["verdict"] != "agree":
            groups.setdefault((CATEGORIES[category(row)], cause(row, contract), listing(row)), []).append(row)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def cause(row: Row, contract: Collection[str] = ()) -> str:
    """Return the best name for why a row does not agree: a known deviation, a diagnosis, an error or the property.

    A known deviation whose range of versions has ended names the row too, though it does not excuse it.

    The stage of an error follows from the mode, so the name does not include it.
    ``contract`` has the names of the contract suites. A check of such a suite has a name of its own, and a wrong result
    is named after the suite and the check.
    """
    observed = row["observed"]
    known_deviation = row["known_deviation"] if row["known_deviation"] != ACCEPTED else None
    known_deviation = known_deviation or row.get("ended_deviation")
    if known_deviation or row["diagnosis"]:
        return str(known_deviation or row["diagnosis"])
    if "error" in observed:
        words = headline(observed["message"])
        return "%s: %s" % (observed["error"], words or "without a message")
    if row["verdict"] == "wrongly-accepted":
        return "not refused though %s" % row["expected"]["because"]
    if "reason" in observed:
        return _without_names(str(observed["reason"]))
    if row["suite"] in contract:
        return "%s, %s: wrong %s" % (row["suite"], row["variant"], row["property"])
    return "wrong %s, no named fault explains it" % row["property"]


# Parts of a message that differ between cases with one cause: colours, names, arguments of the call, wrapping.
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
    r"Graph execution error:.*?\n(?=[^\n]*\s*\[\[\{\{node)",  # the list of places where nodes were created
    r"\[\[\{\{.*?\}\}\]\]",
)
# The name of a refusing derivative operation, such as Conv2DCustomBackpropFilterOp or Conv3DBackpropInputOpV2.
_OPERATION = r"(?:Custom)?Backprop(?:Input|Filter)(?:Op)?(?:V[0-9]+)?"


def _without_names(message: str) -> str:
    """Return a message without the parts that differ between cases with one cause."""
    return " ".join(re.sub("|".join(_VARIES), " ", message, flags=re.DOTALL).split())


def headline(message: str) -> str:
    """Return at most the first 90 characters of an error, without the numbers and names that differ between cases."""
    text = re.sub(_OPERATION, "Backprop", _without_names(message))
    text = " ".join(re.sub(r"\b[0-9]+\b", "N", text).split())
    return text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + " ..."


def case_hash(case: str) -> str:
    """Return ten hexadecimal digits that identify a case everywhere: the BLAKE2b hash of its id."""
    return hashlib.blake2b(case.encode("utf-8", "backslashreplace"), digest_size=5).hexdigest()
