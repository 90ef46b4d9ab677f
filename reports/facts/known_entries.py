"""The known deviations that the first line of a ledger lists, applied or ended. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from reports.facts.store import Run
from reports.ledger import ACCEPTED

PACKAGE_NAMES = {"keras": "Keras", "tensorflow": "TensorFlow", "torch": "torch", "jax": "JAX", "openvino": "OpenVINO"}
_ENDS = {"<": "before %s", "<=": "up to %s", "==": "%s only"}


@dataclass(frozen=True)
class KnownDeviation:
    """The known deviation that describes a group, and its cause."""

    because: str
    link: str
    versions: str
    title: str = ""
    severity: str = ""
    owner: str = ""
    isa: str = ""
    listed_for: str = ""  # the releases of the entry, such as "Keras before 3.16", if its range has ended


def find_entries(runs: Iterable[Run], name: str | None, kind: str = "known_deviations") -> list[dict[str, Any]]:
    """Return the entries with this name in a list of the runs' first lines; ``kind`` is the key of the list."""
    return [entry for run in runs for entry in run.run.get(kind, ()) if name and entry["name"] == name]


def known_deviation_of(name: str | None, runs: Sequence[Run]) -> KnownDeviation | None:
    """Return the known deviation with this name in the runs, or None for the baseline or no name."""
    if not name or name == ACCEPTED:
        return None
    return _make_known_deviation(next(iter(find_entries(runs, name)), {}))


def ended_deviation_of(name: str | None, run: Run) -> KnownDeviation | None:
    """Return the known deviation whose range of versions ends before the run, or None for no name."""
    if not name:
        return None
    entry = next(iter(find_entries([run], name, "ended_deviations")), {})
    return _make_known_deviation(entry, _describe_end(entry.get("versions", {}), run.run))


def _make_known_deviation(entry: Mapping[str, Any], listed_for: str = "") -> KnownDeviation:
    return KnownDeviation(
        because=" ".join(str(entry.get("because", "")).split()),
        link=str(entry.get("link", "")),
        versions=", ".join("%s %s" % item for item in entry.get("versions", {}).items()),
        title=str(entry.get("title", "")),
        severity=str(entry.get("severity", "")),
        owner=str(entry.get("owner", "")),
        isa=" or ".join([*entry.get("isa", []), *entry.get("processor", [])]),
        listed_for=listed_for,
    )


def _describe_end(versions: Mapping[str, str], head: Mapping[str, Any]) -> str:
    """Return for which releases the ranges hold that a run is past, such as "Keras before 3.16"."""
    ends = []
    for package, text in versions.items():
        try:
            specifier = SpecifierSet(text)
            past = not specifier.contains(str(head.get(package, "")), prereleases=True)
        except InvalidSpecifier:
            continue
        words = [_ENDS[one.operator] % one.version for one in specifier if one.operator in _ENDS]
        ends += ["%s %s" % (PACKAGE_NAMES.get(package, package), words[0])] if past and words else []
    return " and ".join(ends) or "earlier releases"
