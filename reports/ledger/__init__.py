"""The ledger: the result file of a run, in strict JSON Lines, append-only and flushed after every row.

The first line describes the run. One line for each check follows, and the last line is the end row; see
``reports/schema/ledger-2.schema.json``. A file without an end row is an incomplete run. This package runs on Python
3.7, next to the framework under test, and needs only the standard library.
"""

from reports.ledger.categories import (
    ACCEPTED,
    CATEGORIES,
    EXPLAINED,
    FAILING,
    LISTINGS,
    RANGE_ENDED,
    SCHEMA,
    UNEXPLAINED,
    VERDICTS,
    Row,
    case_hash,
    category,
    cause,
    causes,
    headline,
    listing,
    tally,
)
from reports.ledger.files import LedgerError
from reports.ledger.reader import Ledger, check_run, read
from reports.ledger.writer import REASON, LedgerWriter, reason_path, write_ledger

__all__ = [
    "ACCEPTED",
    "CATEGORIES",
    "EXPLAINED",
    "FAILING",
    "LISTINGS",
    "RANGE_ENDED",
    "REASON",
    "SCHEMA",
    "UNEXPLAINED",
    "VERDICTS",
    "Ledger",
    "LedgerError",
    "LedgerWriter",
    "Row",
    "case_hash",
    "category",
    "cause",
    "causes",
    "check_run",
    "headline",
    "listing",
    "read",
    "reason_path",
    "tally",
    "write_ledger",
]
