"""The suites, one folder each; ``catalog.py`` lists them. ``selftest`` and some other folders test this project."""
