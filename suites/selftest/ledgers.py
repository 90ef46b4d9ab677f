"""Makes small ledgers for the tests of the reports, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

from fixtures.case import ID_PARTS, Case
from reports import ledger

HOSTILE = "<script>alert('x')</script> | `a` *b* \" & ]]> 100% \u202e \x1b[1m \x00 \ufffe @all, so: yes\r\nand on"
CASES = [Case(1, (size, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id for size in range(2, 12)]
RUN: dict[str, Any] = {
    "kind": "run",
    "schema": 2,
    "cell": "one",
    "subject": "keras3",
    "keras": "3.14.0",
    "backend": "numpy",
    "device": "CPU:0",
    "tier": "smoke",
    "shard": "1/1",
    "modes": ["eager"],
    "variants": [],
    "switches": {"tf32": "off"},
    "axes": [list(axis) for axis in ID_PARTS],
    "known_deviations": [],
    "faults": {},
    "options": {},
    "started": "2026-11-01T08:00:00+00:00",
    "seed": "",
}


def make_row(case: str, verdict: str = "agree", **more: Any) -> dict[str, Any]:
    """Return a verdict row of a ledger; keyword arguments replace its fields."""
    return {
        "kind": "verdict",
        "case": case,
        "suite": "forward",
        "variant": "eager",
        "property": "values",
        "verdict": verdict,
        "expected": {"shape": [1, 3, 5, 1], "dtype": "float32", "device": "CPU:0"},
        "observed": {"shape": [1, 3, 5, 1], "dtype": "float32", "device": "CPU:0"},
        "checked": ["values"],
        "diagnosis": None,
        "known_deviation": None,
        "measured": {},
        "data": None,
        "snippet": None,
        "seconds": 0.25,
        **more,
    }


def make_failing_row(verdict: str = "mismatch", property: str = "values", **more: Any) -> dict[str, Any]:
    """Return a verdict row of the first case that deviates; keyword arguments replace its fields."""
    return make_row(CASES[0], verdict, property=property, **more)


def fields_of_verdict(
    verdict: str, property: str, expected: Any, observed: Any, checked: Sequence[str] = (), data: str | None = None
) -> dict[str, Any]:
    """Return the fields of a row that a verdict fills, with diagnosis, measurements and snippet empty."""
    facts = {"verdict": verdict, "property": property, "expected": expected, "observed": observed}
    return {**facts, "checked": checked, "diagnosis": None, "data": data, "measured": {}, "snippet": None}


def make_ledger(cell: str, rows: Sequence[dict[str, Any]], **run: Any) -> ledger.Ledger:
    """Return a complete ledger in memory with these rows."""
    end = {"kind": "end", "counts": ledger.tally(rows), "planned": len(rows)}
    return ledger.Ledger(cell, make_first_line({"cell": cell, "planned": len(rows), **run}, rows), list(rows), end)


def make_first_line(given: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a first line with the given fields, and with the known deviations of the rows."""
    head = {key: value for key, value in {**RUN, **given}.items() if value is not None or key in ("deviations", "isa")}
    known = list(head["known_deviations"])
    names = {row["known_deviation"] for row in rows} - {None, ledger.ACCEPTED, *(entry["name"] for entry in known)}
    return {**head, "known_deviations": known + [{"name": name, "because": "", "link": ""} for name in sorted(names)]}


def save_ledger(made: ledger.Ledger, path: Path) -> Path:
    """Write a ledger in memory to a file and return the path."""
    rows = [{"kind": "verdict", "seconds": 0.25, "data": None, "snippet": None, **row} for row in made.rows]
    end = {"counts": ledger.tally(rows), "planned": len(rows)}
    ledger.write_ledger(path, [make_first_line(made.run, rows), *rows, *([{**end, **made.end}] if made.end else [])])
    return path


def write_ledger(path: Path, rows: Sequence[dict[str, Any]], ended: bool = True, **run: Any) -> Path:
    """Write a ledger file with these rows; its cell is the name of the file unless ``cell`` is given."""
    made = make_ledger(run.pop("cell", path.stem), rows, **run)
    made.end = {"kind": "end", "counts": ledger.tally(rows), "planned": len(rows)} if ended else None
    return save_ledger(made, path)
