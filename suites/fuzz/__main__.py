"""``python -m suites.fuzz FUZZER``: inject faults and print how they were recorded; exit 1 if one was wrong."""

from __future__ import annotations

import argparse
import importlib
import resource
import sys
import time
from pathlib import Path
from typing import Sequence

from suites.fuzz.table import Table, read_table

FUZZERS = ("inputs", "ledgers", "layers", "kills", "explain")  # modules of this package
INFRASTRUCTURE = 3
LIMITED = ("inputs", "explain")  # the fuzzers that take inputs in this process
MEMORY = 6 << 30  # bytes of address space: an input that takes all memory ends as an error of this process alone


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False, prog="python -m suites.fuzz", description="Inject faults, and count them."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in FUZZERS:
        fuzzer = commands.add_parser(name, help="see suites/fuzz/%s.py" % name)
        fuzzer.add_argument("--count", type=int, default=500, help="faults to inject (default: %(default)s)")
        fuzzer.add_argument("--seed", type=int, default=1, help="of the faults (default: %(default)s)")
        fuzzer.add_argument("-o", "--out", type=Path, help="default: reports/out/fuzz-%s.json" % name)
    table = commands.add_parser("table", help="print the tables of several files as one")
    table.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    It is 1 if a fault was recorded wrongly or an answer was lost, and 3 if a file has no table.
    """
    options = _make_parser().parse_args(arguments)
    if options.command == "table":
        table = Table()
        try:
            for path in options.files:
                table.add(read_table(path))
        except ValueError as error:
            print(error, file=sys.stderr)
            return INFRASTRUCTURE
    else:
        if options.command in LIMITED:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        table, started = Table(progress=True), time.perf_counter()
        importlib.import_module("suites.fuzz." + options.command).run(table, options.count, options.seed)
        out = options.out or Path("reports/out/fuzz-%s.json" % options.command)
        table.write(out)
        print("%d faults in %.0f s, written to %s" % (options.count, time.perf_counter() - started, out))
    print(table.to_markdown())
    for line in table.lines:
        for problem in line.wrong:
            print("WRONG %s: %s" % (line.fault, problem))
    return 0 if table.good else 1


if __name__ == "__main__":
    sys.exit(main())
