"""Write Markdown for the summary of a CI step: the sentence, the totals, the cells and the causes."""

from __future__ import annotations

import re
from typing import TextIO

from reports.facts.cause_groups import CauseGroup
from reports.facts.cells import Cell
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats.safe_text import shorten, to_one_line
from reports.ledger import CATEGORIES, UNEXPLAINED

LISTED = 50  # the most causes that are listed, because GitHub refuses a summary over 1 MiB
_LONGEST = 300
# These characters become numeric references, which are never markup. Letters, digits and most punctuation stay.
_MARKUP = re.compile(r"[&<>`|*_\[\]\\~#!@]")


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write a heading with the category, the table of cells and the table of causes."""
    file.write(
        "\n".join(
            [*_format_heading(summary), "", *_tabulate_matrix_cells(summary.cells), *_tabulate_causes(summary.groups)]
        )
        + "\n"
    )


def escape_markdown(text: str) -> str:
    """Return a text on one line, cut to a maximum length, with nothing in it that is markup."""
    return _MARKUP.sub(lambda found: "&#%d;" % ord(found.group()), shorten(to_one_line(text), _LONGEST))


def _code_tag(text: str) -> str:
    """Return a text as code, in a tag because a backtick cannot be escaped between backticks."""
    return "<code>%s</code>" % escape_markdown(text)


def _format_heading(summary: Summary) -> list[str]:
    counts = ["%s %s" % (f"{count:,}", CATEGORIES[key]) for key, count in summary.totals.items() if count]
    missing = summary.planned - summary.checks
    counts += ["%s no answer yet" % f"{missing:,}"] if missing else []
    lines = [
        "## %s %s" % ("✓" if summary.good else "✗", escape_markdown(summary.title)),
        "",
        escape_markdown(summary.sentence),
        "",
        "Of **%s** checks: %s." % (f"{summary.planned:,}", ", ".join(counts) or "none"),
    ]
    if summary.since:
        changes = ["%s %s" % (f"{count:,}", name) for name, _, count in summary.since.kinds]
        same = "%s answered alike" % f"{summary.since.same:,}"
        lines += ["", "Since the previous run: %s." % ", ".join([*changes, same])]
    for one in summary.coming:
        text = "%s (%s), compared with %s: %s." % (one.cell, one.versions, one.released, one.sentence)
        lines += ["", "Coming: " + escape_markdown(text)]
    return lines


def _tabulate_matrix_cells(cells: list[Cell]) -> list[str]:
    lines = ["| cell | state | agree | refused as expected | known | not listed |", "|---|---|---:|---:|---:|---:|"]
    for cell in cells:
        numbers = [cell.counts[key] for key in ("agree", "refused as expected", "known-deviation")] + [cell.new]
        shown = " | ".join("%d" % number if cell.state != "not run" else "" for number in numbers)
        lines.append("| %s | %s | %s |" % (escape_markdown(cell.name), cell.state, shown))
    return lines


def _tabulate_causes(groups: list[CauseGroup]) -> list[str]:
    if not groups:
        return []
    lines = [
        "",
        "### What does not agree",
        "",
        "| | cause | verdict, property | checks | smallest case |",
        "|---|---|---|---:|---|",
    ]
    for group in groups[:LISTED]:
        tag = "**%s**" % group.tag if group.tag in UNEXPLAINED else group.tag
        kind = escape_markdown("%s, %s" % (group.verdict, group.property))
        facts = (tag, _code_tag(group.title), kind, f"{group.count:,}", _code_tag(group.exemplar.case))
        lines.append("| %s | %s | %s | %s | %s |" % facts)
    if len(groups) > LISTED:
        lines += ["", "and %d causes more, on the page." % (len(groups) - LISTED)]
    new = [group for group in groups if group.tag in UNEXPLAINED]
    if new:
        lines += ["", "To ask the smallest of a cause that is not listed again:", ""]
        lines += ["- %s" % _code_tag(group.exemplar.again) for group in new[:LISTED]]
    return lines
