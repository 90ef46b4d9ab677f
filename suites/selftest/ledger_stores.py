"""Makes DuckDB stores from ledgers in memory, for tests of the SQL queries; needs Python 3.11."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Iterable

from reports.facts.store import Store
from reports.ledger import Ledger
from suites.selftest.ledgers import save_ledger


def make_store(ledgers: Iterable[Ledger]) -> Store:
    """Write the ledgers to temporary files and return the store that reads them."""
    with tempfile.TemporaryDirectory() as folder:
        return Store([save_ledger(one, Path(folder, "%d.jsonl" % place)) for place, one in enumerate(ledgers)])
