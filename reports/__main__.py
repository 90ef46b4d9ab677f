"""python -m reports build LEDGER... -o index.html; diff BEFORE AFTER; merge LEDGER... -o ledger.jsonl"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reports import ledger
from reports.compare import as_text, compare
from reports.matrix import FILE, read
from reports.merge import merge
from reports.overview import as_markdown, survey
from reports.page import render
from reports.summary import summarise

INFRASTRUCTURE = 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Pages and comparisons from ledgers.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="one HTML page from one or more ledgers")
    build.add_argument("ledgers", nargs="+", metavar="LEDGER")
    build.add_argument("-o", "--output", default="reports/out/index.html", help="the page (default: %(default)s)")
    build.add_argument("--matrix", action="store_true", help="show also the cells of matrix.toml without a ledger")
    build.add_argument("--summary", metavar="FILE", help="also the table of cells as Markdown, for a CI step")
    diff = commands.add_parser("diff", help="what changed from one ledger to another")
    diff.add_argument("before")
    diff.add_argument("after")
    joined = commands.add_parser("merge", help="the shards of one run as one ledger")
    joined.add_argument("ledgers", nargs="+", metavar="LEDGER")
    joined.add_argument("-o", "--output", required=True)
    return parser


def _build(asked: argparse.Namespace) -> None:
    runs = [ledger.read(path) for path in asked.ledgers]
    cells = [str(run.run["cell"]) for run in runs]
    twice = sorted({cell for cell in cells if cells.count(cell) > 1})
    if twice:
        raise ledger.LedgerError("more than one ledger is of the cell %s; give one each" % ", ".join(twice))
    declared = [cell.name for cell in read(FILE)] if asked.matrix else []
    overview = survey(runs, declared) if len(runs) > 1 or declared else None
    page = render([summarise(run) for run in runs], overview)
    Path(asked.output).parent.mkdir(parents=True, exist_ok=True)
    Path(asked.output).write_text(page, encoding="utf-8", errors="backslashreplace")
    if asked.summary and overview:
        Path(asked.summary).write_text(as_markdown(overview), encoding="utf-8")
    print("page: %s" % Path(asked.output).resolve().as_uri())


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when it was done, 3 when a ledger cannot be read or the result not be written."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "build":
            _build(asked)
        elif asked.command == "diff":
            found = compare(ledger.read(asked.before), ledger.read(asked.after))
            print(as_text(found, asked.before, asked.after))
        else:
            merge([ledger.read(path) for path in asked.ledgers], Path(asked.output))
            print("ledger: %s" % asked.output)
    except (ledger.LedgerError, OSError) as error:
        print("reports: %s" % error, file=sys.stderr)
        return INFRASTRUCTURE
    return 0


if __name__ == "__main__":
    sys.exit(main())
