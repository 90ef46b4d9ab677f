"""Tests of devices: workers share the visible ones, and an output on another device is a mismatch. No GPU is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.faults import find_fault
from fixtures.frameworks.adapter import Setting, SubjectUnavailable
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.run.option_values import check_options
from fixtures.run.pipeline_start import describe_run

CASE = Case(2, (3, 4), 2, 3, (3, 2), (2, 1), (1, 1), "same")


class Machine:
    """A stand-in for a subject's process that sees these devices."""

    def __init__(self, *devices: str) -> None:
        self.devices = devices

    def environment(self) -> dict[str, Any]:
        """Return the facts that a subject reports, with these devices."""
        return {"devices": list(self.devices), "backend": "tensorflow", "switches": {}}


def find_device_in_header(monkeypatch: pytest.MonkeyPatch, device: str, worker: str, *devices: str) -> str:
    """Return the device that a worker writes into its header."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    run = check_options({"device": device, "deviations": "none"})
    return str(describe_run(run, Machine(*devices))["device"])  # type: ignore[arg-type]  # a stand-in for a subject


def test_workers_take_the_visible_gpus_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices that the caller hid are not used; a numbered device is used by every worker."""
    visible = ("CPU:0", "GPU:0", "GPU:1")
    assert [find_device_in_header(monkeypatch, "gpu", "gw%d" % n, *visible) for n in range(4)] == [
        "GPU:0",
        "GPU:1",
        "GPU:0",
        "GPU:1",
    ]
    assert find_device_in_header(monkeypatch, "GPU:1", "gw0", *visible) == "GPU:1"
    assert find_device_in_header(monkeypatch, "cpu", "gw3", *visible) == "CPU:0"


def test_a_missing_device_is_reported_with_the_visible_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run then ends with exit status 3."""
    with pytest.raises(SubjectUnavailable, match="no device GPU for keras3; visible: CPU:0"):
        find_device_in_header(monkeypatch, "gpu", "gw0", "CPU:0")


def test_an_output_on_another_device_is_a_mismatch() -> None:
    """The device of the output counts, and not the scope in which it was computed."""
    verdict = run_check(Check("forward", CASE, "eager"), NumpyLayer(find_fault("on-another-device")), "GPU:0")
    assert (verdict.verdict, verdict.property) == ("mismatch", "placement")
    assert (
        run_check(
            Check("forward", CASE, "eager"), NumpyLayer(replace(find_fault("on-another-device"), device="")), "GPU:0"
        ).verdict
        == "agree"
    )


def test_a_device_name_without_a_number_means_number_0() -> None:
    """The number is read from names such as GPU:3."""
    assert (Setting("CPU").number, Setting("CPU:1").number, Setting("GPU:3").number) == (0, 1, 3)
