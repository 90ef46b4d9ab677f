"""Tables of one run: totals by suite and mode, what a mode supports, how far rounding went. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Mapping, Sequence

from reports.ledger import FAILING, Row, outcome

CONTRACT = "contract"  # stands in place of a mode for the suites whose questions have names instead
ACCEPTED = "forward"  # the suite whose answers say whether a configuration is supported


@dataclass(frozen=True)
class Total:
    """One suite in one mode; ``part`` says of which questions a tier asks only one case in so many."""

    suite: str
    mode: str
    asked: int
    agree: int
    refused: int
    known: int
    new: int
    lost: int
    part: str


@dataclass(frozen=True)
class Support:
    """What became of accepted configurations of one kind: computed rightly, computed wrongly, refused, died."""

    asked: int = 0
    right: int = 0
    wrong: int = 0
    refused: int = 0
    died: int = 0

    @property
    def state(self) -> str:
        """In a word: yes, no, partly, or nothing where none was asked."""
        if not self.asked:
            return ""
        return "yes" if self.right == self.asked else "partly" if self.right else "no"


@dataclass(frozen=True)
class Rounding:
    """Real data of one dtype: how many questions, the largest error in units of u times the absolute sum, alarms."""

    dtype: str
    asked: int
    largest: float
    case: str
    alarms: int


def totals(rows: Sequence[Row], thinned: Mapping[str, int], contract: Collection[str] = ()) -> list[Total]:
    """Suites in the order they were asked, modes within; a suite of the ``contract`` has all its questions in one."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        mode = CONTRACT if row["suite"] in contract else row["mode"]
        found.setdefault((row["suite"], mode), []).append(row)
    order = list(dict.fromkeys(suite for suite, _ in found))
    return [
        _total(suite, mode, found[suite, mode], _part(suite, found[suite, mode], thinned, suite in contract))
        for suite, mode in sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    ]


def _part(suite: str, rows: Sequence[Row], thinned: Mapping[str, int], named: bool) -> str:
    """1 in 4, say; and of which question where the suite names them: symbolic 1 in 4."""
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    parts = [(mode, thinned.get("%s %s" % (suite, mode), 1)) for mode in modes]
    return ", ".join(("%s 1 in %d" % part if named else "1 in %d" % part[1]) for part in parts if part[1] > 1)


def _total(suite: str, mode: str, rows: Sequence[Row], part: str) -> Total:
    ends = [outcome(row) for row in rows]
    new = sum(end in FAILING for end in ends)
    agree, refused, known = (ends.count(name) for name in ("agree", "refused as expected", "excused"))
    return Total(suite, mode, len(rows), agree, refused, known, new, ends.count("not-run"), part)


def field_of(case: str, axes: Sequence[Sequence[str]], name: str) -> str:
    """A field as it is written in a case's id, without its prefix."""
    for part, (axis, prefix) in zip(case.split("-"), axes):
        if axis == name:
            return part[len(prefix) :]
    raise ValueError("no axis %s" % name)


def support(rows: Sequence[Row], axes: Sequence[Sequence[str]]) -> dict[str, dict[str, Support]]:
    """By mode, then by data_format and dilation: what became of the accepted configurations; nothing is assumed."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows:
        if row["suite"] != ACCEPTED or row["verdict"] == "not-run":
            continue
        dilated = any(int(d) > 1 for d in field_of(row["case"], axes, "dilation_rate").split("."))
        kind = "channels_%s%s" % (field_of(row["case"], axes, "data_format"), ", dilated" if dilated else "")
        ends = {"agree": "right", "wrongly-rejected": "refused", "crashed": "died", "hanged": "died"}
        tally = counts.setdefault(row["mode"], {}).setdefault(kind, {})
        for name in ("asked", ends.get(row["verdict"], "wrong")):
            tally[name] = tally.get(name, 0) + 1
    kinds = [fmt + tail for fmt in ("channels_last", "channels_first") for tail in ("", ", dilated")]
    return {mode: {kind: Support(**found.get(kind, {})) for kind in kinds} for mode, found in counts.items()}


def rounding(rows: Sequence[Row], axes: Sequence[Sequence[str]]) -> list[Rounding]:
    """By dtype the largest ratio that real data showed, where the format promises anything at all."""
    found: dict[str, list[tuple[float, Any]]] = {}
    alarms: dict[str, int] = {}
    for row in rows:
        ratio = row["measured"].get("error_in_u")
        if ratio is not None:
            dtype = field_of(row["case"], axes, "dtype")
            found.setdefault(dtype, []).append((float(ratio), row["case"]))
            alarms[dtype] = alarms.get(dtype, 0) + ("alarm" in row["measured"])
    return [Rounding(dtype, len(ratios), *max(ratios), alarms[dtype]) for dtype, ratios in sorted(found.items())]
