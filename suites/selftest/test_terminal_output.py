"""Tests of a run's output on a terminal: the header, the progress line and the summary."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from reports import ledger
from reports.ledger import terminal_output
from suites.selftest.forked_pytest import ForkedRun
from suites.selftest.pytest_in_process import call_pytest

pty = pytest.importorskip("pty")  # Windows has no pty
ROOT = Path(__file__).resolve().parents[2]
HEADER: dict[str, Any] = {
    "keras": "3.15.1",
    "tensorflow": "2.21.0",
    "backend": "tensorflow",
    "python": "3.11.7",
    "device": "CPU:0",
    "subject": "keras3",
    "switches": {"tf32": "on", "onednn": "default"},
    "known_deviations": [{"name": "old"}],
    "contract": [],
    "planned": 60,
    "options": {"switches": {}},
}


def row(case: str, verdict: str = "agree", **further: Any) -> dict[str, Any]:
    """Return a row of the suite forward, which agrees unless another verdict is given."""
    base = {
        "case": case,
        "suite": "forward",
        "variant": "eager",
        "verdict": verdict,
        "property": "values",
        "observed": {},
    }
    return {**base, "known_deviation": None, "diagnosis": None, "measured": {}, **further}


def test_the_header_of_a_run_has_the_plan_and_then_the_versions() -> None:
    """Settings at their default are left out."""
    options: dict[str, Any] = {
        "subject": "keras3",
        "device": "CPU",
        "modes": ["eager", "xla"],
        "switches": {},
        "deviations": None,
    }
    lines = terminal_output.describe_plan(options, "2,903 cases of tier standard", 16465, 0, "a.jsonl")
    assert lines == [
        "keras-parity: keras3 on CPU",
        "  checks     16,465 about 2,903 cases of tier standard",
        "  modes      eager, xla",
        "  deviations none are known",
        "  ledger     a.jsonl",
    ]
    fuller = {**options, "switches": {"onednn": "off"}, "deviations": "deviations.toml"}
    lines = terminal_output.describe_plan(fuller, "3 named cases", 12, 4000, "a.jsonl")
    assert "  answered   4,000 before, and kept" in lines and "  switches   onednn=off" in lines
    (line,) = terminal_output.describe_subject(HEADER)
    assert line == (
        "  subject    Keras 3.15.1, TensorFlow 2.21.0, backend tensorflow, device CPU:0, tf32 on, Python 3.11.7, "
        "1 known deviation"
    )


def test_the_summary_lists_new_causes_first_with_their_smallest_case() -> None:
    """Known deviations are one line unless -v is given; the totals add up."""
    least = {"case": "b1-i1-float32", "expected": {}, "observed": {"differs": 1}}
    rows: list[ledger.Row] = [
        row("b9-i9-float32"),
        *(row("b%d-i4-float32" % n, "mismatch", diagnosis="shifted") for n in (3, 2)),
        row("b5-i5-float32", "mismatch", diagnosis="shifted", smallest=least),
        *(row("b%d-i7-float32" % n, "mismatch", known_deviation="old") for n in range(7)),
        row("b1-i2-float32", "not-run", observed={"reason": "no XLA here"}),
    ]
    texts = [text for _, text in terminal_output.describe_summary(HEADER, rows)]
    assert texts == [
        "Mismatches not listed: 3 checks, 1 cause",
        "      3  mismatches         shifted",
        "         smallest: KERAS_BACKEND=tensorflow pytest suites/forward --subject keras3 --mode eager"
        " --case b1-i1-float32",
        "Known deviations: 7 checks, 1 cause (-v lists them)",
        "Not run: 1 check, 1 cause",
        "      1  not run            no XLA here",
        "12 of 60 checks = 1 agree + 7 known deviations + 3 mismatches + 1 not run",
        "48 checks have no answer: repeat the call with --resume to complete the run",
    ]
    compared = [row("b%d-i1-float32" % n, "mismatch", compared=label) for n, label in ((1, "new"), (2, "as before"))]
    accepted = row("b3-i1-float32", "mismatch", known_deviation="baseline", compared="as before", diagnosis="shifted")
    texts = [text for _, text in terminal_output.describe_summary(HEADER, [*compared, accepted])]
    assert [text for text in texts if "cause" in text] == [
        "New mismatches: 1 check, 1 cause",
        "Mismatches not listed: 1 check, 1 cause",
        "As in the baseline: 1 check, 1 cause (-v lists them)",
    ]
    assert "1 as in the baseline" in texts[-2]
    assert "      7  known deviations   old" in [
        text for _, text in terminal_output.describe_summary(HEADER, rows, True)
    ]


def test_the_summary_lists_the_most_frequent_causes_and_counts_the_others() -> None:
    """With -v it lists all."""
    rows = [row("b%d-i1-float32" % n, "mismatch", diagnosis="d%d" % (n // 2)) for n in range(43)]
    texts = [text for _, text in terminal_output.describe_summary(HEADER, rows)]
    assert sum("smallest" in text for text in texts) == terminal_output.LISTED
    assert "         and 2 further causes of 3 checks (-v lists them)" in texts
    assert sum("smallest" in text for _, text in terminal_output.describe_summary(HEADER, rows, True)) == 22


def test_the_summary_says_how_many_checks_compared_a_sample() -> None:
    """Agreement at a sample is not agreement of every entry, so it is counted; without one there is no such line."""
    whole = row("b1-a")
    sampled = row("b1-b", measured={"compared": {"output": "9 of 99"}})
    header = {**HEADER, "planned": 2}
    lines = [line for _, line in terminal_output.describe_summary(header, [whole, sampled])]
    assert lines == ["2 of 2 checks = 2 agree", "1 check compared a sample of the entries"]
    assert [text for _, text in terminal_output.describe_summary(header, [whole])] == [
        "1 of 2 checks = 1 agree",
        "1 check has no answer: repeat the call with --resume to complete the run",
    ]


def test_the_progress_line_counts_checks_and_estimates_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of an earlier run count, but not for the time; the line is removed at the end."""
    assert terminal_output.progress_text(4310, 16465, 3, 130.2) == "4,310 of 16,465 checks, 3 not listed, 2:10 left"
    assert terminal_output.progress_text(1, 2, 1, 3725) == "1 of 2 checks, 1 not listed, 1:02:05 left"
    now = [0.0]
    monkeypatch.setattr("reports.ledger.terminal_output.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    counter = terminal_output.Counter(100, 60, stream)
    for number in range(60):
        now[0] += 2
        counter.count(row("c%d" % number, "mismatch" if number % 10 == 0 else "agree"))
    lines = stream.getvalue().split("\r")
    assert lines[1].rstrip() == "101 of 160 checks, 1 not listed"  # too early for an estimate
    assert lines[20].rstrip() == "120 of 160 checks, 2 not listed, 1:20 left"
    assert lines[-2].strip() == lines[-1] == ""


def on_a_terminal(*arguments: object) -> tuple[int, str]:
    """Run pytest on a pseudo-terminal; return its exit status and output."""
    controller, terminal_end = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_PARITY", "PYTEST", "CI"))}
    # Other plugins are loaded as for a user, but with xdist, whose workers would start slowly.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if "-n" in arguments else {}
    environment = {**clean, **alone, "TERM": "xterm", "COLUMNS": "80"}
    running = ForkedRun(["suites/forward", *map(str, arguments)], environment, str(ROOT), terminal_end)
    os.close(terminal_end)
    output = b""
    while True:
        try:
            part = os.read(controller, 4096)
        except OSError:  # Linux raises this when the other end is closed
            break
        if not part:
            break
        output += part
    os.close(controller)
    return running.wait(60), output.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "1"]], ids=["alone", "xdist"])
def test_a_run_has_a_progress_line_on_a_terminal_and_dots_in_a_log(tmp_path: Path, workers: list[str]) -> None:
    """Ledger rows and exit status are the same."""
    chosen = [case for case in cases_of_tier("smoke") if not case.use_bias][:2] + [Case.parse(BIASED)]
    path = tmp_path / "cases.txt"
    path.write_text("\n".join(case.id for case in chosen), encoding="utf-8")
    common = [
        "--case=@%s" % path,
        "--subject",
        "numpy_layer:bias-missing",
        "--ledger=%s" % (tmp_path / "a.jsonl"),
        *workers,
    ]
    common += ["--tb=no", "-r", "N"]
    status, text = on_a_terminal(*common)
    planned, counted, ended = text.index("checks     3 about 3 named cases"), text.index("of 3 checks,"), len(text)
    assert status == 1, text
    assert (
        planned
        < text.index("subject    backend numpy")
        < counted
        < text.index("Mismatches not listed: 1 check")
        < ended
    )
    between = re.sub(r"\x1b\[[0-9;]*m|\[100%\]", "", text[text.index("suite  ") : text.index("= keras-parity =")])
    for line in between.replace("\r", "\n").split("\n")[1:]:
        assert re.match(r"^( *|[1-3] of 3 checks, [01] not listed *|=+ ?)$", line), repr(line)
    assert "3 of 3 checks = 2 agree + 1 mismatches" in text
    assert ledger.read(tmp_path / "a.jsonl").end is not None
    status, log = call_pytest(*common)
    assert status == 1 and "of 3 checks," not in log and "\r" not in log
    dots = [line for line in log.split("\n") if line.rstrip().endswith("[100%]")]
    assert len(dots) == 1 and sorted(dots[0].split()[0]) == [".", ".", "F"]


BIASED = "b1-i2.2-c1-f1-k2.2-s1.1-d1.1-valid-onone-last-bias-linear-float32"
