"""Write workflow commands for GitHub Actions.

There is an error for each cause that is new or not listed, a warning for each cell that is not complete, and a notice
with the category. GitHub shows the first ten of each kind next to a step; the log of the step has all of them.
"""

from __future__ import annotations

from typing import TextIO

from reports.facts.cause_groups import CauseGroup
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats.safe_text import make_visible, shorten, to_one_line
from reports.ledger import UNEXPLAINED

_LONGEST = 300


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write one line for each workflow command."""
    for group in summary.groups:
        if group.tag in UNEXPLAINED:
            file.write(workflow_command("error", group.tag + ": " + group.title, _describe_group(group)))
    for cell in summary.cells:
        if cell.state != "complete":
            file.write(workflow_command("warning", "%s is %s" % (cell.name, cell.state), cell.sentence))
    file.write(workflow_command("notice", "keras-parity: " + summary.title, summary.sentence))


def workflow_command(kind: str, title: str, message: str) -> str:
    """Return one workflow command. A title is a property, so the characters that end a property are escaped too."""
    name = _escape_data(to_one_line(shorten(title, _LONGEST))).replace(":", "%3A").replace(",", "%2C")
    return "::%s title=%s::%s\n" % (kind, name, _escape_data(message))


def _describe_group(group: CauseGroup) -> str:
    checks = "1 check" if group.count == 1 else "%s checks" % f"{group.count:,}"
    lines = [
        "%s, %s, property %s, in %s." % (checks, group.verdict, group.property, group.cell),
        "Smallest case: %s" % group.exemplar.case,
        "Run it again: %s" % group.exemplar.again,
    ]
    return "\n".join(to_one_line(line) for line in lines)


def _escape_data(text: str) -> str:
    return make_visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
