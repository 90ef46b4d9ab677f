"""Chooses the environment that checks one release: that of a cell of matrix.toml, with this release in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from reports.matrix_file import Cell, MatrixError, choose_cells
from reports.releases.package_index import PublishedRelease
from reports.releases.packages import BACKENDS, Package

FIRST_WITH_KERAS_3 = Version("2.16")  # of TensorFlow; before it, a bisection of TensorFlow checks tf.keras


@dataclass(frozen=True)
class Subject:
    """The subject of a bisection, its backend and its process switches, as pytest's options name them.

    Without a ``name``, it is the package's own one, and tf.keras for TensorFlow before 2.16. ``cell`` is the cell whose
    environment every release gets; without it, each gets that of ``choose_environment``.
    """

    name: str = ""
    backend: str = ""
    switches: str = ""
    cell: str = ""


@dataclass(frozen=True)
class ReleaseEnvironment:
    """An environment for one release: its Python and requirements, and the subject that is checked in it."""

    release: PublishedRelease
    python: str
    requirements: tuple[str, ...]
    subject: str
    backend: str
    switches: str
    without: str = ""  # as in matrix_file.Cell

    @property
    def key(self) -> str:
        """Return a text that only equal environments with the same subject, backend and switches share."""
        parts = (self.python, *sorted(self.requirements), self.without, self.subject, self.backend, self.switches)
        return "\n".join(parts)


def choose_environment(
    release: PublishedRelease, package: Package, subject: Subject, cells: Sequence[Cell]
) -> ReleaseEnvironment:
    """Return the environment for a release.

    It is that of a cell with the same subject and backend, in which the package has this version. For Keras 3 it is
    the cell with the newest Keras, so that nothing else differs between the releases. The other layers need the cell
    with the nearest version, as old releases need old packages. Raises ``MatrixError`` if no cell has the subject.
    """
    name, backend = subject.name or package.subject, subject.backend or package.backend
    if not subject.name and package.name == "tensorflow" and release.version < FIRST_WITH_KERAS_3:
        name = "tf.keras"
    fitting = [
        cell
        for cell in cells
        if (cell.subject, cell.backend) == (name, backend) and cell.machine == "x86_64" and not cell.options
    ]
    if subject.cell:
        if "," in subject.cell:
            raise MatrixError("--cell %s: give one cell" % subject.cell)
        (cell,) = choose_cells(cells, subject.cell)
        name, backend = subject.name or cell.subject, subject.backend or cell.backend
        if backend not in BACKENDS:
            raise MatrixError("the backend %.100s is unknown; known: %s" % (backend, ", ".join(BACKENDS)))
    elif not fitting:
        raise MatrixError("matrix.toml has no cell with %s on %s" % (name, backend))
    elif name == "keras3":
        cell = max(fitting, key=lambda one: pinned_version(one, ("keras",)))
    else:
        cell = min(fitting, key=lambda one: _distance(pinned_version(one, package.distributions), release.version))
    # A nightly build of Keras replaces keras; one of TensorFlow requires keras-nightly.
    without = {"keras-nightly": "keras", "tf-nightly-cpu": "keras-nightly"}.get(release.distribution, "")
    requirements = _replace(cell, package, release, name, backend)
    return ReleaseEnvironment(release, cell.python, requirements, name, backend, subject.switches, without)


def _replace(cell: Cell, package: Package, release: PublishedRelease, subject: str, backend: str) -> tuple[str, ...]:
    """Return the requirements of a cell with the release in place of its own, without backends that are not used."""
    if package.name == "tf-keras":  # each release needs the TensorFlow of the same minor version
        return (release.requirement, "tensorflow-cpu==%d.%d.*" % release.version.release[:2])
    dropped = {name for names in BACKENDS.values() for name in names} - set(BACKENDS[backend])
    dropped |= {*package.distributions, package.nightly}
    if subject != "keras3":
        dropped -= {"keras"} - set(package.distributions)
    others = [text for text in (*cell.requires, *cell.unlocked) if Requirement(text).name not in dropped]
    return (release.requirement, *others)


def pinned_version(cell: Cell, distributions: Sequence[str]) -> Version:
    """Return the version that a cell pins of a package, or 0 if it pins none."""
    for text in (*cell.requires, *cell.unlocked):
        requirement = Requirement(text)
        found = re.match(r"==([0-9][0-9.]*)\Z", str(requirement.specifier))
        if requirement.name in distributions and found:
            return Version(found[1])
    return Version("0")


def _distance(pinned: Version, version: Version) -> tuple[bool, bool, int]:
    """Return a sort key of pins: the same minor version first, then the nearest lower one, then the nearest higher."""
    numbers = [100000 * one.major + 100 * one.minor for one in (pinned, version)]
    return numbers[0] != numbers[1], pinned > version, abs(numbers[0] - numbers[1])


def oldest_pinned_version(package: Package, subject: Subject, cells: Sequence[Cell]) -> Version:
    """Return the oldest version of a package in the cells of a subject: the first bound, unless one is given."""
    names = (subject.name,) if subject.name else (package.subject, "tf.keras" if package.name == "tensorflow" else "")
    backend = subject.backend or package.backend
    found = [
        pinned_version(cell, package.distributions)
        for cell in cells
        if cell.subject in names and cell.backend == backend and cell.machine == "x86_64"
    ]
    pinned = [version for version in found if version > Version("0")]
    if not pinned:
        named = " or ".join(filter(None, names))
        raise MatrixError("matrix.toml has no cell with %s on %s; give --good and --bad" % (named, backend))
    return min(pinned)
