"""python -m reports build LEDGER... -o index.html"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reports import ledger
from reports.page import render
from reports.summary import summarise

INFRASTRUCTURE = 3


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the page was written, 3 when a ledger cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="Pages from ledgers.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="one HTML page from one or more ledgers")
    build.add_argument("ledgers", nargs="+", metavar="LEDGER")
    build.add_argument("-o", "--output", default="reports/out/index.html", help="the page (default: %(default)s)")
    asked = parser.parse_args(arguments)
    try:
        runs = [ledger.read(path) for path in asked.ledgers]
        page = render([summarise(run) for run in runs])
        Path(asked.output).parent.mkdir(parents=True, exist_ok=True)
        Path(asked.output).write_text(page, encoding="utf-8", errors="backslashreplace")
    except (ledger.LedgerError, OSError) as error:
        print("reports: %s" % error, file=sys.stderr)
        return INFRASTRUCTURE
    print("page: %s" % Path(asked.output).resolve().as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
