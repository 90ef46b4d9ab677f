"""Refusals: at which stage, of which class, in one run and along lines of releases. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, NamedTuple, Sequence

from reports.facts.lines import Stretch, Tracks, in_lines, named, track
from reports.ledger import Ledger, Row, headline, standing

SUITES = ("arguments", "rejection")
# In the order in which a layer comes to be; other stages after them.
STAGES = ("construction", "build", "call", "trace", "run")
# What a row says that has no error of its own.
_ENDS = {"crashed": "process died", "hanged": "no answer in time", "suite-bug": "suite bug"}


class Answer(NamedTuple):
    """What came of a question: an error with its stage, or ``end`` in a few words."""

    stage: str
    error: str
    end: str

    @property
    def text(self) -> str:
        """In a few words."""
        return self.end or "%s %s" % (self.stage, self.error)


@dataclass(frozen=True)
class Told:
    """One line of the full list: a question, how often it was answered so, and how that is judged."""

    question: str
    given: str
    text: str
    headline: str
    verdict: str
    tag: str
    count: int


@dataclass(frozen=True)
class Refusals:
    """By class of error a count a stage and how many of them are unclear or wrong; then what ended otherwise."""

    stages: list[str]
    classes: list[tuple[str, list[int], int]]
    ends: list[tuple[str, int]]
    told: list[Told]


Rules = Mapping[str, str]


def rules_of(rows: Sequence[Row]) -> dict[str, str]:
    """The rules that refuse a case, by case; a row whose process died does not tell them itself."""
    return {
        row["case"]: ", ".join(row["expected"]["refuses"])
        for row in rows
        if row["suite"] == "rejection" and row["expected"].get("refuses")
    }


def question_of(row: Row, rules: Rules) -> str:
    """The name of what was asked: a spelling, or the rules that refuse the case."""
    return str(row["mode"]) if row["suite"] == "arguments" else rules.get(row["case"], "rules not recorded")


def answer_of(row: Row) -> Answer:
    """Stage and class, or how it ended without an error."""
    observed = row["observed"]
    if "error" in observed:
        return Answer(str(observed.get("stage", "")), str(observed["error"]), "")
    if row["verdict"] == "agree":
        return Answer("", "", "taken for what it means" if row["suite"] == "arguments" else "not refused")
    wrongly = "accepted" if row["verdict"] == "wrongly-accepted" else "accepted, wrong %s" % row["claim"]
    return Answer("", "", _ENDS.get(row["verdict"], wrongly))


def _asked(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["suite"] in SUITES and row["verdict"] != "not-run"]


def refusals(rows: Sequence[Row]) -> Refusals | None:
    """The refusals of one run; None where nothing was asked that may be refused."""
    asked, rules = _asked(rows), rules_of(rows)
    if not asked:
        return None
    answers = [(answer_of(row), row["verdict"] != "agree") for row in asked]
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
    return Refusals(stages, classes, sorted(ends.items(), key=lambda item: -item[1]), _list(asked, rules))


def _list(rows: Sequence[Row], rules: Rules) -> list[Told]:
    """Every question with its answers; those that came out alike are counted together."""
    counts: dict[Told, int] = {}
    for row in rows:
        message = headline(str(row["observed"].get("message", "")))
        given = str(row["expected"].get("given", ""))
        told = Told(question_of(row, rules), given, answer_of(row).text, message, row["verdict"], standing(row), 1)
        counts[told] = counts.get(told, 0) + 1
    return [replace(told, count=count) for told, count in sorted(counts.items(), key=_place)]


def _place(item: tuple[Told, int]) -> tuple[bool, str, str, int]:
    """Spellings by name, then the rules."""
    told, count = item
    return (not told.given and "." not in told.question, told.question, told.text, -count)


Answers = Mapping[str, Row]


def along_lines(ledgers: Sequence[Ledger]) -> Tracks:
    """Every question by line of releases: stage and class, and where they change from one release to the next."""
    lines = in_lines(ledgers)
    rules = rules_of([row for ledger in ledgers for row in ledger.rows])
    found: dict[str, dict[str, dict[str, Row]]] = {}
    given: dict[str, str] = {}
    for ledger in ledgers:
        for row in _asked(ledger.rows):
            question = question_of(row, rules)
            found.setdefault(question, {}).setdefault(str(ledger.run["cell"]), {})[row["case"]] = row
            given[question] = given.get(question) or str(row["expected"].get("given", ""))
    rows = [
        track(
            question,
            given[question],
            [[by_cell.get(str(run.run["cell"])) for run in runs] for runs in lines.values()],
            _stretch,
            _differs,
        )
        for question, by_cell in sorted(found.items(), key=lambda item: ("." not in item[0], item[0]))
    ]
    return Tracks(named(lines), rows)


def _stretch(answers: Answers) -> Stretch:
    """All answers to a question in one cell, with the first message."""
    texts = {answer_of(row).text for row in answers.values()}
    messages = [headline(str(row["observed"]["message"])) for row in answers.values() if row["observed"].get("message")]
    return Stretch("; ".join(sorted(texts)), next(iter(messages), ""))


def _differs(before: Answers, after: Answers) -> bool:
    """Whether a case that both were asked about is answered in another way."""
    return any(answer_of(before[case]) != answer_of(after[case]) for case in before.keys() & after.keys())
