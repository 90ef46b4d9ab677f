"""Refusals by stage and error class, in one run and along lines of releases. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, NamedTuple, Sequence

from reports.facts.release_lines import CheckTracks, Stretch, lines_with_cell_names, make_check_track, runs_by_line
from reports.ledger import Ledger, Row, headline, listing

SUITES = ("arguments", "rejection")
# The stages in the order in which a layer goes through them. Other stages come after these.
STAGES = ("construction", "build", "call", "trace", "run")
# The words for verdicts of rows that have no error of their own.
_ENDS = {"crashed": "process died", "hanged": "no answer in time", "suite-bug": "suite bug"}


class Answer(NamedTuple):
    """The result of a check: an error with its stage, or, without an error, ``end`` in a few words."""

    stage: str
    error: str
    end: str

    @property
    def text(self) -> str:
        """Return the result in a few words."""
        return self.end or "%s %s" % (self.stage, self.error)


@dataclass(frozen=True)
class ResultLine:
    """One line of the full list: a check, one of its results with the verdict, and how often that result occurred."""

    check: str
    given: str
    text: str
    headline: str
    verdict: str
    tag: str
    count: int


@dataclass(frozen=True)
class Refusals:
    """The refusals of one run.

    ``classes`` has for each error class the counts by stage, and how many of them do not agree. ``ends`` counts the
    results without an error.
    """

    stages: list[str]
    classes: list[tuple[str, list[int], int]]
    ends: list[tuple[str, int]]
    lines: list[ResultLine]


Rules = Mapping[str, str]


def rules_by_case(rows: Sequence[Row]) -> dict[str, str]:
    """Return by case the rules that refuse it. If the process died, the row itself does not name them."""
    return {
        row["case"]: ", ".join(row["expected"]["refuses"])
        for row in rows
        if row["suite"] == "rejection" and row["expected"].get("refuses")
    }


def name_of_check(row: Row, rules: Rules) -> str:
    """Return the name of a check: the spelling of an argument, or the rules that refuse the case."""
    return str(row["variant"]) if row["suite"] == "arguments" else rules.get(row["case"], "rules not recorded")


def answer_of_row(row: Row) -> Answer:
    """Return the stage and the class of a row's error, or how the check ended without an error."""
    observed = row["observed"]
    if "error" in observed:
        return Answer(str(observed.get("stage", "")), str(observed["error"]), "")
    if row["verdict"] == "agree":
        return Answer("", "", "taken for what it means" if row["suite"] == "arguments" else "not refused")
    wrongly = "accepted" if row["verdict"] == "wrongly-accepted" else "accepted, wrong %s" % row["property"]
    return Answer("", "", _ENDS.get(row["verdict"], wrongly))


def _select_rows(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["suite"] in SUITES and row["verdict"] != "not-run"]


def find_refusals(rows: Sequence[Row]) -> Refusals | None:
    """Return the refusals of one run, or None if it ran no check that may be refused."""
    run_rows, rules = _select_rows(rows), rules_by_case(rows)
    if not run_rows:
        return None
    answers = [(answer_of_row(row), row["verdict"] != "agree") for row in run_rows]
    found = dict.fromkeys(answer.stage for answer, _ in answers if answer.error)
    stages = [*(stage for stage in STAGES if stage in found), *(stage for stage in found if stage not in STAGES)]
    classes = []
    for error in {answer.error: None for answer, _ in answers if answer.error}:
        of_class = [(answer, wrong) for answer, wrong in answers if answer.error == error]
        counts = [sum(answer.stage == stage for answer, _ in of_class) for stage in stages]
        classes.append((error, counts, sum(wrong for _, wrong in of_class)))
    ends: dict[str, int] = {}
    for answer, _ in answers:
        if answer.end:
            ends[answer.end] = ends.get(answer.end, 0) + 1
    classes.sort(key=lambda row: (-sum(row[1]), row[0]))
    return Refusals(stages, classes, sorted(ends.items(), key=lambda item: -item[1]), _list_results(run_rows, rules))


def _list_results(rows: Sequence[Row], rules: Rules) -> list[ResultLine]:
    """Return every check with its results. Equal results are counted together."""
    counts: dict[ResultLine, int] = {}
    for row in rows:
        message = headline(str(row["observed"].get("message", "")))
        given = str(row["expected"].get("given", ""))
        line = ResultLine(
            name_of_check(row, rules), given, answer_of_row(row).text, message, row["verdict"], listing(row), 1
        )
        counts[line] = counts.get(line, 0) + 1
    return [replace(line, count=count) for line, count in sorted(counts.items(), key=_check_sort_key)]


def _check_sort_key(item: tuple[ResultLine, int]) -> tuple[bool, str, str, int]:
    """Return a sort key that puts spellings first, by name, and then the rules."""
    line, count = item
    return (not line.given and "." not in line.check, line.check, line.text, -count)


Answers = Mapping[str, Row]


def refusals_along_releases(ledgers: Sequence[Ledger]) -> CheckTracks:
    """Return stage and error class of every check along the lines of releases, and where they change."""
    lines = runs_by_line(ledgers)
    rules = rules_by_case([row for ledger in ledgers for row in ledger.rows])
    found: dict[str, dict[str, dict[str, Row]]] = {}
    given: dict[str, str] = {}
    for ledger in ledgers:
        for row in _select_rows(ledger.rows):
            check = name_of_check(row, rules)
            found.setdefault(check, {}).setdefault(str(ledger.run["cell"]), {})[row["case"]] = row
            given[check] = given.get(check) or str(row["expected"].get("given", ""))
    rows = [
        make_check_track(
            check,
            given[check],
            [[by_cell.get(str(run.run["cell"])) for run in runs] for runs in lines.values()],
            _make_stretch,
            _has_other_result,
        )
        for check, by_cell in sorted(found.items(), key=lambda item: ("." not in item[0], item[0]))
    ]
    return CheckTracks(lines_with_cell_names(lines), rows)


def _make_stretch(answers: Answers) -> Stretch:
    """Return the results of a check in one cell as a stretch, with the first message."""
    texts = {answer_of_row(row).text for row in answers.values()}
    messages = [headline(str(row["observed"]["message"])) for row in answers.values() if row["observed"].get("message")]
    return Stretch("; ".join(sorted(texts)), next(iter(messages), ""))


def _has_other_result(before: Answers, after: Answers) -> bool:
    """Return whether any case that both cells ran has another result."""
    return any(answer_of_row(before[case]) != answer_of_row(after[case]) for case in before.keys() & after.keys())
