"""Finds and checks the commands that the README and the docs show, for ``test_doc_commands.py``."""
