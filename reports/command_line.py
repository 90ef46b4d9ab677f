"""The parser of command lines: a call that cannot be used ends with exit status 4, as that of pytest does."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import Any, NoReturn

USAGE = 4


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors have the exit status 4 in place of 2, and a bounded length.

    It does not take an abbreviation for an option: ``--output`` is not ``--output-padding``.
    """

    def __init__(self, with_rest: bool = False, **arguments: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **arguments})
        self._with_rest = with_rest  # whether the caller passes unknown words on

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the options; an unknown word is refused by the parser of the subcommand that got it."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown and not self._with_rest:
            self.error("unrecognized arguments: %s" % " ".join(unknown))
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with this call and the nearest known word, and exit."""
        short = message if len(message) <= 1000 else message[:1000] + "..."
        self.exit(USAGE, "%s: error: %s\n" % (self.prog, self._add_remedy(short)))

    def _add_remedy(self, message: str) -> str:
        chosen = re.fullmatch(r"(.*invalid choice: '(.*)') \(choose from (.*)\)", message)
        if chosen:
            words = re.findall(r"[^', ]+", chosen.group(3))
            near = difflib.get_close_matches(chosen.group(2), words, 1)
            return "%s; did you mean %s? See %s --help" % (chosen.group(1), near[0], self.prog) if near else message
        if not message.startswith("unrecognized arguments: "):
            return message
        unknown = message.split(": ", 1)[1].split()[0].split("=")[0]
        near = difflib.get_close_matches(unknown, list(self._option_string_actions), 1, 0.7)
        if not near:
            return "%s; see %s --help" % (message, self.prog)
        return "%s; did you mean %s? See %s --help" % (message, near[0], self.prog)
