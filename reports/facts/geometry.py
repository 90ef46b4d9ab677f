"""Drawings of the arithmetic of a deviating row, one for each spatial axis. Plain values, no markup.

The numbers come from the row (``expected.geometry``, with the names of docs/semantics.md). A column of a drawing is a
cell of the full extent, where input cell i has its tap j in column i s + j d (rule V1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

from reports.ledger import Row

COLUMNS = 20  # the most columns along an axis; of a longer axis only the first and the last columns are drawn
FRONT = 12
ARROWS = 3
# What a rule decides, by the letter of its id.
_DECIDES = {"S": "output length", "V": "cut from all taps", "A": "lengths that could be"}


@dataclass(frozen=True)
class Cell:
    """One cell of a drawing, in a column. ``kind`` selects how it looks, and ``text`` is written in it."""

    column: int
    kind: str
    text: str = ""


@dataclass(frozen=True)
class CellRow:
    """One row of cells of a drawing, with its name and its label."""

    name: str
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Arrow:
    """An arrow for a wrong product: from the drawing's column where it belongs to the one where it was observed.

    A column of the drawing is a cell of the full extent, that is, before the crop.

    ``end`` is None if the product was observed nowhere.
    """

    start: int
    end: int | None
    text: str


@dataclass(frozen=True)
class Drawing:
    """The drawing of one spatial axis. ``words`` describes it as text."""

    axis: str
    words: str
    columns: int
    tracks: list[CellRow]
    arrows: list[Arrow]
    landed: str
    notes: list[str]
    rules: list[tuple[str, str]]


def make_drawings(row: Row) -> list[Drawing]:
    """Return a drawing for each spatial axis of a row with ``geometry``, or an empty list for a row without it."""
    products = row["observed"].get("index_map", {}).get("examples", [])
    found = row["expected"].get("geometry", [])
    return [_make_drawing(axis, _distinct_moves(products, number)) for number, axis in enumerate(found)]


def _distinct_moves(products: Sequence[Row], axis: int) -> list[tuple[int, int, int, int | None]]:
    """Return the distinct (input cell, tap, expected output cell, observed output cell) along one axis."""
    found = []
    for product in products:
        seen = product["observed"]
        found.append(
            (
                product["input"][axis],
                product["tap"][axis],
                product["expected"][axis],
                None if seen is None else seen[axis],
            )
        )
    return list(dict.fromkeys(found))


class _DrawnColumns:
    """The columns that are drawn: all, or the first and the last with one column for those between."""

    def __init__(self, extent: int) -> None:
        self.extent = extent
        self.left_out = max(extent - COLUMNS + 1, 0) if extent > COLUMNS else 0
        self.drawn = extent - self.left_out + (1 if self.left_out else 0)

    def find_place(self, column: int) -> int | None:
        """Return the place of a column in the drawing, or None if it is left out."""
        if not self.left_out or column < FRONT:
            return column
        moved = column - self.left_out + 1
        return moved if moved > FRONT else None

    def cells(self, kinds: dict[int, tuple[str, str]]) -> list[Cell]:
        """Return the cells of a track that are drawn. ``kinds`` has kind and text by column."""
        found = [(self.find_place(column), *kind) for column, kind in sorted(kinds.items())]
        cells = [Cell(column, kind, text) for column, kind, text in found if column is not None]
        if len(cells) < len(kinds):
            cells.append(Cell(FRONT, "left-out", "..."))
        return cells


def _make_drawing(axis: dict[str, Any], moves: list[tuple[int, int, int, int | None]]) -> Drawing:
    crop, m, full = axis["crop"], axis["m"], axis["full"]
    reached = max([m - 1, *(end for *_, end in moves if end is not None)]) + crop + 1
    columns = _DrawnColumns(max(full, reached, 1))
    cell = moves[0][0] if moves else 0
    tracks = _make_tracks(axis, cell, columns)
    wrong = [move for move in moves if move[2] != move[3]]
    sentences = ["x[%d] w[%d]: %s" % (i, j, _move_in_words(start, end)) for i, j, start, end in wrong]
    arrows = []
    for (_, _, start, end), text in zip(wrong[:ARROWS], sentences):
        begin, stop = columns.find_place(start + crop), None if end is None else columns.find_place(end + crop)
        if begin is not None and (end is None) == (stop is None):
            arrows.append(Arrow(begin, stop, text))
    landed = "; ".join(sentences[:ARROWS]) or ("these products move along another axis only" if moves else "")
    words = "%s: %s." % (axis["axis"].capitalize(), "; ".join("%s: %s" % (t.name, t.label) for t in tracks))
    notes = _explain_outlines(tracks)
    if columns.left_out:
        drawn = "%d of %d columns are left out" % (columns.left_out, columns.extent)
        notes.append(drawn + "; the drawing shows the first and the last.")
    if landed and not arrows:
        notes.append(landed[0].upper() + landed[1:] + ".")
    return Drawing(
        axis=axis["axis"],
        words=" ".join([words, *(["%s." % landed] if arrows else []), *notes]),
        columns=columns.drawn,
        tracks=tracks,
        arrows=arrows,
        landed=landed,
        notes=notes,
        rules=[(rule, "%s: %s" % (_DECIDES[rule[0]], decision)) for rule, decision in axis["rules"].items()],
    )


def _explain_outlines(tracks: Sequence[CellRow]) -> list[str]:
    """Return explanations of the outlines that not every drawing has."""
    kinds = {cell.kind for track in tracks for cell in track.cells}
    notes = ["Dotted in the output: there for output_padding."] if "gained" in kinds else []
    return notes + (
        ["A thin outline in the output: no tap reaches it, it has the bias alone."] if "bare" in kinds else []
    )


def _move_in_words(start: int, end: int | None) -> str:
    return "belongs in y[%d], %s" % (start, "is nowhere" if end is None else "is in y[%d]" % end)


def _make_tracks(axis: dict[str, Any], cell: int, columns: _DrawnColumns) -> list[CellRow]:
    """Return the tracks of one axis: the input, the taps of one input cell, all taps with the crop, and the output."""
    n, k, s, d, crop, full, m = (axis[name] for name in ("n", "k", "s", "d", "crop", "full", "m"))
    stretched = dict.fromkeys(range((n - 1) * s + 1), ("gap", ""))
    stretched.update({i * s: ("input", str(i)) for i in range(n)})
    taps = {cell * s + column: ("gap", "") for column in range((k - 1) * d + 1)}
    taps.update({cell * s + j * d: ("tap", str(j)) for j in range(k)})
    reached = {i * s + j * d for i in range(n) for j in range(k)}
    window = range(crop, crop + m)
    whole = {column: ("kept" if column in reached else "gap", "") for column in range(full)}
    whole.update({column: ("cropped", "") for column in range(full) if column not in window})
    cut = (min(crop, full), max(full - crop - m, 0))
    front, end = axis["gained"]
    output: dict[int, tuple[str, str]] = {}
    for t in range(m):
        kind = "gained" if t < front or t >= m - end else "output" if t + crop in reached else "bare"
        output[t + crop] = (kind, str(t))
    apart = (
        ", %d apart (stride)" % s if s > 1 and n > 1 else "",
        ", %d apart (dilation)" % d if d > 1 and k > 1 else "",
    )
    parts = " cut: %d in front, %d at the end" % cut if any(cut) else " none is cut"
    given = [CellRow("input x", _count_of_cells_in_words(n) + apart[0], columns.cells(stretched))]
    if n:
        given.append(CellRow("taps w of x[%d]" % cell, "k = %d" % k + apart[1], columns.cells(taps)))
        given.append(CellRow("all taps", _count_of_cells_in_words(full) + "," + parts, columns.cells(whole)))
    return [*given, CellRow("output y", _count_of_cells_in_words(m), columns.cells(output))]


def _count_of_cells_in_words(count: int) -> str:
    return "1 cell" if count == 1 else "%d cells" % count
