"""Chooses which releases to check next, so that every change of the result is narrowed down to two neighbours.

It is a bisection that also works where a result changes more than once: each change that is seen is narrowed down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NO_RESULT = ""  # the result of a release that cannot be checked


@dataclass(frozen=True)
class Change:
    """Two releases with different results, and no checked release between them.

    ``between`` are the releases between them: those that cannot be checked, after a search that has ended.
    """

    before: str
    after: str
    between: tuple[str, ...]


def find_changes(releases: Sequence[str], results: Mapping[str, str]) -> list[Change]:
    """Return the changes along the releases, in their order. ``results`` has NO_RESULT for a failed try."""
    checked = [place for place, name in enumerate(releases) if results.get(name, NO_RESULT) != NO_RESULT]
    return [
        Change(releases[first], releases[second], tuple(releases[first + 1 : second]))
        for first, second in zip(checked, checked[1:])
        if results[releases[first]] != results[releases[second]]
    ]


def choose_first(releases: Sequence[str], further: int) -> list[str]:
    """Return the first and the last release, and ``further`` ones evenly between them."""
    last = len(releases) - 1
    places = [round(last * part / (further + 1)) for part in range(further + 2)]
    return [releases[place] for place in dict.fromkeys(places)]


def choose_next(releases: Sequence[str], results: Mapping[str, str], width: int) -> list[str]:
    """Return at most ``width`` releases to check next; none if every change lies between neighbours.

    If no release at an end could be checked, its nearest neighbour is next.
    """
    chosen = [name for name in (_first_unchecked(releases, results), _first_unchecked(releases[::-1], results)) if name]
    gaps = [[name for name in change.between if name not in results] for change in find_changes(releases, results)]
    gaps = sorted((gap for gap in gaps if gap), key=len, reverse=True)
    for number, gap in enumerate(gaps[:width]):
        points = max(1, width // len(gaps) + (number < width % len(gaps)))
        chosen += [gap[(len(gap) * part) // (points + 1)] for part in range(1, points + 1)]
    return list(dict.fromkeys(chosen))[: max(width, 1)]


def _first_unchecked(releases: Sequence[str], results: Mapping[str, str]) -> str | None:
    """Return the first release that was not tried, if none before it could be checked; else None."""
    for name in releases:
        if name not in results:
            return name
        if results[name] != NO_RESULT:
            return None
    return None
