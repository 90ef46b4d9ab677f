"""Chooses the releases of a bisection: those between two bounds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from packaging.version import InvalidVersion, Version

from reports.matrix_file import Cell
from reports.releases.errors import BisectError
from reports.releases.package_index import PublishedRelease, list_releases
from reports.releases.packages import Package
from reports.releases.requirements import Subject, oldest_pinned_version


def choose_releases(
    options: argparse.Namespace, package: Package, subject: Subject, cells: Sequence[Cell]
) -> list[PublishedRelease]:
    """Return the releases between the bounds, the oldest first; raise ``BisectError`` if there are not two.

    Yanked releases are left out, and pre-releases without ``--pre``, unless one is a bound.
    """
    published = _list_published(options.pre, package)
    usable = [one for one in published if not one.yanked and (options.pre or not one.version.is_prerelease)]
    if not usable:
        hint = "" if options.pre else "; --pre adds pre-releases"
        raise BisectError("%s has no release on the package index%s" % (package.name, hint))
    bounds = [_read_bound(flag, getattr(options, flag), published) for flag in ("good", "bad")]
    first = bounds[0] or oldest_pinned_version(package, subject, cells)
    second = bounds[1] or usable[-1].version
    low, high = min(first, second), max(first, second)
    chosen = [one for one in published if low <= one.version <= high and (one in usable or one.version in bounds)]
    if len(chosen) < 2:
        count = "only one release" if chosen else "no release"
        raise BisectError("%s has %s from %s to %s; give other bounds" % (package.name, count, low, high))
    return chosen


def _list_published(pre: bool, package: Package) -> list[PublishedRelease]:
    """Return the releases of a package, with ``pre`` also the nightly builds after the newest release."""
    published = list_releases(package.distributions[0])
    if not (pre and package.nightly):
        return published
    stable = [one.version for one in published if not one.version.is_prerelease and not one.yanked]
    newest = max(stable, default=Version("0"))
    return sorted([*published, *(one for one in list_releases(package.nightly) if one.version > newest)])


def _read_bound(flag: str, text: str, published: Sequence[PublishedRelease]) -> Version | None:
    if not text:
        return None
    try:
        version = Version(text)
    except InvalidVersion:
        raise BisectError("--%s %.100s is not a version" % (flag, text)) from None
    nearest = min(published, key=lambda one: _difference(one.version, version))
    for one in published:
        if one.version == version:
            return one.version  # 3.6.0 for 3.6
    raise BisectError("--%s %s is not published; the nearest release is %s" % (flag, version, nearest.name))


def _difference(one: Version, other: Version) -> list[int]:
    width = 4
    pairs = zip((*one.release, *[0] * width)[:width], (*other.release, *[0] * width)[:width])
    return [abs(first - second) for first, second in pairs]
