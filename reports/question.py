"""A row as a question: how to ask it again, and which of several is the smallest. Runs on Python 3.7."""

from __future__ import annotations

import re
import shlex
from typing import Any, Iterable, Mapping

from reports.ledger import Row


def again(row: Row, run: Mapping[str, Any]) -> str:
    """The command that asks this question as it was asked."""
    words = ["pytest", "suites/test_%s.py" % row["suite"], "--subject", run["subject"], "--mode", row["mode"]]
    words += further(run)
    words += stored(run) if row["suite"] == "migration" else []
    return pasted([*words, "--case", row["case"]])


def pasted(words: Iterable[object]) -> str:
    """Words of a command as a shell takes them: a ledger may say anything, and a folder's name may have spaces."""
    return " ".join(shlex.quote(str(word)) for word in words)


def further(run: Mapping[str, Any]) -> list[str]:
    """The options that ask any question of the run as it was asked, beside subject and mode."""
    device, switches = str(run["device"]), run["asked"].get("switches")
    words = [] if device.endswith("CPU:0") else ["--device", device]
    return words + (["--switch=" + ",".join("%s=%s" % item for item in switches.items())] if switches else [])


def stored(run: Mapping[str, Any]) -> list[str]:
    """The further option of questions about stored models: where they are."""
    return ["--artefacts=" + run["asked"]["artefacts"]] if run["asked"].get("artefacts") else []


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
