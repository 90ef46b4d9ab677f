"""Since when a cause shows: whether the release before was good, was not checked, or does not exist. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Sequence

if TYPE_CHECKING:
    from reports.facts.cause_grid import CauseTrack, TrackCell


@dataclass(frozen=True)
class Since:
    """The first release or run that shows a cause, and what is known of the one before. ``new``: a regression."""

    first: str
    before: str
    new: bool = False


def find_first_bad(track: CauseTrack) -> Since | None:
    """Return the first cell that shows a cause in each line of releases, or None if no line shows it."""
    found: list[tuple[str, str]] = []
    for line in track.lines:
        bad = [place for place, cell in enumerate(line.cells) if cell.failing]
        if bad:
            found.append((line.cells[bad[0]].name, _before(line.cells[: bad[0]])))
    if not found:
        return None
    befores = list(dict.fromkeys(before for _, before in found))
    return Since(", ".join(name for name, _ in found), "; ".join(befores))


def _before(cells: Sequence[TrackCell]) -> str:
    """Return what the cells before the first bad one say, the nearest first."""
    if not cells:
        return "no earlier release on this page"
    fine = [cell.name for cell in cells if cell.ran]
    return (
        "good in %s" % fine[-1]
        if fine and cells[-1].ran
        else (
            "not checked in %s, good in %s" % (cells[-1].name, fine[-1]) if fine else "not checked in earlier releases"
        )
    )
