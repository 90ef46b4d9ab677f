"""The command that repeats the check of a row, and the choice of the smallest row. Runs on Python 3.7."""

from __future__ import annotations

import re
import shlex
from typing import Any, Iterable, Mapping

from reports.ledger import Row

HAS_BACKENDS = ("keras3", "keras.ops")  # subjects whose backend KERAS_BACKEND selects


def rerun_command(row: Row, run: Mapping[str, Any]) -> str:
    """Return the command that repeats the row's check as the run did it: one line for a POSIX shell.

    ``run`` is the first line of the ledger. The command selects the backend, the subject, the mode or variant, the
    device, the process switches and, for stored models, their folders. If the process died only after earlier checks,
    the command names those too.
    """
    option = "--variant" if row["suite"] in run.get("contract", ()) else "--mode"
    words = ["pytest", "suites/%s" % row["suite"], "--subject", run["subject"], option, row["variant"]]
    words += options_of_run(run)
    words += option_of_stored_models(run) if row["suite"] == "migration" else []
    for earlier in options_of_earlier_checks(row, run):
        words += ["--after", earlier]
    return format_variables(run) + quote_command([*words, "--case", row["case"]])


def options_of_earlier_checks(row: Row, run: Mapping[str, Any]) -> list[str]:
    """Return the checks that the process must do first, if a crash needs them, as the option --after takes them."""
    needs = (row.get("history") or {}).get("needs") or ()
    return [str(earlier) for earlier in needs or run["options"].get("after") or ()]


def format_variables(run: Mapping[str, Any]) -> str:
    """Return the variables to set in front of the command, with a trailing blank, or an empty string if none is needed.

    Without them the shell, or Keras' own configuration file, may select another backend.
    """
    family = str(run["subject"]).partition(":")[0]
    return (
        "KERAS_BACKEND=%s " % quote_command([run["backend"]]) if family in HAS_BACKENDS and run.get("backend") else ""
    )


def quote_command(words: Iterable[object]) -> str:
    """Return the words of a command quoted for a shell, as a ledger may hold any text and a folder name spaces."""
    return " ".join(shlex.quote(str(word)) for word in words)


def options_of_run(run: Mapping[str, Any]) -> list[str]:
    """Return the options that every check of the run needs, besides the subject and the mode."""
    device, switches = str(run["device"]), run["options"].get("switches")
    words = [] if device.endswith("CPU:0") else ["--device", device]
    return words + (["--switch=" + ",".join("%s=%s" % item for item in switches.items())] if switches else [])


def option_of_stored_models(run: Mapping[str, Any]) -> list[str]:
    """Return the option that names the folders of the stored models, or an empty list if the run had none."""
    return ["--artefacts=" + run["options"]["artefacts"]] if run["options"].get("artefacts") else []


def find_smallest_row(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the smallest of the rows with one cause.

    If the run looked for a smaller failing neighbour of a row and observed one, that neighbour counts as a row.
    """
    shown: list[dict[str, Any]] = []
    for row in rows:
        shown.append(dict(row))
        if "observed" in (row.get("smallest") or {}):
            shown.append({**row, "measured": {}, **row["smallest"]})
    return min(shown, key=lambda row: (size_of_case(row["case"]), row["case"]))


def size_of_case(case: str) -> int:
    """Return a size to sort cases by: the product of all numbers in the case's id, except in its last part (dtype)."""
    product = 1
    for number in re.findall(r"[0-9]+", case.rsplit("-", 1)[0]):
        product *= max(int(number), 1)
    return product
