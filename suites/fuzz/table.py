"""The table of a fuzzer: how many faults of each kind were injected and recorded rightly, and how many answers lost."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Iterable

PAUSE = 10.0  # seconds between two lines of progress
MOST = 20  # the most examples of wrong records in a line
COLUMNS = ("fault", "injected", "recorded rightly", "answers lost")


@dataclass
class Line:
    """The counts of one kind of fault, and the first examples of what was recorded wrongly."""

    fault: str
    injected: int = 0
    recorded_rightly: int = 0
    answers_lost: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Return whether every fault was recorded rightly and no answer was lost."""
        return self.recorded_rightly == self.injected and not self.answers_lost


class Table:
    """The counts of a fuzzer by kind of fault, in the order in which the kinds were first injected."""

    def __init__(self, lines: Iterable[Line] = (), progress: bool = False) -> None:
        """Make a table of lines; with ``progress`` it prints the counts from time to time to the error output."""
        self._lines = {line.fault: line for line in lines}
        self._next_progress = time.monotonic() + PAUSE if progress else 0.0

    @property
    def lines(self) -> list[Line]:
        """Return the lines."""
        return list(self._lines.values())

    @property
    def good(self) -> bool:
        """Return whether every fault was recorded rightly and no answer was lost."""
        return all(line.good for line in self.lines)

    def record(self, fault: str, problem: str = "", lost: int = 0) -> None:
        """Count one injected fault of the kind ``fault``.

        ``problem`` says what was recorded wrongly, with what is needed to inject the fault again; it is empty if all is
        right. ``lost`` is the number of answers that the fault cost and that the run does not mention.
        """
        line = self._lines.setdefault(fault, Line(fault))
        line.injected += 1
        line.recorded_rightly += not problem
        line.answers_lost += lost
        if (problem or lost) and len(line.wrong) < MOST:
            line.wrong.append(problem or "%d answers lost" % lost)
        self._print_progress()

    def _print_progress(self) -> None:
        """Print the counts so far, every ten seconds."""
        if self._next_progress and time.monotonic() > self._next_progress:
            self._next_progress = time.monotonic() + PAUSE
            total = self.total()
            facts = (total.injected, total.injected - total.recorded_rightly, total.answers_lost)
            print("%d faults so far, %d recorded wrongly, %d answers lost" % facts, file=sys.stderr, flush=True)

    def add(self, other: Table) -> None:
        """Add the counts of another table."""
        for line in other.lines:
            own = self._lines.setdefault(line.fault, Line(line.fault))
            own.injected += line.injected
            own.recorded_rightly += line.recorded_rightly
            own.answers_lost += line.answers_lost
            own.wrong = (own.wrong + line.wrong)[:MOST]

    def total(self) -> Line:
        """Return a line with the sums of all lines."""
        total = Line("all")
        for line in self.lines:
            total.injected += line.injected
            total.recorded_rightly += line.recorded_rightly
            total.answers_lost += line.answers_lost
        return total

    def to_json(self) -> list[dict[str, Any]]:
        """Return the lines in plain types."""
        return [asdict(line) for line in self.lines]

    def to_markdown(self) -> str:
        """Return the table in Markdown, with a last line of totals."""
        rows = [
            "| %s | %d | %d | %d |" % (line.fault, line.injected, line.recorded_rightly, line.answers_lost)
            for line in (*self.lines, self.total())
        ]
        return "\n".join(["| %s |" % " | ".join(COLUMNS), "|---|---:|---:|---:|", *rows])

    def write(self, path: Path) -> None:
        """Write the table as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")


def read_table(path: Path) -> Table:
    """Return the table that ``write`` wrote; raise ``ValueError`` if the file has none."""
    try:
        return Table(Line(**line) for line in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ValueError("%s has no table of a fuzzer: %s" % (path, error)) from None
