"""One check in full: its input, what was expected and observed, and how to repeat it. Plain values, no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

from reports.facts.difference_grid import Grid, make_difference_grid
from reports.facts.geometry import Drawing, make_drawings
from reports.facts.redrawn_bias import find_bias
from reports.facts.short_code import make_short_code
from reports.ledger import Row, case_hash
from reports.ledger.rerun import rerun_command

_FED = {
    "index-proof": "Fed with a kernel of distinct integers and a one-hot batch: an element for each input cell and "
    "channel, in place of the batch of the case.",
    "dense-integers": "Fed with integers whose sums cannot round.",
    "random-reals": "Fed with random reals; entries differ where the error exceeds the rounding bound.",
    "special-values": "Fed with a special value (NaN, an infinity, the greatest, the least) in one cell an element.",
    "relation": "Fed with integers; expected is one side of the relation, observed the other.",
}
NO_SNIPPET = "# No snippet"  # how the text begins that says why there is no code
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class History:
    """How a process ended during a check or before it: a sentence, the checks that the end needs, and those before."""

    sentence: str
    needs: list[str]
    before: list[str]
    earlier: int


@dataclass(frozen=True)
class CheckDetails:
    """One check in full, ready to be shown."""

    case: str
    hash: str
    smallest: bool
    check: str
    parameters: list[tuple[str, str]]
    again: str
    fed: str
    limits: list[str]
    expected: list[tuple[str, str]]
    observed: list[tuple[str, str]]
    entries: list[tuple[str, Any, Any]]
    entries_at: str
    picture: Grid | None
    differs: str
    notes: list[str]
    index_map: str
    landed: list[tuple[str, str, str]]
    message: str
    history: History | None
    snippet: str
    drawings: list[Drawing]
    refused: str
    drawn_case: str = ""  # the case that the drawings show, if it is another
    bias: list[float] = field(default_factory=list)  # of a small case, if the bias is at fault
    code: str = ""  # the shortest code that shows the mismatch

    @property
    def proof(self) -> str:
        """Return the snippet, or an empty string if it only says why there is none."""
        return "" if self.snippet.startswith(NO_SNIPPET) else self.snippet

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """Return each fact as (name, expected, observed), with an empty string if a side does not have it."""
        expected, observed = dict(self.expected), dict(self.observed)
        rows = [(name, expected.get(name, ""), observed.get(name, "")) for name in {**expected, **observed}]
        return [row for row in rows if row[1] or row[2]]


def make_check_details(
    row: Row, run: dict[str, Any], smallest: bool = False, row_of_geometry: Row | None = None
) -> CheckDetails:
    """Return the row ready to be shown. ``smallest`` says whether it is the smallest row of its cause.

    ``row_of_geometry`` is the row whose geometry is drawn, if it is another.
    """
    expected, observed = dict(row["expected"]), dict(row["observed"])
    reference, got = expected.pop("entries", []), observed.pop("entries", [])
    picture, differs, total = observed.pop("map", []), observed.pop("differs", None), observed.pop("of", None)
    expected.pop("geometry", None)
    index_map = observed.pop("index_map", {})
    notes, message = _take_texts(row, observed)
    return CheckDetails(
        case=row["case"],
        hash=case_hash(row["case"]),
        smallest=smallest,
        check=row["variant"] if row["suite"] in run.get("contract", ()) else "",
        parameters=_read_parameters(row["case"], run["axes"]),
        again=rerun_command(row, run),
        fed=_FED.get(row["data"] or "", ""),
        limits=_describe_limits(row["measured"]),
        expected=[_fact_in_words(name, value) for name, value in expected.items()],
        observed=[(name, _value_as_text(value)) for name, value in observed.items()],
        entries=[(_value_as_text(a["at"]), a["value"], b["value"]) for a, b in zip(reference, got)],
        entries_at=_axis_names_of_index(reference[0]["at"], bool(picture)) if reference else "",
        picture=make_difference_grid(picture, expected.get("shape", []), "-first-" in row["case"]),
        differs="%s of %s" % (f"{differs:,}", f"{total:,}") if differs is not None else "",
        notes=notes,
        index_map=index_map.get("sentence", ""),
        landed=[_product_in_words(product) for product in index_map.get("examples", [])],
        message=_ANSI.sub("", message),
        history=_make_history(row.get("history")),
        snippet=row["snippet"] or "",
        drawings=[] if row["property"] == "rejection" else make_drawings(row_of_geometry or row),
        refused="%s, %s" % (expected["refuses"][0], expected["because"]) if expected.get("refuses") else "",
        drawn_case=row_of_geometry["case"] if row_of_geometry and row_of_geometry["case"] != row["case"] else "",
        bias=find_bias(row["snippet"] or "") if "bias" in (row["diagnosis"] or "") else [],
        code=make_short_code(row) if smallest else "",
    )


def _take_texts(row: Row, observed: dict[str, Any]) -> tuple[list[str], str]:
    """Return the notes and the message of a row, and remove them from what was observed."""
    notes = [observed.pop(key) for key in ("wrong_entries", "batch", "limits") if key in observed]
    notes += [row[key] for key in ("needs", "stopped") if row.get(key)]  # of a smallest case
    return notes, "\n".join(str(observed.pop(key)) for key in ("message", "stderr") if observed.get(key))


def _read_parameters(case: str, axes: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the name and the value of each part of a case id; ``axes`` has the name and the prefix of each."""
    return [
        (name, part[len(prefix) :].replace(".", "_" if name == "dtype" else " x "))
        for part, (name, prefix) in zip(case.split("-"), axes)
    ]


def _fact_in_words(name: str, value: Any) -> tuple[str, str]:
    """Return the name and the value of an expected fact as text; ``refuses`` has the ids of rules."""
    if name == "refuses" and isinstance(value, list) and value:
        return "must be refused by", "%s %s" % ("rule" if len(value) == 1 else "rules", ", ".join(map(str, value)))
    return name, _value_as_text(value)


def shows_geometry(row: Row) -> bool:
    """Return whether a drawing of the row shows the geometry: some axis has three input cells and two taps."""
    return any(axis["n"] >= 3 and axis["k"] >= 2 and axis["m"] for axis in row["expected"].get("geometry", []))


def _describe_limits(measured: Mapping[str, Any]) -> list[str]:
    """Return a sentence if a sample of the entries was compared, and one if the fault was found on another case."""
    sentences = []
    if measured.get("compared"):
        numbers = {name: map(int, text.split(" of ")) for name, text in measured["compared"].items()}
        parts = ["{:,} of {:,} entries of {}".format(*pair, name) for name, pair in numbers.items()]
        sentences.append("Only a sample of the answer was compared: %s." % ", ".join(parts))
    if measured.get("diagnosed_on"):
        sentences.append(
            "The named fault was found on a smaller case, because the search on this one takes too long: %s"
            % measured["diagnosed_on"]
        )
    return sentences


def _make_history(found: Mapping[str, Any] | None) -> History | None:
    return History(found["sentence"], found["needs"], found["before"], found["earlier"]) if found else None


def _axis_names_of_index(at: Sequence[int], of_cells: bool) -> str:
    """Return the names of the numbers in an entry's index: of an output or dx, of dkernel, or of dbias."""
    if not 3 <= len(at) <= 5:
        return "(filter)" if len(at) == 1 else "(place)"
    spatial = ", ".join(("depth", "height", "width")[5 - len(at) :])
    return (
        "(batch, %s, filter or channel), in any data_format" % spatial
        if of_cells
        else "(kernel %s, filter, channel)" % spatial
    )


def _product_in_words(product: dict[str, Any]) -> tuple[str, str, str]:
    """Return a product in words, the output index where it belongs, and the one where it was observed."""
    named = "input %s, channel %s, tap %s, filter %s" % tuple(
        _value_as_text(product[name]) for name in ("input", "channel", "tap", "filter")
    )
    return (
        named,
        _value_as_text(product["expected"]),
        "nowhere" if product["observed"] is None else _value_as_text(product["observed"]),
    )


def _value_as_text(value: Any) -> str:
    if isinstance(value, list):
        return "(%s)" % ", ".join(map(str, value))
    return str(value)
