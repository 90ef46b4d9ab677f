"""``python -m reports bisect``: since which release of a package a check fails, or one of every cause of a ledger."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from reports.facts.bisections import BisectionFile, read_bisections, to_json
from reports.facts.titles import ORDER
from reports.ledger.files import LedgerFile, replace_file
from reports.matrix_file import read_cells
from reports.releases.answers import Answers, ReleaseChecker
from reports.releases.bisection import bisect, to_record
from reports.releases.bisection_text import describe
from reports.releases.errors import BisectError
from reports.releases.package_index import PublishedRelease
from reports.releases.packages import PACKAGES
from reports.releases.release_range import choose_releases
from reports.releases.requirements import Subject, choose_environment
from reports.releases.targets import choose_targets

OUTPUT = "reports/out/bisect"
INFRASTRUCTURE = 3  # the exit status if no release could be checked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("case", nargs="?", default="", help="a case id, the hash of one, or SUITE/VARIANT/CASE")
    parser.add_argument("--ledger", default="", help="in place of a case: a check of every cause of this run")
    parser.add_argument("--suite", default="", help="the suite that checks the case (default: forward)")
    parser.add_argument("--mode", default="", help="how the layer is called, or the suite's variant (default: eager)")
    parser.add_argument(
        "--severity", default="", help="with --ledger: only these, with commas between: %s" % ", ".join(ORDER)
    )
    parser.add_argument(
        "--package", required=True, choices=list(PACKAGES), help="the package whose releases are compared"
    )
    parser.add_argument("--good", default="", metavar="VERSION", help="one bound (default: the oldest of matrix.toml)")
    parser.add_argument("--bad", default="", metavar="VERSION", help="the other bound (default: the newest release)")
    parser.add_argument(
        "--pre", action="store_true", help="also pre-releases, and nightly builds after the newest release"
    )
    parser.add_argument(
        "--cell", default="", help="the cell whose environment is used (default: the newest or nearest)"
    )
    parser.add_argument("--subject", default="", help="the layer that is checked (default: the package's own)")
    parser.add_argument("--backend", default="", help="the backend of Keras 3 (default: that of the package)")
    parser.add_argument("--switch", default="", help="process switches, as pytest takes them")
    parser.add_argument(
        "--further",
        type=int,
        default=2,
        help="further releases, between the bounds, that are checked (default: %(default)s)",
    )
    parser.add_argument(
        "--repeat", type=int, default=1, help="how often each check is made, for a cause that varies (default: 1)"
    )
    parser.add_argument(
        "--workers", type=int, default=_count_cores(), help="releases checked at the same time (default: %(default)s)"
    )
    parser.add_argument(
        "-o", "--output", default=OUTPUT, help="a folder; results in it are used again (default: %(default)s)"
    )


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(options: argparse.Namespace) -> int:
    """Bisect, print what was found, and add it to ``PACKAGE.json`` in the output folder.

    Return the exit status: 0, or 3 if no release could be checked; then nothing is written. Raises ``BisectError``,
    ``MatrixError``, ``LedgerError`` or ``PackageIndexError``.
    """
    if min(options.workers, options.repeat) < 1 or options.further < 0:
        raise BisectError("--workers and --repeat are numbers from 1 on, --further is one from 0 on")
    package, cells = PACKAGES[options.package], read_cells()
    subject = Subject(options.subject, options.backend, options.switch, options.cell)
    targets, subject = choose_targets(options, subject)
    releases = choose_releases(options, package, subject, cells)
    checker = ReleaseChecker(Path(options.output), options.repeat)

    def run_checks(release: PublishedRelease, checks: Sequence[str]) -> Answers:
        return checker.run_checks(choose_environment(release, package, subject, cells), checks)

    print(
        "%s: %d releases from %s to %s" % (package.name, len(releases), releases[0].name, releases[-1].name), flush=True
    )
    lock = LedgerFile(Path(options.output, package.name + ".lock"))  # two calls at a time would mix their results
    try:
        found, costs = bisect(
            *(targets, package, releases, run_checks),
            *(lambda text: print(text, flush=True), options.further, options.workers),
        )
        print(describe(found, costs))
        if not any(answer.result for one in found for answer in one.answers.values()):
            return INFRASTRUCTURE
        path = Path(options.output, package.name + ".json")
        made = [to_record(one) for one in found]
        checks = {record.check for record in made}
        earlier = [record for record in read_bisections([path]) if record.check not in checks] if path.exists() else []
        with replace_file(path) as file:
            file.write(to_json(BisectionFile([*earlier, *made], **vars(costs))))
        print("results: %s" % path)
        return 0
    finally:
        lock.close_or_remove_if_empty()
