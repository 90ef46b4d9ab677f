"""Write every check as a line of CSV, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import re
from typing import Any, TextIO

from reports.facts.breakdown import fields_in_sql
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.ledger import case_hash

# The characters at the beginning of a cell that make a spreadsheet read it as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write a header and then the checks in the order in which they ran, one batch at a time."""
    axes = {name for name, _ in store.runs[0].run["axes"]}
    expressions = {**fields_in_sql(store.runs[0].run["axes"]), "seconds": "seconds", "case": '"case"'}
    out = csv.writer(file)
    out.writerow(["cell", *expressions, "hash"])
    cells = [run.cell for run in store.runs]
    for run, *values in store.iterate_query(
        "select answer.run, %s from answer order by answer.run, answer.number" % ", ".join(expressions.values())
    ):
        shown = [format_lengths(value) if name in axes else value for name, value in zip(expressions, values)]
        out.writerow([escape_formula(value) for value in (cells[run], *shown, case_hash(values[-1]))])


def format_lengths(value: str) -> str:
    """Return the value of an axis, with several lengths as 2x3, which no reader takes for a number, and m1 as -1."""
    return re.sub(r"\bm(?=[0-9])", "-", re.sub(r"(?<=[0-9])\.(?=m?[0-9])", "x", value))


def escape_formula(value: Any) -> Any:
    """Return the value, with an apostrophe in front if it is text that a spreadsheet would read as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
