"""Render the HTML pages. Each is one self-contained file, escapes every value, and is readable without JavaScript."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.facts.cause_groups import CauseGroup, describe_diagnosed_faults
from reports.facts.causes import Cause
from reports.facts.changes import ChangesSince
from reports.facts.check_details import make_check_details
from reports.facts.diff_page import Diff
from reports.facts.dtype_map import COLUMNS
from reports.facts.history import History
from reports.facts.known_entries import ended_deviation_of, known_deviation_of
from reports.facts.layer_causes import list_layer_causes
from reports.facts.numbers import date_in_words, number_in_words, significant_digits
from reports.facts.overview import make_overview
from reports.facts.rules import RULES
from reports.facts.store import Run, Store
from reports.facts.summary import Summary
from reports.ledger import CATEGORIES, FAILING, case_hash, listing
from reports.ledger.rerun import format_variables, option_of_stored_models, options_of_run, quote_command
from reports.page.explorer import Explorer, inert_json, make_explorer, make_import_map
from reports.page.explorer_columns import make_columns, rows_in_full
from reports.page.rule_links import link_rules

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = [
    Path(__file__).with_name("browser") / (name + ".js") for name in ("page", "navigation", "cause_filter", "grid")
]
# A sign and words for every state, so that colour alone never tells them apart.
SIGNS = {"unlisted": "✗", "ended": "◆", "known": "●", "fine": "✓", "unchecked": "·"}
STATE_WORDS = {
    "unlisted": "fails, not listed",
    "ended": "fails, listed for earlier releases only",
    "known": "fails, known",
    "fine": "agrees",
    "unchecked": "not checked",
}
SEVERITY_SIGNS = {
    "suite-bug": "?",
    "process-death": "☠",
    "wrong-values": "≠",
    "wrong-shape": "▭",
    "refused-although-valid": "⊘",
    "accepted-although-invalid": "⚠",
    "unclear-refusal": "…",
    "wording-and-types": "a",
    "not-run": "·",
}


@lru_cache(maxsize=None)  # to compile the templates takes longer than to fill in a small page
def make_jinja_environment() -> Environment:
    """Return the Jinja environment of the pages. It escapes every value, and a missing value is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        thousands=lambda number: f"{number:,}", date=date_in_words, significant=significant_digits, case_hash=case_hash
    )
    made.filters["link_rules"] = link_rules
    made.globals["rules"] = RULES
    made.globals.update(categories=CATEGORIES, failing=FAILING, listing=listing, query_of=query_for_cause)
    made.globals.update(signs=SIGNS, state_words=STATE_WORDS, severity_signs=SEVERITY_SIGNS, map_columns=COLUMNS)
    made.globals.update(number=number_in_words, script="\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS))
    return made


def join_style_sheets(*names: str) -> str:
    """Return the text of several style sheets, joined in this order."""
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def query_for_cause(cause: Cause, cell: str = "") -> str:
    """Return the explorer query for the checks of a cause, in one cell if it is given."""
    groups = [_query_for_group(group) for group in cause.groups]
    query = groups[0] if len(groups) == 1 else "(%s)" % " or ".join("(%s)" % one for one in groups)
    return "%s cell:=%s" % (query, json.dumps(cell)) if cell else query


def _query_for_group(group: CauseGroup) -> str:
    """Return the explorer query for the checks of a group, without those of another group with the same title."""
    clauses = (
        [("deviation", group.title)] if group.known_deviation else [("cause", group.title), ("verdict", group.verdict)]
    )
    # Text is quoted as in JSON, which the query language can read.
    return " ".join("%s:=%s" % (name, json.dumps(value)) for name, value in (*clauses, ("property", group.property)))


def render_page(summary: Summary, store: Store | None = None) -> str:
    """Return the page of one or more runs, with the explorer if the store of their answers is given."""
    made = make_jinja_environment()
    found = _make_explorer(made, store) if store and store.runs else None
    names = ("style.css", "sections.css", "geometry.css", "causes.css", "layer_form.css")
    overview = make_overview(summary, store)
    page = made.get_template("page.html.j2").render(
        s=summary,
        o=overview,
        explorer=found,
        sliders=False,
        imports=make_import_map(),
        layer_causes=inert_json(list_layer_causes(overview.causes.every)),
        style=join_style_sheets(*names) + (found.style if found else ""),
        sections=_list_sections(summary, found),
    )
    return page.lstrip()


def render_diff(found: Diff) -> str:
    """Return the page of the difference between two sets of runs."""
    sections = [("changed", "What changed"), ("examples", "The smallest check of every kind"), ("runs", "The runs")]
    return render_other_page(
        "diff.html.j2", [one for one in sections if found.examples or one[0] != "examples"], d=found
    )


def render_history(found: History) -> str:
    """Return the page with the history of the runs in a folder."""
    first = [("cells", "Every cell"), *([("trends", "Every cause")] if found.trends else [])]
    sections = (
        [] if len(found.lines) > 12 else [("cell-%d" % place, line.cell) for place, line in enumerate(found.lines, 1)]
    )
    sections = [*first, *sections]
    return render_other_page(
        "history.html.j2", sections, h=found, since_of=lambda name, change: ChangesSince({name: change}, [], [])
    )


def render_other_page(template: str, sections: list[tuple[str, str]], **values: Any) -> str:
    """Return a page from another template than that of runs; ``values`` are the names that the template uses."""
    sheets = join_style_sheets("style.css", "sections.css", "geometry.css", "causes.css", "runs.css", "layer_form.css")
    return make_jinja_environment().get_template(template).render(style=sheets, sections=sections, **values).lstrip()


def _list_sections(summary: Summary, found: Explorer | None) -> list[tuple[str, str]]:
    """Return the id and the title of every section that the page has, for the table of contents."""
    cells = summary.cells
    contract = any(
        one.statements or one.shapes or one.refusals or one.trips or one.migrations
        for one in summary.contracts.values()
    )
    along = summary.along and any(tracks.rows for tracks in vars(summary.along).values())
    parts: list[tuple[str, str, Any]] = [
        ("summary", "Summary", True),
        ("matrix", "Cells", len(cells) > 1),
        ("coming", "Coming", summary.coming),
        ("check-my-layer", "Check my layer", True),
        ("causes", "Causes", True),
        ("explorer", "Every check", found),
        ("properties", "Properties", True),
        ("suites", "Suites", any(cell.by_suite for cell in cells)),
        ("support", "Support", any(cell.support for cell in cells)),
        ("coverage", "Coverage", any(cell.coverage for cell in cells)),
        ("rounding", "Rounding", any(cell.rounding for cell in cells)),
        ("contract", "Contract", contract or along),
        ("rules", "Rules", True),
        ("strength", "Detected faults", summary.strength),
        ("environment", "Environment", True),
    ]
    return [(name, title) for name, title, there in parts if there]


def _make_explorer(made: Environment, store: Store) -> Explorer:
    """Return the explorer, with every check as a row and the smallest checks of each cause in full."""
    macro = made.get_template("fragment.html.j2")
    runs = {run.number: run for run in store.runs}
    several = len(runs) > 1
    fragments = {
        place: macro.render(
            e=make_check_details(row, runs[row["run"]].run), **_describe_row(row, runs[row["run"]], several)
        )
        for place, row in rows_in_full(store).items()
    }
    cells = {run.cell: _rerun_settings(run.run) for run in store.runs}
    return make_explorer(make_columns(store), fragments, store.runs[0].run["axes"], cells)


def _rerun_settings(head: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of the command that repeats a check of this run, except the check itself.

    Texts are quoted for a shell. ``contract`` lists the suites whose checks have variants: their command has --variant
    in place of --mode.
    """
    return {
        "environment": format_variables(head),
        "subject": str(head["subject"]),
        "further": quote_command(options_of_run(head)),
        "contract": list(head.get("contract", ())),
        "stored": quote_command(option_of_stored_models(head)),
    }


def _describe_row(row: dict[str, Any], run: Run, several: bool) -> dict[str, Any]:
    """Return the values for the text above a check that is shown in full."""
    return {
        "row": row,
        "cell": run.cell if several else "",
        "known_deviation": known_deviation_of(row["known_deviation"], [run]),
        "ended_deviation": ended_deviation_of(row.get("ended_deviation"), run),
        "diagnosis": describe_diagnosed_faults(row["diagnosis"], run.run["faults"]),
    }
