"""How time, memory and page grow with the number of cases: ``python -m benchmarks.growth``.

For each number of draws, a run of the tier full answers each check of ``forward`` and ``rejection`` at once
(``instant_answers.py``), and the page of its ledger is built. The command prints one line for each number, and the
ratios to the line before, and writes them to ``reports/out/growth.json``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from command_line import CommandParser
from reports.matrix_file import ROOT

COLUMNS = {
    "draws": "%9d",
    "checks": "%9d",
    "start_s": "%9.1f",
    "run_s": "%9.1f",
    "run_mib": "%9.0f",
    "ledger_mib": "%10.1f",
    "page_s": "%9.1f",
    "build_mib": "%9.0f",
    "page_mib": "%9.2f",
}


def measure_program(*words: str) -> tuple[float, float, int]:
    """Run a module of Python; return its seconds, the MiB of its greatest resident size, and its exit status."""
    began = time.monotonic()
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, stdout=nowhere, stderr=nowhere)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, used.ru_maxrss / 1024, child.returncode


def measure_growth(draws: int, folder: Path) -> dict[str, Any]:
    """Return the numbers of a run with so many draws, and of its page.

    ``start_s`` are the seconds until the first answer: pytest starts, draws and counts the cases, and makes the items.
    """
    ledger, page = folder / "growth.jsonl", folder / "growth.html"
    options = ["--subject", "numpy_layer", "--deviations", "none", "--tier", "full", "--draws", str(draws)]
    began = time.time()
    run = measure_program(
        *("pytest", "-p", "no:xdist", "-p", "benchmarks.instant_answers", "suites/forward", "suites/rejection"),
        *(*options, "--ledger=%s" % ledger),
    )
    with open(ledger, encoding="utf-8") as lines:
        header = json.loads(next(lines))
        started = datetime.fromisoformat(header["started"]).timestamp()  # to the second
        checks = sum(1 for _ in lines) - 1
    build = measure_program("reports", "build", str(ledger), "-o", str(page))
    if run[2] or build[2] or checks != header["planned"]:
        raise SystemExit("the run of %d draws ended with %d, its page with %d" % (draws, run[2], build[2]))
    sizes = {"ledger_mib": ledger.stat().st_size / 2**20, "page_mib": page.stat().st_size / 2**20}
    facts = {"draws": draws, "checks": checks, "start_s": started - began, "run_s": run[0], "run_mib": run[1]}
    return {**facts, **sizes, "page_s": build[0], "build_mib": build[1]}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line: print the table, write the file, and return 0."""
    parser = CommandParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--draws", default="1000,10000,100000,1000000", help="with commas (default: %(default)s)")
    parser.add_argument("-o", "--output", default="reports/out/growth.json", help="the file (default: %(default)s)")
    options = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    print(" ".join("%10s" % name for name in COLUMNS))
    for draws in map(int, options.draws.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure_growth(draws, Path(folder)))
        print(" ".join("%10s" % (form % rows[-1][name]).strip() for name, form in COLUMNS.items()), flush=True)
    for before, row in zip(rows, rows[1:]):
        row["ratios"] = {name: round(row[name] / before[name], 2) for name in COLUMNS if before[name]}
        print("%d to %d draws: " % (before["draws"], row["draws"]), end="")
        print(", ".join("%s x %.2f" % (name, ratio) for name, ratio in row["ratios"].items() if name != "draws"))
    Path(options.output).parent.mkdir(parents=True, exist_ok=True)
    Path(options.output).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
