"""The HTML pages: each one self-contained file, every value escaped, readable without JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.facts.diff import Diff
from reports.facts.exemplar import exemplar
from reports.facts.groups import Group, known_of, meaning
from reports.facts.history import History
from reports.facts.since import Since
from reports.facts.store import Run, Store
from reports.facts.summary import Summary
from reports.ledger import FAILING, OUTCOMES, standing
from reports.page.explorer import Explorer, explorer
from reports.page.rows import columns, told_in_full
from reports.question import further, pasted, stored

TEMPLATES = Path(__file__).with_name("templates")


def environment() -> Environment:
    """Every value is escaped, and one that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["thousands"] = lambda number: f"{number:,}"
    made.globals.update(outcomes=OUTCOMES, failing=FAILING, standing=standing, query_of=query_of)
    return made


def style(*names: str) -> str:
    """Style sheets, one after the other."""
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def query_of(group: Group) -> str:
    """What selects the questions of a group in the explorer, and not those of a group with the same title."""
    told = [("deviation", group.title)] if group.known else [("cause", group.title), ("verdict", group.verdict)]
    # Text is quoted as in JSON, which the query language reads back.
    return " ".join("%s:=%s" % (name, json.dumps(value)) for name, value in (*told, ("claim", group.claim)))


def render(summary: Summary, store: Store | None = None) -> str:
    """The page of one or more runs; with the explorer where the store of their answers is given."""
    made = environment()
    found = _explorer(made, store) if store and store.runs else None
    sheets = style("style.css", "sections.css", "geometry.css") + (found.style if found else "")
    page = made.get_template("page.html.j2").render(
        s=summary, explorer=found, style=sheets, sections=_sections(summary, found)
    )
    return page.lstrip()


def render_diff(found: Diff) -> str:
    """The page of a difference."""
    sections = [("changed", "What changed"), ("examples", "The smallest question of every kind"), ("runs", "The runs")]
    return _other("diff.html.j2", [one for one in sections if found.examples or one[0] != "examples"], d=found)


def render_history(found: History) -> str:
    """The page of the runs of a folder."""
    sections = [("cells", "Every cell")] if len(found.lines) > 12 else []
    sections = sections or [("cell-%d" % place, line.cell) for place, line in enumerate(found.lines, 1)]
    return _other("history.html.j2", sections, h=found, since_of=lambda name, change: Since({name: change}, [], []))


def _other(template: str, sections: list[tuple[str, str]], **values: Any) -> str:
    sheets = style("style.css", "sections.css", "geometry.css", "runs.css")
    return environment().get_template(template).render(style=sheets, sections=sections, **values).lstrip()


def _sections(summary: Summary, found: Explorer | None) -> list[tuple[str, str]]:
    """What the page has, for its table of contents."""
    cells = summary.cells
    contract = any(
        one.claims or one.shapes or one.refusals or one.trips or one.migrations for one in summary.contracts.values()
    )
    along = summary.along and any(tracks.rows for tracks in vars(summary.along).values())
    parts: list[tuple[str, str, Any]] = [
        ("causes", "What does not agree", True),
        ("explorer", "Every question", found),
        ("asked", "What was asked", any(cell.by_suite for cell in cells)),
        ("support", "What is supported", any(cell.support for cell in cells)),
        ("coverage", "Coverage", any(cell.coverage for cell in cells)),
        ("rounding", "Rounding", any(cell.rounding for cell in cells)),
        ("contract", "The contract", contract or along),
        ("strength", "Faults it would catch", summary.strength),
        ("environment", "Environment", True),
    ]
    return [(name, title) for name, title, there in parts if there]


def _explorer(made: Environment, store: Store) -> Explorer:
    """Every question as a row; of each cause the smallest told in full."""
    macro = made.get_template("fragment.html.j2")
    runs = {run.number: run for run in store.runs}
    several = len(runs) > 1
    fragments = {
        place: macro.render(e=exemplar(row, runs[row["run"]].run), **_told(row, runs[row["run"]], several))
        for place, row in told_in_full(store).items()
    }
    cells = {run.cell: _asked_of(run.run) for run in store.runs}
    return explorer(columns(store), fragments, store.runs[0].run["axes"], cells)


def _asked_of(head: dict[str, Any]) -> dict[str, str]:
    """What a command that asks a question of this run again has, beside the question."""
    return {"subject": str(head["subject"]), "further": pasted(further(head)), "stored": pasted(stored(head))}


def _told(row: dict[str, Any], run: Run, several: bool) -> dict[str, Any]:
    """What stands above a question that is told in full."""
    return {
        "row": row,
        "cell": run.cell if several else "",
        "known": known_of(row["excused"], [run]),
        "diagnosis": meaning(row["diagnosis"], run.run["faults"]),
    }
