"""The DuckDB of this process."""

from __future__ import annotations

from functools import lru_cache

import duckdb


@lru_cache(maxsize=None)
def start_duckdb() -> duckdb.DuckDBPyConnection:
    """Return the connection of this process, started once: its start takes 17 ms, and one more database 0.5 ms."""
    return duckdb.connect(config={"preserve_insertion_order": True})
