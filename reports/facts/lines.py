"""Cells in lines of releases, and one question followed along them. Plain values, no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Protocol, Sequence, TypeVar


class Headed(Protocol):
    """A run, as a ledger or in a store."""

    @property
    def run(self) -> dict[str, Any]:
        """Its first line."""
        ...


Seen = TypeVar("Seen")
One = TypeVar("One", bound=Headed)


@dataclass(frozen=True)
class Stretch:
    """Neighbouring cells of a line that answer alike.

    ``note`` is said more quietly; ``tag`` is known, new, changed or nothing.
    """

    text: str
    note: str = ""
    tag: str = ""
    width: int = 1


@dataclass(frozen=True)
class Track:
    """One question along all lines; ``changed`` when a cell answers differently than the release before it."""

    title: str
    detail: str
    stretches: list[Stretch]
    changed: bool


@dataclass(frozen=True)
class Tracks:
    """The lines with the names of their cells, and the questions."""

    lines: list[tuple[str, list[str]]]
    rows: list[Track]


def line_of(ledger: Headed) -> str:
    """The line of releases a run belongs to: its subject and backend. Keras 3 on TensorFlow goes on from tf.keras."""
    switches = ["%s %s" % item for item in ledger.run["asked"].get("switches", {}).items()]
    subject, backend = str(ledger.run["subject"]), str(ledger.run["backend"])
    if backend == "tensorflow" and subject in ("tf.keras", "keras3"):
        subject = "tf.keras, then keras3"
    return ", ".join(["%s on %s" % (subject, backend), *switches])


def release(ledger: Headed) -> list[list[int]]:
    """What orders a line of releases: the version of Keras, then TensorFlow's."""
    names = ("keras", "tensorflow")
    return [[int(part) for part in re.findall(r"[0-9]+", str(ledger.run.get(name, "")))] for name in names]


def in_lines(ledgers: Sequence[One]) -> dict[str, list[One]]:
    """Runs by line, each line in the order of its releases."""
    lines: dict[str, list[One]] = {}
    for ledger in ledgers:
        lines.setdefault(line_of(ledger), []).append(ledger)
    return {line: sorted(runs, key=release) for line, runs in lines.items()}


def named(lines: Mapping[str, Sequence[Headed]]) -> list[tuple[str, list[str]]]:
    """Every line with the names of its cells."""
    return [(line, [str(run.run["cell"]) for run in runs]) for line, runs in lines.items()]


def track(
    title: str,
    detail: str,
    answers: Iterable[Sequence[Seen | None]],
    told: Callable[[Seen], Stretch],
    differs: Callable[[Seen, Seen], bool] | None = None,
) -> Track:
    """A question's answers, a sequence a line, None where it was not asked.

    ``differs`` compares an answer with the last one before it in its line; what it finds is tagged as changed.
    """
    stretches: list[Stretch] = []
    changed = False
    for line in answers:
        before: Seen | None = None
        fresh = True
        for seen in line:
            new = Stretch("") if seen is None else told(seen)
            if seen is not None:
                if differs is not None and before is not None and differs(before, seen):
                    new, changed = Stretch(new.text, new.note, "changed"), True
                before = seen
            last = None if fresh else stretches[-1]
            if last and new.tag != "changed" and _alike(last, new):
                stretches[-1] = Stretch(last.text, last.note, last.tag, last.width + 1)
            else:
                stretches.append(new)
            fresh = False
    return Track(title, detail, stretches, changed)


def _alike(last: Stretch, new: Stretch) -> bool:
    """A change is tagged where it happens; the cells after it that stay so belong to it."""
    return last.text == new.text and (last.tag == new.tag or (last.tag == "changed" and not new.tag))
