"""Disagreements between shapes: by the formula, inferred, and of computed outputs. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Sequence

from reports.ledger import Row

FORMULA = "formula"
INFERRED = ("compute-output-shape", "symbolic", "traced")
CALLED = ("eager", "graph", "dynamic", "xla", "compile", "functional")
# The suites that infer shapes, and that compute outputs.
INFERRED_BY, CALLED_BY = "shapes", "forward"
SOURCES = (FORMULA, *INFERRED, *CALLED)
# The number of cases that are listed with their shapes. The rest are in the ledger.
LISTED = 12

Lengths = tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """One source of shapes: how many checks ran, and how many of them gave no shape to compare.

    ``refused`` counts the checks without a shape, and ``elsewhere`` those whose shape is not for the case's own input.
    """

    name: str
    checks: int
    refused: int
    elsewhere: int


@dataclass(frozen=True)
class Disagreement:
    """The sources of shapes.

    Each pair has the number of cases for which both have a shape, and the number of those that differ.
    """

    sources: list[Source]
    pairs: dict[tuple[str, str], tuple[int, int]]
    cases: list[tuple[str, list[tuple[str, str]]]]
    unlisted: int


def find_disagreement(rows: Sequence[Row]) -> Disagreement | None:
    """Return how the shapes of one run disagree, or None if no shape was inferred."""
    lengths: dict[str, dict[str, Lengths]] = {}
    counts: dict[str, list[int]] = {}
    for row in rows:
        name = _shape_source_of_row(row)
        if name is None:
            continue
        tally = counts.setdefault(name, [0, 0, 0])
        tally[0] += 1
        expected, seen = row["expected"].get("shape"), row["observed"].get("shape")
        if not _is_about_case_input(row):
            tally[2] += 1
            continue
        by_name = lengths.setdefault(row["case"], {})
        if expected is not None:
            by_name.setdefault(FORMULA, _with_batch_of_case(expected, expected, row["case"]))
        if seen is None:
            tally[1] += 1
        else:
            by_name[name] = _with_batch_of_case(seen, expected, row["case"])
    if not set(INFERRED) & set(counts):
        return None
    return _compare_sources(lengths, counts)


def _compare_sources(lengths: dict[str, dict[str, Lengths]], counts: dict[str, list[int]]) -> Disagreement:
    formulas = sum(FORMULA in by_name for by_name in lengths.values())
    sources = [Source(FORMULA, formulas, 0, 0)] if formulas else []
    sources += [Source(name, *counts[name]) for name in SOURCES if name in counts]
    pairs = {}
    for one, other in combinations([source.name for source in sources], 2):
        both = [by_name for by_name in lengths.values() if one in by_name and other in by_name]
        pairs[one, other] = (len(both), sum(by_name[one] != by_name[other] for by_name in both))
    differing = {case: by_name for case, by_name in lengths.items() if len(set(by_name.values())) > 1}
    listed = [
        (case, [(name, _shape_as_text(by_name[name])) for name in SOURCES if name in by_name])
        for case, by_name in sorted(differing.items(), key=lambda item: (len(item[0]), item[0]))[:LISTED]
    ]
    return Disagreement(sources, pairs, listed, len(differing) - len(listed))


def _shape_source_of_row(row: Row) -> str | None:
    """Return the source of the shape in a row, or None if the row has no shape to compare."""
    variants = {INFERRED_BY: INFERRED, CALLED_BY: CALLED}.get(row["suite"], ())
    return row["variant"] if row["variant"] in variants and row["verdict"] != "not-run" else None


def _is_about_case_input(row: Row) -> bool:
    """Return whether the shape is for the case's own input, and not for an input with unknown lengths."""
    if row["variant"] == "dynamic" and row["verdict"] != "agree":
        return False  # the second size may have failed, and the row does not say which one did
    return "input" not in row["expected"] or row["expected"].get("unknown") == "nothing"


def _with_batch_of_case(shape: Sequence[Any], expected: Sequence[Any] | None, case: str) -> Lengths:
    """Return the shape with the batch of the case, if the check used another batch and the shape kept that."""
    if shape and expected and shape[0] == expected[0]:
        return (int(case.split("-", 1)[0][1:]), *shape[1:])
    return tuple(shape)


def _shape_as_text(shape: Lengths) -> str:
    return " x ".join("?" if length is None else str(length) for length in shape)
