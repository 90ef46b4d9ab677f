"""The suites, one folder each; ``catalog.py`` lists them. ``selftest`` and a few other folders test this project."""
