"""A row as a question: how to ask it again, and which of several is the smallest. Runs on Python 3.7."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

from reports.ledger import Row


def again(row: Row, run: Mapping[str, Any]) -> str:
    """The command that asks this question as it was asked."""
    words = ["pytest", "suites/test_%s.py" % row["suite"], "--subject", run["subject"], "--mode", row["mode"]]
    words += further(run)
    words += ["--artefacts=" + run["asked"]["artefacts"]] if row["suite"] == "migration" else []
    return " ".join([*words, "--case", row["case"]])


def further(run: Mapping[str, Any]) -> list[str]:
    """The options that ask any question of the run as it was asked, beside subject and mode."""
    device, switches = str(run["device"]), run["asked"].get("switches")
    words = [] if device.endswith("CPU:0") else ["--device", device]
    return words + (["--switch=" + ",".join("%s=%s" % item for item in switches.items())] if switches else [])


def smallest(rows: Iterable[Row]) -> dict[str, Any]:
    """The smallest of rows with one cause; a smaller neighbour that was asked for one of them counts as a row."""
    shown: list[dict[str, Any]] = []
    for row in rows:
        shown.append(dict(row))
        if "observed" in (row.get("smallest") or {}):
            shown.append({**row, **row["smallest"]})
    return min(shown, key=lambda row: (cells(row["case"]), row["case"]))


def cells(case: str) -> int:
    """A size to sort by: the product of all numbers of an id."""
    product = 1
    for number in re.findall(r"[0-9]+", case.rsplit("-", 1)[0]):
        product *= max(int(number), 1)
    return product
