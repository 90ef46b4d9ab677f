"""The deviations of all runs of a page, grouped by cause: where, since when, and the smallest case. No markup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Collection, Mapping, Sequence

from reports.facts.check_details import CheckDetails, make_check_details, shows_geometry
from reports.facts.known_entries import KnownDeviation, ended_deviation_of, find_entries, known_deviation_of
from reports.facts.release_lines import release_sort_key, runs_by_line
from reports.facts.release_spans import Key, SpanOfReleases, find_runs_that_checked, make_spans
from reports.facts.shared_parameters import list_shared_parameters
from reports.facts.store import Run, Store
from reports.facts.titles import SEVERITIES, severity_of_row, title_of_row
from reports.ledger import CATEGORIES, LISTINGS, Row, category, listing
from reports.ledger.rerun import find_smallest_row, size_of_case

# The number of cases of a group that are listed by id. The explorer has all of them.
LISTED = 50
# The gravest verdicts first: silently wrong values come before refusals.
_GRAVITY = (
    *("suite-bug", "mismatch", "crashed", "hanged", "wrongly-accepted", "wrongly-rejected"),
    *("unclear-rejection", "not-run"),
)
_SEVERITIES = tuple(SEVERITIES)


@dataclass(frozen=True)
class Proof:
    """What further cases showed about a region. ``inside`` and ``outside`` are (number that ran, number failed)."""

    proved: bool
    reason: str  # why the region is not proved
    inside: tuple[int, int]
    outside: tuple[int, int]


@dataclass(frozen=True)
class Region:
    """The cases that show a cause, as a Python expression over the fields of a case.

    ``exact`` says whether no other cases show it. ``proof`` is None for the region of a known deviation.
    """

    when: str
    exact: bool
    proof: Proof | None = None


@dataclass(frozen=True)
class CauseGroup:
    """The rows with one cause."""

    title: str
    category: str
    verdict: str
    property: str
    suites: list[str]
    count: int
    distinct: int
    known_deviation: KnownDeviation | None
    regions: list[Region]
    diagnosis: str
    spans: list[SpanOfReleases]
    cell: str
    exemplar: CheckDetails
    cases: list[str]
    unlisted: int
    checks: list[str]
    heading: str = ""  # the title for people
    shared: Sequence[str] = ()  # what all cases have in common, in words
    severity: str = "wrong-values"  # a key of reports.facts.titles.WORDS
    shrunk: bool = False  # the example is not a check of the run but a smaller neighbour of one
    appeared: bool = False  # the cause is new since the previous run, if one was given
    tag: str = "not listed"  # a word of reports.ledger.LISTINGS, or "not run"
    # The known deviation that describes the group for earlier releases only, and so does not explain it.
    ended_deviation: KnownDeviation | None = None

    def get_entry(self) -> KnownDeviation | None:
        """Return the known deviation that describes the group, whether its range of versions has ended or not."""
        return self.known_deviation or self.ended_deviation


def group_by_cause(store: Store, appeared: Collection[str] = ()) -> list[CauseGroup]:
    """Return the groups of rows that do not agree, the most important group first.

    Checks that were not run come last, and known causes after others. Then the causes of ``appeared`` come first. Then
    graver severities come first, then graver verdicts, then larger groups.
    """
    found: dict[Key, dict[int, list[dict[str, Any]]]] = {}
    answers = store.query("select run, number, cause from answer where cause is not null")
    causes = {(run, number): cause for run, number, cause in answers}
    for row in store.rows("verdict <> 'agree'"):
        key = (_category_of_row(row), causes[row["run"], row["number"]], row["property"])
        found.setdefault(key, {}).setdefault(row["run"], []).append(row)
    lines, runs_by_cause = runs_by_line(store.runs), find_runs_that_checked(store)
    made = [
        replace(_make_group(key, rows, store.runs, lines, runs_by_cause.get(key, ())), appeared=key[1] in appeared)
        for key, rows in found.items()
    ]
    return sorted(
        made,
        key=lambda group: (
            group.verdict == "not-run",
            group.tag in ("known", "as before"),
            not group.appeared,
            _place_of_severity(group.get_entry()),
            _GRAVITY.index(group.verdict),
            -group.count,
            group.title,
        ),
    )


def _place_of_severity(entry: KnownDeviation | None) -> int:
    """Return the place of an entry's severity, the gravest first; 0 for a group that no entry describes."""
    return _SEVERITIES.index(entry.severity) if entry and entry.severity in _SEVERITIES else 0


def _category_of_row(row: Row) -> str:
    return category(row) if row["known_deviation"] else str(row["verdict"])


def _find_most_urgent_listing(rows: Sequence[Row]) -> str:
    """Return the most urgent listing of the rows, or "not run"."""
    found = {listing(row) for row in rows}
    return next((tag for tag in LISTINGS if tag in found), "not run")


def _make_group(
    key: Key,
    by_run: Mapping[int, list[dict[str, Any]]],
    runs: Sequence[Run],
    lines: Mapping[str, Sequence[Run]],
    runs_with_checks: Collection[int],
) -> CauseGroup:
    newest = runs[max(by_run, key=lambda number: (release_sort_key(runs[number]), -number))]
    rows = [row for found in by_run.values() for row in found]
    least = find_smallest_row(by_run[newest.number])
    ids = sorted({row["case"] for row in rows}, key=lambda case: (size_of_case(case), case))
    contract = newest.run.get("contract", ())
    known = known_deviation_of(least["known_deviation"], [runs[number] for number in by_run])
    ended = None if known else ended_deviation_of(least.get("ended_deviation"), newest)
    entry = known or ended
    return CauseGroup(
        title=key[1],
        category=CATEGORIES[key[0]],
        verdict=least["verdict"],
        property=key[2],
        suites=list(dict.fromkeys(row["suite"] for row in rows)),
        count=len(rows),
        distinct=len(ids),
        known_deviation=known,
        ended_deviation=ended,
        shared=list_shared_parameters(ids, newest.run["axes"]),
        heading=(entry and (entry.title or key[1].replace("-", " ")))
        or title_of_row(least, newest.run["faults"], least["suite"] in contract),
        severity=entry.severity if entry and entry.severity in SEVERITIES else severity_of_row(least),
        tag=_find_most_urgent_listing(rows),
        regions=_regions_of_group(least, by_run, runs),
        diagnosis=describe_diagnosed_faults(least["diagnosis"], newest.run["faults"]),
        spans=make_spans({number: len(found) for number, found in by_run.items()}, runs_with_checks, lines),
        cell=newest.cell,
        exemplar=make_check_details(
            least, newest.run, smallest=True, row_of_geometry=_find_row_to_draw(least, by_run[newest.number])
        ),
        shrunk=least["case"] not in ids,
        cases=ids[:LISTED],
        unlisted=max(len(ids) - LISTED, 0),
        checks=sorted({row["variant"] for row in rows if row["suite"] in contract}),
    )


def _find_row_to_draw(least: Row, rows: Sequence[Row]) -> Row | None:
    """Return ``least``, or the smallest row that shows the geometry if ``least`` does not."""
    with_geometry = [row for row in rows if shows_geometry(row)]
    if shows_geometry(least) or not with_geometry:
        return least
    return find_smallest_row([{**row, "smallest": None} for row in with_geometry])


def _regions_of_group(least: Row, by_run: Mapping[int, Sequence[Row]], runs: Sequence[Run]) -> list[Region]:
    """Return the regions of a known deviation, or for other rows the regions that their run found when it ended.

    A run that was cut has found none. Rows that a known deviation describes for earlier releases then have its region.
    """
    name = least["known_deviation"]
    regions = _regions_of_entries(find_entries(runs, name))
    for number, rows in () if name else by_run.items():
        checks = {(row["case"], row["suite"], row["variant"]) for row in rows}
        for region in (runs[number].end or {}).get("regions", []):
            if tuple(region["example"]) in checks:
                regions.append(Region(region["when"], bool(region["exact"]), _read_proof(region.get("proof"))))
    if not regions and not name:
        regions = _regions_of_entries(find_entries(runs, least.get("ended_deviation"), "ended_deviations"))
    return list(dict.fromkeys(regions))


def _regions_of_entries(entries: Sequence[Mapping[str, Any]]) -> list[Region]:
    return [Region(" ".join(entry["when"].split()), True) for entry in entries if entry.get("when")]


def _read_proof(record: Mapping[str, Any] | None) -> Proof:
    """Return the proof of a region, as the run recorded it. Older runs have no proof."""
    if record is None:
        return Proof(False, "the run checked no further cases", (0, 0), (0, 0))
    inside, outside = ((int(record[side]["checks"]), int(record[side]["failing"])) for side in ("inside", "outside"))
    return Proof(bool(record["proved"]), str(record["reason"]), inside, outside)


def describe_diagnosed_faults(diagnosis: str | None, faults: Mapping[str, str]) -> str:
    """Return the sentences of the named faults, such as "the bias is not added (bias-missing)".

    The sentences of two faults at once are joined by "and". Misplaced products have a sentence of their own in the
    exemplar (``index_map``), so this returns an empty string for them.
    """
    names = diagnosis.split(" or ") if diagnosis and not diagnosis.startswith("index_map: ") else []
    return ", or ".join(_describe_faults(name, faults) for name in names)


def _describe_faults(name: str, faults: Mapping[str, str]) -> str:
    parts = name.split(" + ")
    if len(parts) == 1 and " " in name and name not in faults:
        return name  # the name is the text "further pairs", which has no sentence
    return "%s (%s)" % (", and ".join(faults.get(part, part) for part in parts), name)
