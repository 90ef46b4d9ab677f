"""The tables of one run, counted in SQL: properties, totals by suite and mode, what a mode supports, and rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Mapping, Sequence

from reports.facts.store import Run, Store, failing_categories_in_sql
from reports.ledger import CATEGORIES, FAILING

CONTRACT = "contract"  # replaces the mode for contract suites, whose checks have names instead of modes
ACCEPTED = "forward"  # the suite whose results show whether a configuration is supported
# The properties in the order in which they are shown.
PROPERTIES = (
    *("shape", "inferred-shape", "dtype", "placement", "values", "gradient", "determinism", "locality"),
    *("rejection", "round-trip", "signature"),
)


@dataclass(frozen=True)
class PropertyCounts:
    """How many checks tested a property, how many failed in it, and how many of these failures nothing explains."""

    checked: int
    failed: int
    new: int


@dataclass(frozen=True)
class SuiteTotal:
    """The counts of one suite in one mode.

    ``part`` says which checks run on only one in so many cases of a tier. It is empty if all checks run on every case.
    """

    suite: str
    variant: str
    checks: int
    agree: int
    refused: int
    known: int
    new: int
    lost: int
    part: str


@dataclass(frozen=True)
class Support:
    """The results for valid configurations of one kind: computed right, computed wrong, refused, crashed or hanged."""

    checks: int = 0
    right: int = 0
    wrong: int = 0
    refused: int = 0
    died: int = 0

    @property
    def state(self) -> str:
        """Return "yes", "partly" or "no", or an empty string if no check ran."""
        if not self.checks:
            return ""
        return "yes" if self.right == self.checks else "partly" if self.right else "no"


@dataclass(frozen=True)
class Rounding:
    """The checks on real data in one dtype: their number, the largest error, the case that shows it, and the alarms.

    The error is in units of u times the absolute sum.
    """

    dtype: str
    checks: int
    largest: float
    case: str
    alarms: int


def count_categories(store: Store, run: Run) -> dict[str, int]:
    """Return the number of rows for each category, including the categories without rows."""
    found = dict(store.query("select category, count(*) from answer where run = ? group by all", run.number))
    return {key: int(found.get(key, 0)) for key in CATEGORIES}


def list_properties(store: Store, run: Run) -> dict[str, PropertyCounts]:
    """Return every property that was checked or failed, in the order in which properties are shown."""
    checked = dict(
        store.query(
            "select property, count(*) from (select unnest(checked) as property from answer where run = ?) "
            "group by property",
            run.number,
        )
    )
    wrong = {
        property: (failed, new)
        for property, failed, new in store.query(
            "select property, count(*), count(*) filter (category in (%s)) from answer "
            "where run = ? and verdict not in ('agree', 'not-run') group by all" % failing_categories_in_sql(),
            run.number,
        )
    }
    return {
        name: PropertyCounts(checked.get(name, 0), *wrong.get(name, (0, 0)))
        for name in properties_in_order({*checked, *wrong})
    }


def properties_in_order(found: Collection[str]) -> list[str]:
    """Return the properties in the order in which they are shown. Unknown properties come last, by name."""
    return [*(name for name in PROPERTIES if name in found), *sorted(set(found) - set(PROPERTIES))]


def totals_by_suite_and_mode(store: Store, run: Run) -> list[SuiteTotal]:
    """Return the totals of every suite in the order of the ledger's first line, and within a suite by mode.

    A contract suite has one total for all its checks.
    """
    contract = list(run.run.get("contract", ()))
    found: dict[tuple[str, str], dict[str, int]] = {}
    modes: dict[tuple[str, str], list[str]] = {}
    query = """select suite, variant, category, count(*), min(number) from answer
        where run = ? group by all order by min(number)"""
    for suite, mode, ending, count, _ in store.query(query, run.number):
        key = (suite, CONTRACT if suite in contract else mode)
        by_category = found.setdefault(key, dict.fromkeys(CATEGORIES, 0))
        by_category[ending] += count
        modes.setdefault(key, []).append(mode)
    order = list(dict.fromkeys([*run.run.get("suites", ()), *(suite for suite, _ in found)]))
    thinned = run.run.get("thinned", {})
    return [
        _make_total(key, found[key], _share_of_cases(key[0], dict.fromkeys(modes[key]), thinned, key[0] in contract))
        for key in sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    ]


def _make_total(key: tuple[str, str], ends: Mapping[str, int], part: str) -> SuiteTotal:
    new = sum(ends[name] for name in FAILING)
    agree, refused, known = (ends[name] for name in ("agree", "refused as expected", "known-deviation"))
    known += ends["as-before"]
    return SuiteTotal(*key, sum(ends.values()), agree, refused, known, new, ends["not-run"], part)


def _share_of_cases(suite: str, modes: Mapping[str, None], thinned: Mapping[str, int], named: bool) -> str:
    """Return the share of cases that ran, such as "1 in 4", with the check's name for a contract suite."""
    parts = [(mode, thinned.get("%s %s" % (suite, mode), 1)) for mode in modes]
    return ", ".join(("%s 1 in %d" % part if named else "1 in %d" % part[1]) for part in parts if part[1] > 1)


def axis_in_sql(axes: Sequence[Sequence[str]], name: str) -> str:
    """Return the SQL expression for a field of a case: its value as in the case's id, without the prefix."""
    place, prefix = next((place, prefix) for place, (axis, prefix) in enumerate(axes, 1) if axis == name)
    return "substr(split_part(\"case\", '-', %d), %d)" % (place, len(prefix) + 1)


def fields_in_sql(axes: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the SQL expression for each column of a check: suite, mode, the axes of the case, and the result."""
    return {
        "suite": "suite",
        "variant": "variant",
        **{name: axis_in_sql(axes, name) for name, _ in axes},
        **{name: name for name in ("category", "verdict", "property", "cause", "diagnosis")},
        "deviation": "known_deviation",
    }


def support_by_mode_and_layout(store: Store, run: Run) -> dict[str, dict[str, Support]]:
    """Return the results for valid configurations, by mode and then by data_format and dilation.

    Only checks that ran are counted; a kind without such checks has zeros.
    """
    axes = run.run["axes"]
    rows = store.query(
        """select variant,
        'channels_' || %s || case when regexp_matches(%s, '[2-9]|1[0-9]') then ', dilated' else '' end as kind,
        count(*), count(*) filter (verdict = 'agree'), count(*) filter (verdict = 'wrongly-rejected'),
        count(*) filter (verdict in ('crashed', 'hanged')), min(number)
        from answer where run = ? and suite = ? and verdict <> 'not-run' group by all order by min(number)"""
        % (axis_in_sql(axes, "data_format"), axis_in_sql(axes, "dilation_rate")),
        *(run.number, ACCEPTED),
    )
    kinds = [fmt + tail for fmt in ("channels_last", "channels_first") for tail in ("", ", dilated")]
    found: dict[str, dict[str, Support]] = {}
    for mode, kind, checks, right, refused, died, _ in rows:
        by_kind = found.setdefault(mode, dict.fromkeys(kinds, Support()))
        by_kind[kind] = Support(checks, right, checks - right - refused - died, refused, died)
    return found


def rounding_by_dtype(store: Store, run: Run) -> list[Rounding]:
    """Return the largest error on real data, of the checks that agree, for each dtype that has a rounding bound."""
    rows: list[tuple[Any, ...]] = store.query(
        """select %s as dtype, count(*), max(error), arg_max("case", error), count(*) filter (alarm)
        from (select "case", cast(json_extract(measured, '$.error_in_u') as DOUBLE) as error,
              json_exists(measured, '$.alarm') as alarm
              from answer where run = ? and verdict = 'agree')
        where error is not null group by all order by dtype"""
        % axis_in_sql(run.run["axes"], "dtype"),
        run.number,
    )
    return [Rounding(*row) for row in rows]
