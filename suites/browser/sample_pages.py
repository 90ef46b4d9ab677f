"""Builds whole pages from ledgers of the NumPy layer: one run, several runs, a hostile run, a difference, a history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Iterator, Sequence

from fixtures.case import ID_PARTS, Case
from fixtures.cases.combination_coverage import measure_coverage_of_rows
from fixtures.cases.contract import PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.faults import FAULTS
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run.check_run import run_check
from fixtures.run.new_cause_regions import find_regions_of_new_causes
from fixtures.suite_registry import CONTRACT, HYPOTHESIS, contract_suites, select_checks
from reports import ledger
from reports.__main__ import main

HOSTILE = (
    "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'> \" ' & \u202e \x1b[1m \\ a\n\tb"
)
MODES = ("eager",)
SUITES = ("forward", "rejection")


def yield_checks(suite: str, case: Case) -> Iterator[Check]:
    """Yield the checks of a suite on a case."""
    return select_checks(suite, case, "numpy_layer", MODES, (CONTRACT, HYPOTHESIS))


def rows_of_numpy_layer(subject: str, count: int = 60) -> list[dict[str, Any]]:
    """Return the rows of the NumPy layer for some smoke cases and for the contract on the plain case."""
    numpy_layer, rows = load_subject(subject, Setting()), []
    chosen = [case for case in cases_of_tier("smoke") if case.rank == 2 and max(case.size) < 20][:count]
    checks = [check for case in chosen for suite in SUITES for check in yield_checks(suite, case)]
    checks += [check for suite in contract_suites() for check in yield_checks(suite, PLAIN)]
    for check in checks:
        verdict = run_check(check, numpy_layer, "CPU:0").to_row()
        facts = {"kind": "verdict", **check.to_row(), "known_deviation": None, "seconds": 0.01}
        rows.append(json.loads(json.dumps({**facts, **verdict})))
    return rows


def write_ledger(path: Path, rows: Sequence[dict[str, Any]], subject: str, **more: Any) -> Path:
    """Write a ledger as a run does and return its path."""
    options = {"subject": subject, "modes": list(MODES), "switches": {}, "artefacts": ""}
    head: dict[str, Any] = {"kind": "run", "schema": 2, "cell": path.stem, "subject": subject, "backend": "numpy"}
    head.update(
        device="CPU:0",
        tier="smoke",
        shard="1/1",
        modes=list(MODES),
        variants=["contract"],
        seed="",
        switches={},
        known_deviations=[],
        options=options,
    )
    head.update(
        contract=list(contract_suites()), planned=len(rows), axes=[list(axis) for axis in ID_PARTS], started="now"
    )
    head.update(faults={fault.name: fault.sentence for fault in FAULTS}, **more)
    end = {"kind": "end", "counts": ledger.tally(rows), "planned": len(rows)}
    results = {"coverage": measure_coverage_of_rows(rows), "regions": find_regions_of_new_causes(head, rows)}
    ledger.write_ledger(path, [head, *rows, {**end, **results}])
    return path


def write_fault_matrix(path: Path) -> Path:
    """Write a small fault matrix and return its path."""
    detection = {"subject": "numpy_layer", "case": "b1", "variant": "eager", "verdict": "mismatch", "checks": 2}
    pairs = [("late", "forward", True, True), ("late", "shapes", False, True), ("list", "shapes", True, False)]
    detections = [{**detection, "fault": f, "suite": s, "own": own, "caught": caught} for f, s, own, caught in pairs]
    path.write_text(json.dumps(detections), encoding="utf-8")
    return path


def make_hostile_row(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with markup in every text of the subject; one message is as long as a row may be."""
    made = [json.loads(json.dumps(row)) for row in rows]
    refusal = {"stage": HOSTILE, "error": HOSTILE, "message": HOSTILE}
    failing = [row for row in made if row["verdict"] != "agree"]
    for number, row in enumerate(failing):
        row.update(diagnosis=HOSTILE, snippet=HOSTILE, known_deviation="k" if row["suite"] == "forward" else None)
        if number % 2 == 0 or "dtype" not in row["observed"]:
            row["observed"] = dict(refusal)
        else:
            row["observed"].update(dtype=HOSTILE, device=HOSTILE, wrong_entries=HOSTILE, limits=HOSTILE)
    failing[0]["observed"]["message"] = HOSTILE * (200_000 // len(HOSTILE))
    return made


def add_smaller_neighbour(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows; one mismatch gets a smaller neighbour that is not a check of the run."""
    made = [json.loads(json.dumps(row)) for row in rows]
    row = next(row for row in made if row["verdict"] == "mismatch" and row["suite"] == "forward")
    least = "b1-i1.1-c1-f1-k1.1-s1.1-d1.1-valid-onone-last-nobias-linear-float32"
    row["smallest"] = {"case": least, "observed": row["observed"], "expected": row["expected"]}
    return made


def build_pages(folder: Path) -> dict[str, Path]:
    """Build the pages of one run, several runs, a hostile run, a difference and a history; return paths by name."""
    healthy, faulty = rows_of_numpy_layer("numpy_layer"), rows_of_numpy_layer("numpy_layer:crop-other-side")
    next(row for row in faulty if row["diagnosis"])["property"] = (
        "locality"  # one cause with two properties gives two groups
    )
    old = write_ledger(folder / "old.jsonl", healthy, "numpy_layer")
    new = write_ledger(folder / "new.jsonl", faulty, "numpy_layer:crop-other-side", keras="3.15.1")
    entry = {"name": "k", "because": HOSTILE, "link": "javascript:window.hacked=1", "when": HOSTILE, "versions": {}}
    words = {"keras": HOSTILE, "cell": HOSTILE, "known_deviations": [entry], "platform": HOSTILE}
    bad = write_ledger(folder / "bad.jsonl", make_hostile_row(faulty), "numpy_layer", **words)
    found = {name: folder / (name + ".html") for name in ("one", "several", "hostile", "shrunk", "diff", "history")}
    further = ["--previous", str(old), "--fault-matrix", str(write_fault_matrix(folder / "fault-matrix.json"))]
    assert main(["build", str(new), "-o", str(found["one"]), *further]) == 0
    assert main(["build", str(old), str(new), "-o", str(found["several"])]) == 0
    assert main(["build", str(bad), "-o", str(found["hostile"])]) == 0
    small = write_ledger(folder / "small.jsonl", add_smaller_neighbour(faulty), "numpy_layer")
    assert main(["build", str(small), "-o", str(found["shrunk"])]) == 0
    assert main(["diff", str(old), str(bad), "-o", str(found["diff"])]) == 0
    assert main(["history", str(folder), "-o", str(found["history"])]) == 0
    return found
