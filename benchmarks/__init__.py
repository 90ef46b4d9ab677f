"""Benchmarks of the page, its size and its speed, and of what a check costs; they are run by hand."""
