"""``python -m reports news``: which releases on the package index no cell of matrix.toml has yet."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from packaging.version import Version

from reports.matrix_file import Cell, read_cells
from reports.releases.package_index import PublishedRelease, list_releases
from reports.releases.packages import PACKAGES, Package
from reports.releases.requirements import pinned_version

ListReleases = Callable[[str], Sequence[PublishedRelease]]  # as list_releases


@dataclass(frozen=True)
class News:
    """A package: its newest release, the newest one in matrix.toml, and minor versions that no cell has.

    ``missing`` has the newest release of each such minor version after the newest in matrix.toml. ``patches`` has
    newer patch releases of minor versions that matrix.toml has, as (version there, newer version). Dates are those
    of publication, such as 2026-10-28. A text is empty if there is no such release.
    """

    package: str
    newest: str
    date: str
    in_matrix: str
    missing: list[str]
    patches: list[tuple[str, str]]
    nightly: str = ""
    nightly_date: str = ""

    @property
    def lines(self) -> list[str]:
        """Return what the package has that matrix.toml lacks, one sentence a line; none if it lacks nothing."""
        found = ["%s %s is in no cell of matrix.toml" % (self.package, version) for version in self.missing]
        return found + ["%s %s has the newer patch release %s" % (self.package, *pair) for pair in self.patches]


def find_news(packages: Iterable[Package], cells: Sequence[Cell], list_all: ListReleases = list_releases) -> list[News]:
    """Return the news of every package. Raises ``PackageIndexError``."""
    return [_news_of_package(package, cells, list_all) for package in packages]


def _news_of_package(package: Package, cells: Sequence[Cell], list_all: ListReleases) -> News:
    published = [one for one in list_all(package.distributions[0]) if not one.version.is_prerelease and not one.yanked]
    pinned = {pinned_version(cell, package.distributions) for cell in cells} - {Version("0")}
    by_minor = {_minor_of(release.version): release for release in published}  # the last one is the newest
    newest_pin = max(pinned, default=Version("0"))
    covered = {_minor_of(version): version for version in sorted(pinned)}
    nightly = [one for one in list_all(package.nightly) if not one.yanked][-1:] if package.nightly else []
    return News(
        package=package.name,
        newest=published[-1].name if published else "",
        date=_format_day(published[-1]) if published else "",
        in_matrix=str(newest_pin) if pinned else "",
        missing=[
            release.name
            for minor, release in by_minor.items()
            if minor not in covered and minor > _minor_of(newest_pin)
        ],
        patches=[
            (str(covered[minor]), release.name)
            for minor, release in by_minor.items()
            if minor in covered and release.version > covered[minor]
        ],
        nightly=nightly[0].name if nightly else "",
        nightly_date=_format_day(nightly[0]) if nightly else "",
    )


def _minor_of(version: Version) -> tuple[int, int]:
    return version.major, version.minor


def _format_day(release: PublishedRelease) -> str:
    return release.uploaded.isoformat() if release.uploaded else ""


def describe_news(found: Sequence[News]) -> str:
    """Return the news as a Markdown table and a list, for a terminal and for the summary of a CI step."""
    lines = ["| package | newest | published | in matrix.toml | nightly |", "|---|---|---|---|---|"]
    for one in found:
        nightly = "%s (%s)" % (one.nightly, one.nightly_date) if one.nightly else ""
        newest, in_matrix = one.newest or "none", one.in_matrix or "none"
        lines.append("| %s | %s | %s | %s | %s |" % (one.package, newest, one.date, in_matrix, nightly))
    missing = [line for one in found for line in one.lines]
    lines += ["", *("- %s" % line for line in missing)] if missing else ["", "matrix.toml has every newest release."]
    if missing:
        lines += ["", "Add one as an environment in matrix.toml, then run: tox run -e lock"]
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--json", action="store_true", help="print a list of objects, one for each package")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 when matrix.toml lacks a release")


def run(options: argparse.Namespace) -> int:
    """Print the news, and return the exit status. Raises ``MatrixError`` or ``PackageIndexError``."""
    found = find_news(PACKAGES.values(), read_cells())
    print(json.dumps([asdict(one) for one in found], indent=1) if options.json else describe_news(found))
    return 1 if options.exit_code and any(one.lines for one in found) else 0
