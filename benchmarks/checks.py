"""``python -m benchmarks.checks --subject numpy_layer,keras3``: what a check costs next to the layer's own calls.

Everything is a ratio within one run. A bare loop makes the same layers and calls them with the same arrays, in one
process and without comparing anything. The cost of a check in a run of pytest is the difference of two runs with
different numbers of checks. So the start of the processes is not in it. The least of several rounds counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported, here and in the runs of pytest

from benchmarks.bare_loop import DEVICE, record_agreeing_checks, run_bare_loop  # see above
from benchmarks.keras_test import measure_detection
from benchmarks.pytest_runs import Times, run_checks, run_empty_tests
from benchmarks.time_shares import sample_time_shares
from fixtures.cases import data_sets
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare import reference
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Setting, Subject, SubjectUnavailable, load_subject
from fixtures.frameworks.families import modes_of_subject
from fixtures.run.child_process import Process
from fixtures.run.option_values import read_modes
from fixtures.run.options import BadOption
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import select_checks
from reports.ledger.writer import LedgerWriter

_CACHED = (
    *(data_sets.make_dense_integers, data_sets.make_random_reals, reference.compute_references),
    *(reference.drop_undecided_gradients, reference.compute_rounding_bounds),
)
PARTS = ("layer", "data", "reference", "compare", "other")
_EMPTY_TESTS = 2000


def _time(act: Callable[[], object]) -> Times:
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return Times(time.perf_counter() - wall, time.process_time() - processor)


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


def _run_in_process(checks: Sequence[Check], subject: Subject, seconds: dict[str, float]) -> list[Verdict]:
    for function in _CACHED:
        vars(function)["cache_clear"]()
    with sample_time_shares(seconds):
        return [run_check(check, subject, DEVICE) for check in checks]


def echo(verdict: Verdict, check: Check) -> Verdict:
    """Return the verdict; a child process runs it, so its cost is that of the process boundary."""
    return verdict


def _cross_boundary(verdicts: Sequence[Verdict], checks: Sequence[Check]) -> Times:
    with Process() as process:
        process.call_in_child(300, echo, verdicts[0], checks[0])
        return _time(lambda: [process.call_in_child(300, echo, *both) for both in zip(verdicts, checks)])


def _write_ledger(verdicts: Sequence[Verdict], checks: Sequence[Check], folder: Path) -> Times:
    writer = LedgerWriter(folder / "rows.jsonl")
    writer.start({"subject": "none"}, {"planned": len(checks)})
    more = {"known_deviation": None, "compared": None, "seconds": 0.0, "smallest": None}

    def write() -> None:
        for verdict, check in zip(verdicts, checks):
            writer.add(json.loads(json.dumps({"kind": "verdict", **check.to_row(), **verdict.to_row(), **more})))

    times = _time(write)
    writer.release()
    return times


def measure_suite(
    name: str, suite: str, modes: Sequence[str], number: int, rounds: int, folder: Path
) -> dict[str, Any]:
    """Return the milliseconds of a check, in wall time and processor time, by what they are spent on."""
    subject = load_subject(name, Setting())
    checks, layers = record_agreeing_checks(choose_checks(suite, modes, name, number), subject)
    further = checks[: max(1, len(checks) // 8)]
    found: dict[str, list[Times]] = {}
    shares = dict.fromkeys(PARTS, 0.0)
    empty = run_empty_tests(1, folder)
    for _ in range(rounds):
        verdicts: list[Verdict] = []
        one_round = {
            "bare loop": _time(lambda: run_bare_loop(subject, layers)),
            "checks in one process": _time(lambda: verdicts.extend(_run_in_process(checks, subject, shares))),  # noqa: B023
            "process boundary": _cross_boundary(verdicts, checks),
            "ledger": _write_ledger(verdicts, checks, folder),
        }
        found.setdefault("pytest alone", []).append((run_empty_tests(_EMPTY_TESTS, folder) - empty).per(_EMPTY_TESTS))
        for run, options in (("pytest run", ()), ("pytest run, two processes", ("-n", "2"))):
            difference = run_checks(checks, name, folder, *options) - run_checks(further, name, folder, *options)
            found.setdefault(run, []).append(difference.per(len(checks) - len(further)))
        for part, times in one_round.items():
            found.setdefault(part, []).append(times.per(len(checks)))
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
        "one process / two processes": _ratio(one, two),
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
    """Print the ratios and write them to a file; no limit is checked. The status is 3 without the subject."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__.partition("\n")[0])
    parser.add_argument("--subject", default="numpy_layer", help="subjects, separated by commas")
    parser.add_argument("--suite", default="forward,gradients,special", help="suites that compute, separated by commas")
    parser.add_argument("--mode", default="eager", help="modes, separated by commas, or all")
    parser.add_argument("--checks", type=int, default=200, help="how many checks of each suite")
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured")
    parser.add_argument("--detection", type=int, default=0, metavar="FAULTS", help="also compare with Keras's own test")
    parser.add_argument("-o", "--output", type=Path, default=Path("reports/out/benchmark-checks.json"))
    options = parser.parse_args(arguments)
    results: dict[str, Any] = {"suites": [], "cores": os.cpu_count()}
    try:
        for name in options.subject.split(","):
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
    except SubjectUnavailable as error:
        print("python -m benchmarks.checks: %s" % error, file=sys.stderr)
        return 3
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("written: %s" % options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
