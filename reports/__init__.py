"""Ledgers, and the pages and reports that are built from them. Imports nothing from fixtures or suites."""
