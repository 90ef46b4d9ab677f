"""The fuzzer of ledgers: damaged files in every command that reads one, and writers that are killed.

A damage is recorded rightly if a command reads the whole file with right totals, or refuses it in one sentence with
exit status 3 or 4. A traceback and totals that are not those of the rows in the file are wrong. Commands run in this
process, so that thousands of damages take minutes. An answer counts as lost if it was in the ledger before a writer was
killed and is not there after it.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Mapping

from fixtures.__main__ import main as fixtures_main
from fixtures.deviations.baseline import Baseline, BaselineError
from fixtures.deviations.ledger_file import LedgerUnusable, read_ledger
from reports import ledger
from reports.__main__ import main as reports_main
from reports.ledger.files import LedgerError
from reports.ledger.writer import LedgerWriter
from suites.fuzz.damages import DAMAGES
from suites.fuzz.killed_writers import KILLS, find_lost_answers
from suites.fuzz.table import Table

Problem = str
KILLED = 1 / 12  # the share of the faults that are kills
REFUSED = (3, 4)


def run(table: Table, count: int, seed: int) -> None:
    """Inject ``count`` faults into ledgers and their writers, and record them in the table."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            if draw.random() < KILLED:
                kind = draw.choice(sorted(KILLS))
                problem, lost = find_lost_answers(kind, Path(folder, "kill-%d" % number), draw)
                table.record("SIGKILL while " + kind, problem and "%s (seed %d, %d)" % (problem, seed, number), lost)
                continue
            name = draw.choice(sorted(DAMAGES))
            data = DAMAGES[name](make_sample_lines(draw), draw)
            path = Path(folder, "%d.jsonl" % number)
            path.write_bytes(data)
            reader = draw.choice(sorted(READERS))
            problem = find_problem(READERS[reader], path)
            path.unlink()
            place = "%s (%s, seed %d, %d)" % (problem, reader, seed, number)
            table.record("%s: %s" % (reader, name), place if problem else "")


def make_sample_lines(draw: random.Random) -> list[dict[str, Any]]:
    """Return the lines of a whole ledger with answers of several kinds."""
    sizes = draw.sample(range(2, 40), draw.randint(2, 8))
    rows = [
        _make_row("b1-i%d.4-c1-f1-k2.2-s1.1-d1.1-valid-onone-last-bias-linear-float32" % size, draw) for size in sizes
    ]
    head = {**HEADER, "planned": len(rows)}
    return [head, *rows, {"kind": "end", "counts": ledger.tally(rows), "planned": len(rows), "seconds": 1.5}]


ARRAY = {"shape": [1, 3, 5, 1], "dtype": "float32", "device": "CPU:0"}
ENTRY = {"entries": [{"at": [0, 1, 2, 0], "value": 1.5}]}
REFUSAL = {"stage": "call", "error": "ValueError", "message": "strides > 1 not supported"}
EVIDENCE: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
    ("agree", ARRAY, ARRAY),
    ("mismatch", {**ARRAY, **ENTRY}, {**ARRAY, **ENTRY, "differs": 2, "of": 15, "map": ["..1", "9.."]}),
    ("wrongly-rejected", ARRAY, REFUSAL),
    ("wrongly-accepted", {"refuses": ["R1"], "because": "strides and dilation exclude each other"}, ARRAY),
    ("crashed", {}, {"reason": "the process died of SIGSEGV", "stderr": "Aborted"}),
    ("not-run", {}, {"reason": "no such mode"}),
]
HEADER: dict[str, Any] = {
    "kind": "run",
    "schema": 2,
    "cell": "one",
    "subject": "numpy_layer",
    "backend": "numpy",
    "numpy": "2.0",
    "device": "CPU:0",
    "devices": ["CPU:0"],
    "tier": "smoke",
    "shard": "1/1",
    "modes": ["eager"],
    "variants": [],
    "switches": {"tf32": "off"},
    "faults": {"bias-missing": "the bias is not added"},
    "seed": "",
    "python": "3.13",
    "axes": [
        *(["batch", "b"], ["size", "i"], ["channels", "c"], ["filters", "f"], ["kernel_size", "k"], ["strides", "s"]),
        *(["dilation_rate", "d"], ["padding", ""], ["output_padding", "o"], ["data_format", ""], ["use_bias", ""]),
        *(["activation", ""], ["dtype", ""]),
    ],
    "known_deviations": [{"name": "known", "because": "so", "link": "", "severity": "wrong-values", "owner": "Keras"}],
    "options": {"switches": {}, "tier": "smoke"},
    "started": "2026-11-01T08:00:00+00:00",
    "contract": ["shapes", "signature"],
    "thinned": {"forward xla": 8},
}


def _make_row(case: str, draw: random.Random) -> dict[str, Any]:
    verdict, expected, observed = draw.choice(EVIDENCE)
    known = draw.choice([None, None, "known"]) if verdict not in ("agree", "not-run") else None
    facts = {"kind": "verdict", "case": case, "suite": draw.choice(["forward", "hypothesis"]), "variant": "eager"}
    judged = {
        "property": "values",
        "verdict": verdict,
        "expected": expected,
        "observed": observed,
        "checked": ["shape"],
    }
    measured = {"error_in_u": 0.5, "examples": 7}
    further = {"diagnosis": draw.choice([None, "bias-missing"]), "data": "dense-integers", "snippet": "print(1)\n"}
    return {**facts, **judged, **further, "known_deviation": known, "measured": measured, "seconds": 0.25}


def find_problem(reader: Callable[[Path], Problem], path: Path) -> Problem:
    """Return what a reader did wrongly with a file; an empty text if it read or refused it as it should."""
    printed, errors = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            return reader(path)
    except SystemExit as error:
        return "" if error.code in REFUSED else "exit %s" % error.code
    except Exception:  # a traceback is what the fuzzer looks for
        return traceback.format_exc(limit=-2).replace("\n", " | ")


def count_rows(path: Path) -> int:
    """Return the number of answers in a file, counted without any of the readers."""
    found = 0
    for line in path.read_bytes().split(b"\n")[:-1]:
        with contextlib.suppress(ValueError, RecursionError, AttributeError):
            found += json.loads(line).get("kind") == "verdict"
    return found


def _read_by_resume(path: Path) -> Problem:
    writer, before = LedgerWriter(path), path.read_bytes()
    try:
        writer.resume({"tier": "smoke"})
    except LedgerError:
        return "" if path.read_bytes() == before else "resume refused the ledger and changed it"
    finally:
        writer.release()
    if not before:
        return ""
    after = path.read_bytes()
    whole = before[: before.rfind(b"\n") + 1]
    return "" if after == whole and len(writer.rows) == count_rows(path) else "resume lost rows"


def _check_status(status: int, accepted: tuple[int, ...] = (0,)) -> Problem:
    return "" if status in (*accepted, *REFUSED) else "exit %d" % status


def _read_by_merge(path: Path) -> Problem:
    target = path.with_suffix(".merged")
    status = reports_main(["merge", str(path), "-o", str(target)])
    if status == 0 and len(ledger.read(target).rows) != count_rows(path):
        return "the merged ledger has other totals"
    return _check_status(status)


def _make_reader_by_build(format: str) -> Callable[[Path], Problem]:
    def read(path: Path) -> Problem:
        output = path.with_suffix(".out")
        status = reports_main(["build", str(path), "--format", format, "-o", str(output)])
        if status == 0 and format == "json":
            cell = json.loads(output.read_text(encoding="utf-8"))["cells"][0]
            total = sum(cell["counts"].values())
            return "" if total == count_rows(path) else "the summary counts %d checks" % total
        return _check_status(status)

    return read


def _read_by_diff(path: Path) -> Problem:
    return _check_status(reports_main(["diff", str(path), str(path), "-o", str(path.with_suffix(".html"))]))


def _read_by_history(path: Path) -> Problem:
    folder = path.with_suffix(".folder")
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(path.read_bytes())
    return _check_status(reports_main(["history", str(folder), "-o", str(folder / "history.html")]))


def _read_as_baseline(path: Path) -> Problem:
    with contextlib.suppress(BaselineError):
        Baseline.read(path)
    return ""


def _read_by_suggest(path: Path) -> Problem:
    return _check_status(fixtures_main(["suggest", str(path)]), (0, 1))


def _read_by_snippets(path: Path) -> Problem:
    with contextlib.suppress(LedgerUnusable):
        _, rows, _ = read_ledger(path)
        verdicts = Counter(row["verdict"] for row in rows)
        return "" if sum(verdicts.values()) == count_rows(path) else "the reader of snippets lost rows"
    return ""


READERS: Mapping[str, Callable[[Path], Problem]] = {
    "resume": _read_by_resume,
    "merge": _read_by_merge,
    "build": _make_reader_by_build("html"),
    "json": _make_reader_by_build("json"),
    "csv and others": _make_reader_by_build("csv,junit,ctrf,md"),
    "diff": _read_by_diff,
    "history": _read_by_history,
    "baseline": _read_as_baseline,
    "suggest": _read_by_suggest,
    "snippets": _read_by_snippets,
}
