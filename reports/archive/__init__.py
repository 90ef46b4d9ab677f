"""Runs that are kept for years: small files that ``python -m reports history`` and DuckDB read."""

from reports.archive.archive import ArchivedRun, add_run, find_runs, identify_run

__all__ = ["ArchivedRun", "add_run", "find_runs", "identify_run"]
