"""A small map of one run: how many checks fail, by dtype, data_format and dilation. No markup."""

from __future__ import annotations

from dataclasses import dataclass

from reports.facts.breakdown import axis_in_sql
from reports.facts.store import Run, Store, failing_categories_in_sql

COLUMNS = (
    ("channels_last", "last", False),
    ("channels_last, dilated", "last", True),
    ("channels_first", "first", False),
    ("channels_first, dilated", "first", True),
)
_DILATED = "regexp_matches(%s, '[2-9]|1[0-9]')"


@dataclass(frozen=True)
class MapCell:
    """The checks of one dtype and layout: ``query`` finds those that fail, or all of them if none fails."""

    checks: int
    failing: int
    unlisted: int
    query: str

    @property
    def state(self) -> str:
        """Return "unlisted", "known", "fine" or "unchecked"."""
        if not self.checks:
            return "unchecked"
        return "unlisted" if self.unlisted else "known" if self.failing else "fine"


def map_dtypes(store: Store, run: Run) -> list[tuple[str, list[MapCell]]]:
    """Return a row for each dtype, with a cell for each of ``COLUMNS``. Checks of contract suites do not count."""
    axes = run.run["axes"]
    dtype, layout, dilation = (axis_in_sql(axes, name) for name in ("dtype", "data_format", "dilation_rate"))
    rows = store.query(
        """select %s as dtype, %s as layout, %s as dilated, count(*),
        count(*) filter (verdict not in ('agree', 'not-run')), count(*) filter (category in (%s))
        from answer where run = ? and verdict <> 'not-run' and not list_contains(?::VARCHAR[], suite) group by all"""
        % (dtype, layout, _DILATED % dilation, failing_categories_in_sql()),
        *(run.number, list(run.run.get("contract", ()))),
    )
    counts = {(dtype, layout, dilated): numbers for dtype, layout, dilated, *numbers in rows}
    suites = store.query(
        "select distinct suite from answer where run = ? and not list_contains(?::VARCHAR[], suite) order by suite",
        *(run.number, list(run.run.get("contract", ()))),
    )
    computed = "(%s)" % " or ".join('suite:="%s"' % suite for (suite,) in suites)
    dtypes = sorted({dtype for dtype, *_ in counts}, key=lambda name: ("." in name, name))
    return [
        (name.replace(".", "_"), [_make_cell(name, counts, computed, *column[1:]) for column in COLUMNS])
        for name in dtypes
    ]


def _make_cell(
    dtype: str, counts: dict[tuple[str, str, bool], list[int]], computed: str, layout: str, dilated: bool
) -> MapCell:
    checks, failing, unlisted = counts.get((dtype, layout, dilated), [0, 0, 0])
    ones = " or ".join('dilation_rate:="%s"' % ".".join("1" * rank) for rank in (1, 2, 3))
    listing = " (listing:unlisted or listing:known)" if failing else ""
    words = 'dtype:="%s" data_format:="%s" %s(%s) %s%s'
    return MapCell(
        checks, failing, unlisted, words % (dtype, layout, "not " if dilated else "", ones, computed, listing)
    )
