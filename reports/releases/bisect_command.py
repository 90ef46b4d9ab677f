"""``python -m reports bisect``: since which release of a package a check, or every cause of a ledger, shows."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from reports.facts.bisections import BisectionFile, to_json
from reports.facts.titles import ORDER, severity_of_row, title_of_row
from reports.ledger import FAILING, Ledger, LedgerError, category, causes, read
from reports.ledger.files import replace_file
from reports.ledger.rerun import size_of_case
from reports.matrix_file import Cell, read_cells
from reports.releases.answers import Answers, ReleaseChecker
from reports.releases.bisection import Target, bisect, to_record
from reports.releases.bisection_text import describe
from reports.releases.package_index import PublishedRelease, list_releases
from reports.releases.packages import PACKAGES, Package
from reports.releases.requirements import Subject, choose_environment, oldest_pinned_version

OUTPUT = "reports/out/bisect"


class BisectError(ValueError):
    """The call cannot be used; the message is one sentence with the remedy."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("case", nargs="?", default="", help="a case id, the hash of one, or SUITE/VARIANT/CASE")
    parser.add_argument("--ledger", default="", help="in place of a case: every cause of this run that is a deviation")
    parser.add_argument("--suite", default="forward", help="that checks the case (default: %(default)s)")
    parser.add_argument("--mode", default="", help="how the layer is called, or the suite's variant (default: eager)")
    parser.add_argument(
        "--severity", default="", help="with --ledger: only these, with commas between: %s" % ", ".join(ORDER)
    )
    parser.add_argument("--package", required=True, choices=list(PACKAGES), help="whose releases are compared")
    parser.add_argument("--good", default="", metavar="VERSION", help="one bound (default: the oldest of matrix.toml)")
    parser.add_argument("--bad", default="", metavar="VERSION", help="the other bound (default: the newest release)")
    parser.add_argument(
        "--pre", action="store_true", help="also pre-releases, and nightly builds after the newest release"
    )
    parser.add_argument("--cell", default="", help="whose environment is used (default: the newest, or the nearest)")
    parser.add_argument("--subject", default="", help="what is checked (default: the package's own layer)")
    parser.add_argument("--backend", default="", help="of Keras 3 (default: by the package)")
    parser.add_argument("--switch", default="", help="process switches, as pytest takes them")
    parser.add_argument(
        "--further", type=int, default=2, help="releases beside those of the bisection (default: %(default)s)"
    )
    parser.add_argument(
        "--repeat", type=int, default=1, help="how often each check is made, for a cause that varies (default: 1)"
    )
    parser.add_argument(
        "--workers", type=int, default=_cores(), help="releases at the same time (default: %(default)s)"
    )
    parser.add_argument(
        "-o", "--output", default=OUTPUT, help="a folder; answers in it are used again (default: %(default)s)"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(options: argparse.Namespace) -> None:
    """Bisect, print what was found, and write it to ``PACKAGE.json`` in the output folder.

    Raises ``BisectError``, ``MatrixError``, ``LedgerError`` or ``PackageIndexError``.
    """
    if min(options.workers, options.repeat) < 1 or options.further < 0:
        raise BisectError("--workers and --repeat are numbers from 1 on, --further is one from 0 on")
    package, cells = PACKAGES[options.package], read_cells()
    subject = Subject(options.subject, options.backend, options.switch, options.cell)
    targets, subject = _choose_targets(options, subject)
    releases = choose_releases(options, package, subject, cells)
    checker = ReleaseChecker(Path(options.output), options.repeat)

    def run_checks(release: PublishedRelease, checks: Sequence[str]) -> Answers:
        return checker.run_checks(choose_environment(release, package, subject, cells), checks)

    print(
        "%s: %d releases from %s to %s" % (package.name, len(releases), releases[0].name, releases[-1].name), flush=True
    )
    found, costs = bisect(
        targets, package, releases, run_checks, lambda text: print(text, flush=True), options.further, options.workers
    )
    print(describe(found, costs))
    path = Path(options.output, package.name + ".json")
    with replace_file(path) as file:
        file.write(to_json(BisectionFile([to_record(one) for one in found], **vars(costs))))
    print("results: %s" % path)


def choose_releases(
    options: argparse.Namespace, package: Package, subject: Subject, cells: Sequence[Cell]
) -> list[PublishedRelease]:
    """Return the releases between the bounds, the oldest first; raise ``BisectError`` if there are not two."""
    published = list_releases(package.distributions[0])
    bounds = [_read_bound(flag, getattr(options, flag), published) for flag in ("good", "bad")]
    stable = [one for one in published if not one.version.is_prerelease and not one.yanked]
    if not stable:
        raise BisectError("%s has no release on the package index" % package.name)
    low, high = bounds
    low = low or oldest_pinned_version(package, subject, cells)
    high = high or stable[-1].version
    low, high = min(low, high), max(low, high)
    chosen = [
        one
        for one in published
        if low <= one.version <= high
        and (one.version in bounds or (not one.yanked and (options.pre or not one.version.is_prerelease)))
    ]
    if options.pre and package.nightly and not options.bad:
        chosen += [one for one in list_releases(package.nightly) if one.version > high and not one.yanked]
    if len(chosen) < 2:
        raise BisectError(
            "between %s and %s, %s has %d releases; give other bounds" % (low, high, package.name, len(chosen))
        )
    return chosen


def _read_bound(flag: str, text: str, published: Sequence[PublishedRelease]) -> Version | None:
    if not text:
        return None
    try:
        version = Version(text)
    except InvalidVersion:
        raise BisectError("--%s %.100s is not a version" % (flag, text)) from None
    if version not in [one.version for one in published]:
        nearest = min(published, key=lambda one: _difference(one.version, version))
        raise BisectError("--%s %s is not published; the nearest release is %s" % (flag, version, nearest.name))
    return version


def _difference(one: Version, other: Version) -> list[int]:
    width = 4
    pairs = zip((*one.release, *[0] * width)[:width], (*other.release, *[0] * width)[:width])
    return [abs(first - second) for first, second in pairs]


def _choose_targets(options: argparse.Namespace, subject: Subject) -> tuple[list[Target], Subject]:
    """Return the targets and the subject: those of a ledger are about the subject of its run."""
    if bool(options.case) == bool(options.ledger):
        raise BisectError("give a case, or --ledger with the run whose causes are meant")
    if options.case:
        named = (
            options.case if "/" in options.case else "%s/%s/%s" % (options.suite, options.mode or "eager", options.case)
        )
        return [Target(named)], subject
    ledger = read(options.ledger)
    severities = [word for word in options.severity.split(",") if word]
    for word in severities:
        if word not in ORDER:
            raise BisectError("--severity %.100s is unknown; known: %s" % (word, ", ".join(ORDER)))
    targets = [one for one in targets_of_ledger(ledger) if not severities or one.severity in severities]
    if not targets:
        raise LedgerError("%s shows no such cause" % options.ledger)
    run_subject = str(ledger.run["subject"])
    same = PACKAGES[options.package].name != "tensorflow" or run_subject != "keras3"
    switches = ",".join("%s=%s" % item for item in ledger.run["options"].get("switches", {}).items())
    backend = str(ledger.run["backend"]) if run_subject == "keras3" else "tensorflow"
    return targets, Subject(
        subject.name or (run_subject if same else ""),
        subject.backend or backend,
        subject.switches or switches,
        subject.cell,
    )


def targets_of_ledger(ledger: Ledger) -> list[Target]:
    """Return one check of every cause of a run, the most severe cause first.

    It is one with few uncommon arguments, since another release may refuse these for another cause, and a small one.
    """
    contract = ledger.run.get("contract", ())
    entries = {str(entry["name"]): entry for entry in ledger.run["known_deviations"]}
    found: dict[str, Target] = {}
    for (_, cause, _), rows in causes(ledger.rows, contract).items():
        shown = [row for row in rows if category(row) in FAILING or category(row) == "known-deviation"]
        if not shown or cause in found:
            continue
        row = min(shown, key=lambda one: (_count_uncommon(one["case"]), size_of_case(one["case"]), one["case"]))
        entry = entries.get(cause, {})
        severity = str(entry.get("severity") or severity_of_row(row))
        title = str(entry.get("title") or title_of_row(row, ledger.run["faults"], row["suite"] in contract))
        found[cause] = Target("%s/%s/%s" % (row["suite"], row["variant"], row["case"]), cause, title, severity)
    return sorted(found.values(), key=lambda one: ORDER.index(one.severity))


def _count_uncommon(case: str) -> int:
    """Return how many arguments of a case id are not those of a plain layer: dilation, output_padding and so on."""
    common = re.compile(r"(d1(\.1)*|onone|last|linear|float32|[bicfks][0-9.]+|same|valid|bias|nobias)\Z")
    return sum(not common.match(part) for part in case.split("-"))
