"""Lines of releases, and the results of one check along them. Plain values, no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Protocol, Sequence, TypeVar


class HasFirstLine(Protocol):
    """A run, either as a ledger or in a store."""

    @property
    def run(self) -> dict[str, Any]:
        """Return the first line of the run's ledger."""
        ...


Seen = TypeVar("Seen")
One = TypeVar("One", bound=HasFirstLine)


@dataclass(frozen=True)
class Stretch:
    """Neighbouring cells of a line with the same result.

    ``note`` is a less prominent addition to ``text``. ``tag`` is a listing, "changed" or empty. ``width`` is the
    number of cells.
    """

    text: str
    note: str = ""
    tag: str = ""
    width: int = 1


@dataclass(frozen=True)
class CheckTrack:
    """One check along all lines. ``changed`` says whether a cell differs from the release before it."""

    title: str
    detail: str
    stretches: list[Stretch]
    changed: bool


@dataclass(frozen=True)
class CheckTracks:
    """The lines with the names of their cells, and the checks along them."""

    lines: list[tuple[str, list[str]]]
    rows: list[CheckTrack]


def line_of_run(ledger: HasFirstLine) -> str:
    """Return the line of releases of a run: its subject, backend and switches.

    On TensorFlow, tf.keras and Keras 3 are one line.
    """
    switches = ["%s %s" % item for item in ledger.run["options"].get("switches", {}).items()]
    subject, backend = str(ledger.run["subject"]), str(ledger.run["backend"])
    if backend == "tensorflow" and subject in ("tf.keras", "keras3"):
        subject = "tf.keras, then keras3"
    return ", ".join(["%s on %s" % (subject, backend), *switches])


def release_sort_key(ledger: HasFirstLine) -> list[list[int]]:
    """Return the sort key of a run in its line: the version of Keras, then the version of TensorFlow."""
    names = ("keras", "tensorflow")
    return [[int(part) for part in re.findall(r"[0-9]+", str(ledger.run.get(name, "")))] for name in names]


def runs_by_line(ledgers: Sequence[One]) -> dict[str, list[One]]:
    """Return the runs by line, each line in the order of its releases."""
    lines: dict[str, list[One]] = {}
    for ledger in ledgers:
        lines.setdefault(line_of_run(ledger), []).append(ledger)
    return {line: sorted(runs, key=release_sort_key) for line, runs in lines.items()}


def lines_with_cell_names(lines: Mapping[str, Sequence[HasFirstLine]]) -> list[tuple[str, list[str]]]:
    """Return every line with the names of its cells."""
    return [(line, [str(run.run["cell"]) for run in runs]) for line, runs in lines.items()]


def make_check_track(
    title: str,
    detail: str,
    answers: Iterable[Sequence[Seen | None]],
    to_stretch: Callable[[Seen], Stretch],
    differs: Callable[[Seen, Seen], bool] | None = None,
) -> CheckTrack:
    """Return a check's track. ``answers`` has one sequence for each line, with None where the check did not run.

    ``to_stretch`` turns an answer into a stretch of one cell. ``differs`` compares an answer with the last one before
    it in its line; an answer that differs gets the tag "changed".
    """
    stretches: list[Stretch] = []
    changed = False
    for line in answers:
        before: Seen | None = None
        fresh = True
        for seen in line:
            new = Stretch("") if seen is None else to_stretch(seen)
            if seen is not None:
                if differs is not None and before is not None and differs(before, seen):
                    new, changed = Stretch(new.text, new.note, "changed"), True
                before = seen
            last = None if fresh else stretches[-1]
            if last and new.tag != "changed" and _continues_stretch(last, new):
                stretches[-1] = Stretch(last.text, last.note, last.tag, last.width + 1)
            else:
                stretches.append(new)
            fresh = False
    return CheckTrack(title, detail, stretches, changed)


def _continues_stretch(last: Stretch, new: Stretch) -> bool:
    """Return whether the new stretch continues the last one.

    Only the cell where a change happens has the tag "changed". Later cells with the same text belong to that stretch.
    """
    return last.text == new.text and (last.tag == new.tag or (last.tag == "changed" and not new.tag))
