"""The packages whose releases can be bisected: their names on the index, and where their changes are shown."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version


@dataclass(frozen=True)
class Package:
    """A package by the name that people use.

    ``distributions`` are its names on the index, the first of which is installed. ``nightly`` is the distribution of
    its nightly builds, if it has one. ``compare`` is the address of the changes between two tags, and ``tag`` the name
    of a release's tag. ``subject`` and ``backend`` are what a bisection checks by default.
    """

    name: str
    distributions: tuple[str, ...]
    nightly: str
    compare: str
    tag: str
    subject: str
    backend: str

    def link_of_changes(self, before: Version, after: Version) -> str:
        """Return the address of the changes between two releases, or an empty text for builds without a tag."""
        if before.is_devrelease or after.is_devrelease:
            return ""
        return "%s/%s...%s" % (self.compare, self.tag % before, self.tag % after)


_GITHUB = "https://github.com/%s/compare"
PACKAGES = {
    package.name: package
    for package in (
        Package(
            *("keras", ("keras",), "keras-nightly"),
            *(_GITHUB % "keras-team/keras", "v%s", "keras3", "tensorflow"),
        ),
        Package(
            *("tensorflow", ("tensorflow-cpu", "tensorflow"), "tf-nightly-cpu"),
            *(_GITHUB % "tensorflow/tensorflow", "v%s", "keras3", "tensorflow"),
        ),
        Package(
            *("tf-keras", ("tf-keras",), ""),
            *(_GITHUB % "keras-team/tf-keras", "v%s", "tf_keras", "tensorflow"),
        ),
        Package("torch", ("torch",), "", _GITHUB % "pytorch/pytorch", "v%s", "keras3", "torch"),
        Package("jax", ("jax",), "", _GITHUB % "jax-ml/jax", "jax-v%s", "keras3", "jax"),
    )
}
# The distributions that a backend of Keras 3 needs; those of other backends are not installed. Keras' numpy backend
# imports jax and SciPy, its openvino backend SciPy, which jax requires.
BACKENDS = {
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "torch": ("torch",),
    "jax": ("jax",),
    "openvino": ("openvino", "jax"),
    "numpy": ("jax",),
}
