"""The commands that the README and the docs show, and what is wrong with them; for ``test_doc_commands.py``."""
