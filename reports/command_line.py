"""The parser of command lines: a call that cannot be used ends with exit status 4, as that of pytest does."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

USAGE = 4


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors have the exit status 4 in place of 2, and a bounded length.

    It does not take an abbreviation for an option: ``--output`` is not ``--output-padding``.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **arguments})

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with this call, and exit."""
        short = message if len(message) <= 1000 else message[:1000] + "..."
        self.exit(USAGE, "%s: error: %s\n" % (self.prog, short))
