"""``python -m benchmarks.checks --subject numpy_layer,keras3``: what a check costs next to the layer's own calls.

Everything is a ratio within one run. A bare loop makes the same layers and calls them with the same arrays, in one
process and without comparing anything. Each loop and each run of pytest does an eighth of the checks first, and their
time and the start of the processes are not counted. The least of several rounds counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Mapping, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported, here and in the runs of pytest

from benchmarks.keras_test import measure_detection  # see above
from benchmarks.new_process import (
    PARTS,
    measure_time,
    record_in_new_process,
    time_bare_loop,
    time_checks,
    time_two_bare_loops,
)
from benchmarks.pytest_runs import Times, run_checks, run_empty_tests
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import SubjectUnavailable
from fixtures.frameworks.families import modes_of_subject
from fixtures.run.child_process import Process
from fixtures.run.option_values import read_modes
from fixtures.run.options import BadOption
from fixtures.run.worker import IsolatedSubject
from fixtures.suite_registry import select_checks
from reports.ledger.writer import LedgerWriter

_EMPTY_TESTS = 2000
_RUNS = {
    "pytest run": (),
    "pytest run, two processes": ("-n", "2"),
    "pytest run in blocks": ("-p", "benchmarks.checks_in_blocks"),
}


def _least(found: Sequence[Times]) -> Times:
    return Times(min(one.wall for one in found), min(one.processor for one in found))


def choose_checks(suite: str, modes: Sequence[str], subject: str, number: int) -> list[Check]:
    """Return at least ``number`` checks of the tier smoke, if it has so many: all those of cases spread evenly over it.

    A run keeps the checks of a case together, since they share its data and its reference.
    """
    found = [list(select_checks(suite, case, subject, modes, ())) for case in cases_of_tier("smoke")]
    cases = [checks for checks in found if checks]
    needed = -(-number * len(cases) // max(1, sum(map(len, cases))))
    return [check for checks in cases[:: max(1, len(cases) // max(1, needed))][:needed] for check in checks]


def echo(verdict: Verdict, check: Check) -> Verdict:
    """Return the verdict; a child process runs it, so its cost is that of the process boundary."""
    return verdict


def _cross_boundary(verdicts: Sequence[Verdict], checks: Sequence[Check]) -> Times:
    with Process() as process:
        process.call_in_child(300, echo, verdicts[0], checks[0])
        return measure_time(lambda: [process.call_in_child(300, echo, *both) for both in zip(verdicts, checks)])


def _write_ledger(verdicts: Sequence[Verdict], checks: Sequence[Check], folder: Path) -> Times:
    writer = LedgerWriter(folder / "rows.jsonl")
    writer.start({"subject": "none"}, {"planned": len(checks)})
    more = {"known_deviation": None, "compared": None, "seconds": 0.0, "smallest": None}

    def write() -> None:
        for verdict, check in zip(verdicts, checks):
            writer.add(json.loads(json.dumps({"kind": "verdict", **check.to_row(), **verdict.to_row(), **more})))

    times = measure_time(write)
    writer.release()
    return times


def measure_suite(
    name: str, suite: str, modes: Sequence[str], number: int, rounds: int, folder: Path
) -> dict[str, Any]:
    """Return the milliseconds of a check, in wall time and processor time, by what they are spent on."""
    recorded = record_in_new_process(name, choose_checks(suite, modes, name, number))
    checks, warm_up = [one.check for one in recorded], max(1, len(recorded) // 8)
    first, rest = checks[:warm_up], checks[warm_up:]
    if not rest:
        raise RuntimeError("fewer than two checks of %s agree, so there is nothing to measure" % suite)
    found: dict[str, list[Times]] = {}
    shares = dict.fromkeys(PARTS, 0.0)
    empty = run_empty_tests(1, folder)
    for _ in range(rounds):
        run = time_checks(name, first, rest)
        shares = {part: shares[part] + run.seconds[part] for part in PARTS}
        one_round = {
            "bare loop": time_bare_loop(name, recorded[:warm_up], recorded[warm_up:]),
            "bare loop, two processes": time_two_bare_loops(name, recorded[:warm_up], recorded[warm_up:]),
            "checks in one process": run.times,
            "process boundary": _cross_boundary(run.verdicts, rest),
            "ledger": _write_ledger(run.verdicts, rest, folder),
        }
        found.setdefault("pytest alone", []).append((run_empty_tests(_EMPTY_TESTS, folder) - empty).per(_EMPTY_TESTS))
        for kind, options in _RUNS.items():
            difference = run_checks(checks, name, folder, *options) - run_checks(first, name, folder, *options)
            found.setdefault(kind, []).append(difference.per(len(rest)))
        for part, times in one_round.items():
            found.setdefault(part, []).append(times.per(len(rest)))
    least = {part: _least(times) for part, times in found.items()}
    whole = sum(shares.values())
    return {
        "subject": name,
        "suite": suite,
        "modes": list(modes),
        "checks": len(checks),
        "rounds": rounds,
        "load": os.getloadavg()[0],
        "milliseconds": {part: _to_milliseconds(times) for part, times in least.items()},
        "shares": {part: round(shares[part] / whole, 3) for part in PARTS},
        "ratios": _ratios(least),
    }


def _to_milliseconds(times: Times) -> dict[str, float]:
    return {"wall": round(times.wall * 1e3, 3), "processor": round(times.processor * 1e3, 3)}


def _ratios(least: Mapping[str, Times]) -> dict[str, dict[str, float]]:
    bare, one = least["bare loop"], least["pytest run"]
    two = least["pytest run, two processes"]
    return {
        "checks in one process / bare loop": _ratio(least["checks in one process"], bare),
        "pytest run / bare loop": _ratio(one, bare),
        "pytest run in blocks / bare loop": _ratio(least["pytest run in blocks"], bare),
        "one process / two processes": _ratio(one, two),
        "bare loop, one process / two": _ratio(bare, least["bare loop, two processes"]),
    }


def _ratio(above: Times, below: Times) -> dict[str, float]:
    return {
        "wall": round(above.wall / max(below.wall, 1e-9), 2),
        "processor": round(above.processor / max(below.processor, 1e-9), 2),
    }


def print_suite(found: Mapping[str, Any]) -> None:
    """Print one measurement as a table."""
    facts = (
        found["subject"],
        found["suite"],
        ",".join(found["modes"]),
        found["checks"],
        found["rounds"],
        found["load"],
    )
    print("%s, %s %s: %d checks, least of %d rounds, load average %.1f" % facts)
    print("  %-36s %9s %9s" % ("milliseconds a check", "wall", "processor"))
    for part, times in found["milliseconds"].items():
        print("  %-36s %9.2f %9.2f" % (part, times["wall"], times["processor"]))
    print("  in one process: " + ", ".join("%s %.0f %%" % (part, 100 * one) for part, one in found["shares"].items()))
    for name, ratio in found["ratios"].items():
        print("  %-36s %9.2f %9.2f" % (name, ratio["wall"], ratio["processor"]))
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Print the ratios and write them to a file; no limit is checked. The status is 3 without a measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__.partition("\n")[0])
    parser.add_argument("--subject", default="numpy_layer", help="subjects, separated by commas")
    parser.add_argument("--suite", default="forward,gradients,special", help="suites that compute, separated by commas")
    parser.add_argument("--mode", default="eager", help="modes, separated by commas, or all")
    parser.add_argument("--checks", type=int, default=200, help="how many checks of each suite")
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured")
    parser.add_argument("--detection", type=int, default=0, metavar="FAULTS", help="also compare with Keras's own test")
    parser.add_argument("-o", "--output", type=Path, default=Path("reports/out/benchmark-checks.json"))
    options = parser.parse_args(arguments)
    if options.checks < 2:
        parser.error("--checks must be at least 2, because some of them only warm up")
    results: dict[str, Any] = {"suites": [], "cores": os.cpu_count()}
    try:
        for name in options.subject.split(","):
            with IsolatedSubject(name) as isolated:
                isolated.environment()  # raises SubjectUnavailable
            try:
                modes = read_modes(options.mode, modes_of_subject(name))
            except BadOption as error:
                parser.error(str(error))
            for suite in options.suite.split(","):
                with tempfile.TemporaryDirectory() as folder:
                    results["suites"].append(
                        measure_suite(name, suite, modes, options.checks, options.rounds, Path(folder))
                    )
                print_suite(results["suites"][-1])
        if options.detection:
            results["detection"] = measure_detection(options.detection)
            print(results["detection"]["sentence"])
    except (SubjectUnavailable, RuntimeError) as error:
        print("python -m benchmarks.checks: %s" % error, file=sys.stderr)
        return 3
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("written: %s" % options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
