"""Benchmarks of the page: its size and its speed; they are run by hand."""
