"""Run the commands that repeat the checks of a ledger, and verify that each command gives the same result.

``python -m reports.ledger.check_rerun --execute LEDGER`` takes the smallest row of each cause, for at most ``--most``
causes. It runs the row's command in a shell without ``KERAS_BACKEND`` and the project's own variables. The ledger of
that run must have the same subject, backend, versions, device and switches, and the same verdict on the same check. The
exit status is 1 if anything differs, 3 if the ledger cannot be read, and 4 without ``--execute``. Needs only the
standard library, and runs on Python 3.7 and newer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, Mapping

from command_line import CommandParser
from reports.ledger import Ledger, LedgerError, Row, category, causes, read
from reports.ledger.rerun import find_smallest_row, rerun_command

SAME_RUN = (
    *("subject", "backend", "keras", "tensorflow", "torch", "jax", "scipy", "onnxruntime"),
    *("device", "switches"),
)
SAME_ROW = ("case", "suite", "variant", "verdict", "property", "diagnosis")
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line: print one line for every command, and return the exit status."""
    parser = CommandParser(prog="python -m reports.ledger.check_rerun", description=__doc__)
    parser.add_argument("ledger", help="the ledger of a run in this environment")
    parser.add_argument("--most", type=int, default=1, help="how many causes, the most frequent first (default: 1)")
    parser.add_argument("--execute", action="store_true", help="run the commands, which are made from the ledger")
    options = parser.parse_args(arguments)
    if not options.execute:
        print("check_rerun runs commands that the ledger names; if you trust it, add --execute", file=sys.stderr)
        return 4
    try:
        ledger = read(options.ledger)
    except LedgerError as error:
        print("check_rerun: %s" % error, file=sys.stderr)
        return 3
    status = 0
    for row in _yield_rows_to_repeat(ledger.rows, options.most):
        command = rerun_command(row, ledger.run)
        problem = rerun_and_compare(row, ledger.run, command)
        print("%s: %s" % (problem or "gives the same result", command))
        status = max(status, 1 if problem else 0)
    return status


def _yield_rows_to_repeat(rows: list[dict[str, Any]], most: int) -> Iterator[Row]:
    """Yield the smallest row of each of the first ``most`` causes, or the first row if there is no cause."""
    fixed = [
        row for row in rows if category(row) in ("known-deviation", "mismatch", "wrongly-rejected", "unclear-rejection")
    ]
    groups = [group for group in causes(fixed).values() if group[0]["suite"] != "hypothesis"]
    yield from (find_smallest_row(group) for group in groups[:most])
    if not groups:
        yield from rows[:1]


def rerun_and_compare(row: Row, run: Mapping[str, Any], command: str) -> str:
    """Run the command and return what differs from ``row`` and ``run``, or an empty string if nothing does."""
    again = run_command(command)
    return again if isinstance(again, str) else _describe_differences(row, run, again)


def run_command(command: str) -> Ledger | str:
    """Run the command in a shell; return the ledger that it writes, or a sentence if it writes none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "again.jsonl"
        variables = {name: value for name, value in os.environ.items() if not _is_variable_that_selects(name)}
        variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
        given = [*("sh", "-c", command + ' "$@"', "sh"), "--ledger=%s" % path]
        done = subprocess.run(given, cwd=str(ROOT), env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not path.exists():
            return "no ledger, exit status %d: %s" % (done.returncode, done.stdout.decode("utf-8", "replace")[-300:])
        return read(path)


def _describe_differences(row: Row, run: Mapping[str, Any], again: Ledger) -> str:
    differing = [
        "%s %r, not %r" % (name, again.run.get(name), run.get(name))
        for name in SAME_RUN
        if again.run.get(name) != run.get(name)
    ]
    if len(again.rows) != 1:
        return "%d checks, not 1" % len(again.rows)
    found = again.rows[0]
    differing += ["%s %r, not %r" % (name, found[name], row[name]) for name in SAME_ROW if found[name] != row[name]]
    return "; ".join(differing)


def _is_variable_that_selects(variable: str) -> bool:
    """Return whether an environment variable selects checks. The command must work without such variables."""
    return variable == "KERAS_BACKEND" or variable.startswith("KERAS_PARITY_")


if __name__ == "__main__":
    sys.exit(main())
