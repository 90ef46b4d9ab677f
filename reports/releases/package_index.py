"""The releases of a package as a package index lists them: PyPI, or the index that the settings of uv or pip name."""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http.client import HTTPException
from typing import Any

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

PYPI = "https://pypi.org/simple"
_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_JSON = "application/vnd.pypi.simple.v1+json"  # https://packaging.python.org/en/latest/specifications/simple-repository-api/
_SECONDS = 60.0


class PackageIndexError(Exception):
    """The package index gives no answer that can be used; the message is one sentence that says why."""


@dataclass(frozen=True, order=True)
class PublishedRelease:
    """A version that the index has files of. ``uploaded`` is the day of its first file, or None if unknown."""

    version: Version
    distribution: str
    uploaded: date | None = None
    yanked: bool = False

    @property
    def name(self) -> str:
        """Return the version as people write it."""
        return str(self.version)

    @property
    def requirement(self) -> str:
        """Return the requirement that installs exactly this release."""
        return "%s==%s" % (self.distribution, self.version)


def list_releases(distribution: str) -> list[PublishedRelease]:
    """Return all releases of a distribution, pre-releases too, the oldest first. Raises ``PackageIndexError``."""
    index = "the package index"
    try:
        index, credentials = _find_index()
        request = urllib.request.Request("%s/%s/" % (index, distribution), headers={"Accept": _JSON})
        if credentials:
            request.add_unredirected_header("Authorization", credentials)
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            found = json.load(answer)
        return read_releases(distribution, found["files"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code == 404:
            raise PackageIndexError("%s has no package %s" % (index, distribution)) from None
        raise PackageIndexError(
            "the list of releases of %s cannot be read from %s: %s" % (distribution, index, error)
        ) from None


def _find_index() -> tuple[str, str]:
    """Return the address of the index without a user and password, and the HTTP header with these, or an empty text."""
    index = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), PYPI).rstrip("/")
    parts = urllib.parse.urlsplit(index)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return index, ""
    text = urllib.parse.unquote(user if ":" in user else user + ":")
    encoded = base64.b64encode(text.encode("utf-8")).decode("ascii")
    return urllib.parse.urlunsplit(parts._replace(netloc=host)), "Basic " + encoded


def read_releases(distribution: str, files: Iterable[Mapping[str, Any]]) -> list[PublishedRelease]:
    """Return the releases that the files of an index belong to. A release is yanked if all of its files are."""
    found: dict[Version, PublishedRelease] = {}
    for file in files:
        version = _version_of_file(str(file["filename"]))
        if version is None:
            continue
        text = str(file.get("upload-time") or "")
        day = datetime.fromisoformat(text.replace("Z", "+00:00")).date() if text else None
        one, yanked = found.get(version), bool(file.get("yanked"))
        days = [known for known in (day, one.uploaded if one else None) if known]
        found[version] = PublishedRelease(
            version, distribution, min(days, default=None), yanked and (one is None or one.yanked)
        )
    return [found[version] for version in sorted(found)]


def _version_of_file(name: str) -> Version | None:
    """Return the version in a file's name, or None for a file that is neither a wheel nor a source archive."""
    try:
        return parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
