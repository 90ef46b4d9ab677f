"""The entries of the list of known deviations that the first lines of ledgers have. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from reports.facts.store import Run
from reports.ledger import ACCEPTED

SPELLED = {"keras": "Keras", "tensorflow": "TensorFlow", "torch": "torch", "jax": "JAX", "openvino": "OpenVINO"}
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
    ended: str = ""  # where the range of versions ends, such as "Keras before 3.16", if the run is past it


def find_entries(runs: Iterable[Run], name: str | None, kind: str = "known_deviations") -> list[dict[str, Any]]:
    """Return the entries with this name; ``kind`` is the list of the first line that they are in."""
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


def _make_known_deviation(entry: Mapping[str, Any], ended: str = "") -> KnownDeviation:
    return KnownDeviation(
        because=" ".join(str(entry.get("because", "")).split()),
        link=str(entry.get("link", "")),
        versions=", ".join("%s %s" % item for item in entry.get("versions", {}).items()),
        title=str(entry.get("title", "")),
        severity=str(entry.get("severity", "")),
        owner=str(entry.get("owner", "")),
        isa=" or ".join([*entry.get("isa", []), *entry.get("processor", [])]),
        ended=ended,
    )


def _describe_end(versions: Mapping[str, str], head: Mapping[str, Any]) -> str:
    """Return the ends of the ranges that the versions of a run are past, such as "Keras before 3.16"."""
    ends = []
    for package, text in versions.items():
        try:
            specifier = SpecifierSet(text)
            past = not specifier.contains(str(head.get(package, "")), prereleases=True)
        except InvalidSpecifier:
            continue
        words = [_ENDS[one.operator] % one.version for one in specifier if one.operator in _ENDS]
        ends += ["%s %s" % (SPELLED.get(package, package), words[0])] if past and words else []
    return " and ".join(ends) or "earlier releases"
