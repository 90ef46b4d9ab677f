"""The command line of reports.

``python -m reports`` with one of ``build LEDGER... -o index.html``, ``diff BEFORE AFTER``, ``history FOLDER``,
``model FILE -o model.html``, ``archive LEDGER... --folder FOLDER``, ``bisect CASE --package keras``, ``news`` and
``merge LEDGER... -o LEDGER``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Iterable, Mapping

from command_line import USAGE, CommandParser
from reports import ledger, model_command
from reports.archive import add_run
from reports.facts import diff_page, fault_matrix
from reports.facts.bisections import read_bisections
from reports.facts.changes import changes_since
from reports.facts.coming import compare_coming
from reports.facts.history import make_history
from reports.facts.store import Store
from reports.facts.summary import summarise
from reports.formats import DEFAULT, FORMATS, output_paths, read_formats, write_all, write_one
from reports.formats.safe_text import make_visible
from reports.ledger.files import find_overwritten, replace_file
from reports.matrix_file import FILE, MatrixError, read_cells
from reports.merge_shards import merge_shards
from reports.page.playground import render_playground
from reports.page.render import render_diff, render_history
from reports.releases import bisect_command, news
from reports.releases.errors import BisectError
from reports.releases.package_index import PackageIndexError

INFRASTRUCTURE = 3
INTERRUPTED = 130  # as a shell says of a program that Ctrl-C ended


def _make_parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="python -m reports", description="Pages and comparisons from ledgers.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_build_arguments(
        commands.add_parser("build", help="one HTML page, or another format, from one or more ledgers")
    )
    changed = commands.add_parser("diff", help="what changed from one ledger to another, or from folder to folder")
    changed.add_argument("before", help="a ledger, or a folder with one a cell")
    changed.add_argument("after")
    changed.add_argument("-o", "--output", metavar="FILE", help="write a page there (default: text to stdout)")
    changed.add_argument("--exit-code", action="store_true", help="exit with 1 when something regressed")
    runs = commands.add_parser("history", help="the runs of every cell in a folder of ledgers, as a page")
    runs.add_argument("folder", help="with ledgers in it, of any depth")
    runs.add_argument("-o", "--output", default="reports/out/history.html", help="the page (default: %(default)s)")
    playground = commands.add_parser("playground", help="the form of the page alone, with sliders; it needs no ledger")
    playground.add_argument("-o", "--output", default="reports/out/playground.html", help="(default: %(default)s)")
    model_command.add_arguments(
        commands.add_parser("model", help="judge a stored model, and show the report as a page")
    )
    bisect_command.add_arguments(commands.add_parser("bisect", help="since which release a check fails"))
    news.add_arguments(commands.add_parser("news", help="releases that matrix.toml does not have yet"))
    archived = commands.add_parser("archive", help="add runs to a folder for history: compressed, equal answers once")
    archived.add_argument("ledgers", nargs="+", metavar="LEDGER")
    archived.add_argument("--folder", required=True, help="the archive, which is made where it is missing")
    joined = commands.add_parser("merge", help="the shards of one run as one ledger")
    joined.add_argument("ledgers", nargs="+", metavar="LEDGER")
    joined.add_argument("-o", "--output", required=True)
    return parser


def _add_build_arguments(build: argparse.ArgumentParser) -> None:
    build.add_argument("ledgers", nargs="+", metavar="LEDGER")
    build.add_argument("-o", "--output", help="the file (default: %s and the format's ending)" % DEFAULT)
    build.add_argument(
        *("--format",),
        type=read_formats,
        default=[FORMATS["html"]],
        metavar="FORMAT",
        help="one or several, separated by commas: %s (default: html; github goes to stdout)" % ", ".join(FORMATS),
    )
    build.add_argument("--summary", metavar="FILE", help="write Markdown there besides")
    build.add_argument("--matrix", action="store_true", help="show also the cells of matrix.toml without a ledger")
    files: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
    build.add_argument("--previous", metavar="LEDGER", help="say first what changed since these", **files)
    build.add_argument(
        "--fault-matrix", metavar="FILE", help="show the fault matrix that python -m fixtures fault-matrix wrote"
    )
    build.add_argument("--bisections", metavar="FILE", help="show what python -m reports bisect found", **files)
    build.add_argument("--coming", metavar="LEDGER", help="runs of nightly builds, compared with the newest", **files)


def _build(options: argparse.Namespace) -> None:
    files = {"--format %s" % one.name: path for one, path in output_paths(options.format, options.output).items()}
    written = {name: path for name, path in {**files, "--summary": options.summary}.items() if path}
    _refuse_overwriting(
        written,
        [
            *options.ledgers,
            *options.previous,
            *options.bisections,
            *options.coming,
            *filter(None, [options.fault_matrix]),
        ],
    )
    store = Store(options.ledgers)
    summary = summarise(
        store,
        [cell.name for cell in read_cells(FILE)] if options.matrix else [],
        changes_since(options.previous, options.ledgers) if options.previous else None,
        fault_matrix.read_fault_matrix(options.fault_matrix) if options.fault_matrix else (),
        _read_reasons_of_cells(options.ledgers) if options.matrix else {},
        read_bisections(options.bisections),
        compare_coming(options.ledgers, options.coming),
    )
    write_all(options.format, options.output, summary, store)
    if options.summary:
        write_one(FORMATS["md"], Path(options.summary), summary, store)


def _refuse_overwriting(written: Mapping[str, Path | str], inputs: Iterable[Path | str]) -> None:
    """Raise ``LedgerError`` if an output would replace another output or an input."""
    overwritten = find_overwritten(written, {"the input %s" % path: path for path in inputs})
    if overwritten:
        raise ledger.LedgerError(overwritten)


def _read_reasons_of_cells(ledgers: list[str]) -> dict[str, str]:
    """Return, by cell, the reasons of runs that could not do any check, as found in the folders of the ledgers."""
    folders = {Path(path).parent for path in ledgers}
    found = (path for folder in sorted(folders) for path in sorted(folder.glob("*" + ledger.REASON)))
    return {path.name[: -len(ledger.REASON)]: path.read_text(encoding="utf-8").strip() for path in found}


def _diff(options: argparse.Namespace) -> int:
    if options.output:
        sides = (options.before, options.after)
        _refuse_overwriting({"-o": options.output}, [path for side in sides for path in diff_page.find_ledgers(side)])
        found = diff_page.make_diff(options.before, options.after)
        _write_page(Path(options.output), render_diff(found))
        worse = bool(found.worse)
    else:
        text, worse = diff_page.diff_as_text(options.before, options.after)
        print(make_visible(text))
    return 1 if options.exit_code and worse else 0


def _write_page(path: Path, text: str) -> None:
    with replace_file(path, errors="backslashreplace") as file:
        file.write(text)
    print("page: %s" % path.resolve().as_uri())


def _run_command(options: argparse.Namespace) -> int:
    """Run the command that the options name, and return its exit status."""
    if options.command == "build":
        _build(options)
    elif options.command == "diff":
        return _diff(options)
    elif options.command == "archive":
        for path in options.ledgers:
            file, new = add_run(path, Path(options.folder))
            print("%s: %s" % (file, "new answers" if new else "answers as in an earlier run"))
    elif options.command == "news":
        return news.run(options)
    elif options.command == "playground":
        _write_page(Path(options.output), render_playground())
    elif options.command == "model":
        text, status = model_command.render(options)
        _write_page(Path(options.output), text)
        return status
    elif options.command == "bisect":
        return bisect_command.run(options)
    elif options.command == "history":
        _refuse_overwriting({"-o": options.output}, Path(options.folder).rglob("*.jsonl"))
        _write_page(Path(options.output), render_history(make_history(options.folder)))
    else:
        merge_shards(options.ledgers, Path(options.output))
        print("ledger: %s" % options.output)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status.

    0: done. 1: something regressed or is missing, and ``--exit-code`` was given; of ``model``, not all is right. 3: a
    ledger, a model or the package index cannot be read, or the result cannot be written. 4: the call cannot be used.
    130: interrupted.
    """
    options = _make_parser().parse_args(arguments)
    try:
        return _run_command(options)
    except KeyboardInterrupt:
        print("reports: interrupted; the same command goes on with the answers that there are", file=sys.stderr)
        return INTERRUPTED
    except BisectError as error:
        print("reports: %s" % make_visible(str(error)), file=sys.stderr)
        return USAGE
    except (ledger.LedgerError, MatrixError, PackageIndexError, OSError) as error:
        print("reports: %s" % make_visible(str(error)), file=sys.stderr)
        return INFRASTRUCTURE


if __name__ == "__main__":
    sys.exit(main())
