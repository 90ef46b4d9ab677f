"""The tests of the prose linter, which need Node: tox run -e check has it."""
