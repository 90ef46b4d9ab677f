"""Releases and an environment for the tests of ``python -m reports bisect``."""

from __future__ import annotations

from packaging.version import Version

from reports.releases.package_index import PublishedRelease
from reports.releases.requirements import ReleaseEnvironment


def make_releases(count: int) -> list[PublishedRelease]:
    """Return so many releases, 3.0.0, 3.1.0 and so on."""
    return [PublishedRelease(Version("3.%d.0" % number), "keras") for number in range(count)]


def make_environment(subject: str) -> ReleaseEnvironment:
    """Return an environment in which a subject of this Python is checked."""
    return ReleaseEnvironment(make_releases(1)[0], "3.11", ("keras==3.0.0",), subject, "numpy", "")
