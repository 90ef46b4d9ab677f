"""Parses documented arguments with the parser of the program itself, without running the program."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import io
import sys
from typing import Any, Iterator, NoReturn, Sequence
from unittest.mock import MagicMock, patch

# Modules with a command line: the name after ``python -m``, and the module that is imported for it.
MODULES = {
    "benchmarks.checks": "benchmarks.checks",
    "benchmarks.growth": "benchmarks.growth",
    "benchmarks.history": "benchmarks.history",
    "benchmarks.page": "benchmarks.page",
    "benchmarks.traced_together": "benchmarks.traced_together",
    "examples": "examples.__main__",
    "examples.judge": "examples.judge",
    "fixtures": "fixtures.__main__",
    "prose": "prose.__main__",
    "reports": "reports.__main__",
    "reports.arm64": "reports.arm64",
    "reports.ledger.check_rerun": "reports.ledger.check_rerun",
    "reports.matrix": "reports.matrix",
    "reports.migrate": "reports.migrate",
    "reports.sweep": "reports.sweep.__main__",
    "suites.browser.picture": "suites.browser.picture",
    "suites.fuzz": "suites.fuzz.__main__",
    "suites.mutants": "suites.mutants.__main__",
}
# Packages that some of them import and that the selftest environment does not have.
ABSENT = ("axe_playwright_python", "cosmic_ray", "libcst", "mutmut", "playwright")


class Refused(Exception):
    """Raised when a parser refuses arguments; the message is the parser's."""


class _ParsingDone(Exception):
    def __init__(self, parser: argparse.ArgumentParser, values: argparse.Namespace, rest: list[str]) -> None:
        self.parser, self.values, self.rest = parser, values, rest


def parse_arguments(
    module: str, arguments: Sequence[str], left_out: Sequence[Sequence[str]] = ()
) -> tuple[argparse.Namespace, list[str]]:
    """Return the values that ``module`` parses from ``arguments``, and the arguments that it does not know.

    Where it requires more, each of ``left_out`` is added in turn. Raises ``Refused`` with the parser's message.
    """
    for more in ((), *left_out):
        try:
            parsed = _parse_with_main(module, [*arguments, *more])
        except Refused as error:
            refused = error
            if "arguments are required" not in str(error):
                break
        else:
            return parsed.values, parsed.rest
    raise refused


def list_flags(module: str, arguments: Sequence[str]) -> set[str]:
    """Return all flags of a command line, with those of its subcommands; ``arguments`` must be valid."""
    return set(_flags_of_parser(_parse_with_main(module, arguments).parser))


def _flags_of_parser(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from parser._option_string_actions
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _flags_of_parser(one)


def _parse_with_main(module: str, arguments: Sequence[str]) -> _ParsingDone:
    """Call the module's ``main`` until its parser has parsed the arguments."""
    original = argparse.ArgumentParser.parse_known_args

    def parse_and_stop(self: argparse.ArgumentParser, args: Any = None, namespace: Any = None) -> Any:
        values, rest = original(self, args, namespace)
        if self.prog == "python -m " + module:  # the parser of a subcommand has a longer name
            raise _ParsingDone(self, values, rest)
        return values, rest

    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(printed), _replace_absent_modules():
        main = importlib.import_module(MODULES[module]).main
        parsing = patch.object(argparse.ArgumentParser, "parse_known_args", parse_and_stop)
        try:
            with parsing, patch.object(sys, "argv", [module, *arguments]):
                _raise_parser_error(main() if main.__code__.co_argcount == 0 else main(list(arguments)))
        except _ParsingDone as parsed:
            return parsed
        except SystemExit:
            raise Refused(printed.getvalue().strip().rpartition("\n")[2]) from None


def _raise_parser_error(status: object) -> NoReturn:
    raise AssertionError("it parses nothing, and returned %s" % status)


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """An import finder for the packages of ``ABSENT``: it comes last, and its modules have every attribute."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        return MagicMock(name=spec.name)

    def exec_module(self, module: Any) -> None:
        """Do nothing, because a stand-in module has no code."""


@contextlib.contextmanager
def _replace_absent_modules() -> Iterator[None]:
    """Let modules import absent packages inside the block, and remove these modules afterwards."""
    finder = _StandInFinder()
    sys.meta_path.append(finder)
    before = set(sys.modules)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        new = set(sys.modules) - before
        if any(name.partition(".")[0] in ABSENT for name in new):
            for name in new:
                if name.partition(".")[0] in (*ABSENT, "suites", "benchmarks"):
                    del sys.modules[name]
