"""Build self-contained HTML pages from plain values: templates, and the explorer with its scripts."""
