"""A layer that does anything gets a verdict; a mistake of a suite is still a bug of the suite."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.faults import HEALTHY, find_fault
from fixtures.frameworks import layer_calls
from fixtures.frameworks.numpy_layer import NumpyLayer, NumpyTools
from fixtures.run.check_run import run_check
from suites.fuzz import layers
from suites.fuzz.faulty_layer import ATTRIBUTES, METHODS, FaultyLayer, make_raiser
from suites.fuzz.table import Table
from suites.promises import plain_functions
from suites.shapes import check as shapes

FORWARD = Check("forward", PLAIN, "eager")
PROMISE = Check("promises", PLAIN, "input-spec.after-build")
SUBJECTS = [NumpyLayer(HEALTHY), NumpyLayer(find_fault("bias-missing")), FaultyLayer("name", lambda value: 7, 0)]


@pytest.fixture(autouse=True)
def _no_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    """KeyboardInterrupt is of the layer, as in the subject's process, which ignores Ctrl-C."""
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_IGN)


def test_any_misbehaviour_is_a_verdict_about_the_layer() -> None:
    """Every kind is tried, in methods and attributes that the check uses."""
    table = Table()
    layers.run(table, 200, seed=1)
    assert table.good, [line.wrong for line in table.lines if line.wrong]
    assert len(table.lines) > 30


def test_the_fuzzer_notices_if_a_suite_is_blamed_for_a_value_of_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is switched off that repeats the call on a healthy layer, to tell whose mistake an exception is."""
    monkeypatch.setattr(layer_calls, "_fails_because_of_the_value", lambda error, control: False)
    table = Table()
    layers.run(table, 200, seed=1)
    assert not table.good


def test_every_method_and_attribute_is_used_by_a_check() -> None:
    """Otherwise its faults would be left out."""
    assert [name for name in (*METHODS, *ATTRIBUTES) if not layers.select_checks_that_use(name)] == []


@pytest.mark.parametrize("name", ["__init__", "from_config", "call", "built"])
def test_the_uses_of_all_names_are_recorded_at_once(name: str) -> None:
    """The same checks use a layer with this name alone replaced."""
    checks = [check for check in layers.make_checks() if check.suite in ("roundtrip", "shapes")]
    uses: list[Check] = []
    for check in checks:

        def note(value: Any, check: Check = check) -> Any:
            uses.append(check)
            return value

        run_check(check, FaultyLayer(name, note, 0), "CPU:0")
    assert uses and set(uses) == {check for check in layers.select_checks_that_use(name) if check in checks}


@pytest.mark.parametrize("subject", SUBJECTS, ids=["healthy", "fault", "misbehaving"])
@pytest.mark.parametrize("kind", [KeyError, TypeError, AttributeError])
def test_a_mistake_in_a_plain_function_is_a_bug_of_the_suite(
    monkeypatch: pytest.MonkeyPatch, kind: type[Exception], subject: NumpyLayer
) -> None:
    """It fails with a healthy layer too."""

    def raise_mistake(*_: Any) -> Any:
        raise kind("a mistake of the suite")

    monkeypatch.setattr(plain_functions, "make_layer_with_weights", raise_mistake)
    verdict = run_check(PROMISE, subject, "CPU:0")
    assert verdict.verdict == "suite-bug"


@pytest.mark.parametrize("subject", SUBJECTS, ids=["healthy", "fault", "misbehaving"])
def test_a_mistake_in_a_tool_is_a_bug_of_the_suite(monkeypatch: pytest.MonkeyPatch, subject: NumpyLayer) -> None:
    """The code that reads a layer's output fails, whatever the output is."""

    def raise_mistake(*_: Any) -> Any:
        raise IndexError("a mistake of the suite")

    monkeypatch.setattr(NumpyTools, "build", raise_mistake)
    assert run_check(FORWARD, subject, "CPU:0").verdict == "suite-bug"


def test_a_mistake_beside_the_reading_is_a_bug_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds even if the layer misbehaves, because the code that compares facts reads no value of a layer."""
    monkeypatch.setattr(shapes, "yield_patterns_of_unknown_lengths", lambda case: [None])
    subject = FaultyLayer("compute_output_shape", lambda value: None, 0)
    verdict = run_check(Check("shapes", PLAIN, "compute-output-shape"), subject, "CPU:0")
    assert verdict.verdict == "suite-bug"


def test_a_row_names_the_line_that_cannot_read_a_value() -> None:
    """The row names the exception, and the line that read the value."""
    subject = FaultyLayer("compute_output_shape", lambda value: None, 0)
    row = run_check(Check("shapes", PLAIN, "compute-output-shape"), subject, "CPU:0").to_row()
    assert row["verdict"] == "wrongly-rejected" and row["observed"]["error"] == "Unreadable"
    assert "cannot read what the layer returned: TypeError" in row["observed"]["message"]
    assert "suites/shapes/check.py, line " in row["observed"]["message"]


def test_ctrl_c_is_not_taken_for_an_error_of_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ctrl-C is not ignored, KeyboardInterrupt ends the run."""
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        run_check(FORWARD, FaultyLayer("call", make_raiser(KeyboardInterrupt), 0), "CPU:0")
