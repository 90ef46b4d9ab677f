"""Writes ledgers of the NumPy layer, for tests of suggested entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Sequence

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations.suggest.neighbours import estimate_work
from fixtures.faults import FAULTS
from fixtures.suite_registry import is_checked
from reports.ledger import tally

SMALL = [case for case in cases_of_tier("smoke") if max(case.size) < 40]
# The cases on which a fault runs. One with more products takes up to 100 ms in place of 3. Those with 31 to 33 columns
# or 15 filters stay, because some faults show on no smaller case.
LIGHT = [
    case
    for case in SMALL
    if estimate_work(case) <= 2000 or (estimate_work(case) <= 9000 and (max(case.size) > 30 or case.filters == 15))
]
COMPUTED = [case for case in SMALL if is_checked(Check("forward", case, "eager"), "numpy_layer")]


def write_numpy_layer_ledger(path: Path, rows: Sequence[dict[str, Any]], ended: bool = True, **changes: Any) -> Path:
    """Write a ledger file of the NumPy layer with these rows and return its path."""
    run = {
        "kind": "run",
        "schema": 2,
        "subject": "numpy_layer",
        "backend": "numpy",
        "numpy": "1.26.4",
        "device": "CPU:0",
    }
    run.update(switches={}, planned=len(rows), faults={fault.name: fault.sentence for fault in FAULTS}, options={})
    names = sorted({str(one["known_deviation"]) for one in rows if one["known_deviation"]})
    run.update({"known_deviations": [{"name": name} for name in names], **changes})
    lines = [run, *rows, *([{"kind": "end", "counts": tally(rows), "planned": len(rows)}] if ended else [])]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def make_forward_row(case: Case, verdict: str = "agree", **changes: Any) -> dict[str, Any]:
    """Return a row of the suite forward; keyword arguments replace its fields."""
    facts = {"kind": "verdict", "case": case.id, "suite": "forward", "variant": "eager", "property": "values"}
    return {**facts, "verdict": verdict, "observed": {}, "diagnosis": None, "known_deviation": None, **changes}
