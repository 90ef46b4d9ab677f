"""Makes rows and ledgers of contract suites for the tests of the reports."""

from __future__ import annotations

from typing import Any

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.suite_registry import contract_suites
from reports import ledger
from suites.selftest import ledgers

CASE, OTHER = PLAIN.id, Case(1, (3, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id


def make_contract_row(suite: str, mode: str, verdict: str = "agree", case: str = CASE, **more: Any) -> dict[str, Any]:
    """Return a verdict row of a contract suite."""
    defaults = {"suite": suite, "variant": mode, "property": "rejection", "expected": {}, "observed": {}, "checked": []}
    return ledgers.make_row(case, verdict, **{**defaults, **more})


def make_shape_row(
    source: str, lengths: list[Any], verdict: str = "agree", case: str = CASE, **more: Any
) -> dict[str, Any]:
    """Return a row with the shape that one source states; the formula's shape is 2 x 9 x 6 x 2, or 1 x 4 x 5 x 1."""
    suite = "forward" if source in ("eager", "xla") else "shapes"
    expected = {"shape": [2, 9, 6, 2] if case == CASE else [1, 4, 5, 1], **more}
    return make_contract_row(suite, source, verdict, case, expected=expected, observed={"shape": lengths, **more})


def make_refusal_row(
    variant: str, stage: str, error: str, verdict: str = "agree", message: str = "no"
) -> dict[str, Any]:
    """Return a row for an argument that the subject refused."""
    observed = {"stage": stage, "error": error, "message": message}
    return make_contract_row("arguments", variant, verdict, expected={"given": variant + "=?"}, observed=observed)


def make_ledger_of_rows(cell: str, rows: list[dict[str, Any]], **run: Any) -> ledger.Ledger:
    """Return a complete ledger of tf.keras with these rows."""
    head = {"subject": "tf.keras", "backend": "tensorflow", "tensorflow": "2.4", "keras": "2.4", "switches": {}}
    return ledgers.make_ledger(
        cell, rows, **{**head, "modes": ["eager", "contract"], "contract": list(contract_suites()), **run}
    )
