"""Which device a worker takes, and that an output elsewhere is a mismatch. No GPU is needed: the names are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.faults import find_fault
from fixtures.frameworks.adapter import Setting, SubjectUnavailable
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.option_values import check_options
from fixtures.run.pipeline import run_check
from fixtures.run.plugin import CheckPlugin
from reports.ledger.rerun import rerun_command

CASE = Case(2, (3, 4), 2, 3, (3, 2), (2, 1), (1, 1), "same")


class Machine:
    """A subject's process that has these devices."""

    def __init__(self, *devices: str) -> None:
        self.devices = devices

    def environment(self) -> dict[str, Any]:
        """As a subject would tell."""
        return {"devices": list(self.devices), "backend": "tensorflow", "switches": {}}


def taken(monkeypatch: pytest.MonkeyPatch, device: str, worker: str, *devices: str) -> str:
    """The device that a worker's header names."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    plugin = CheckPlugin(check_options({"device": device, "deviations": "none"}), (), True, rerun_command)
    return str(plugin._describe(Machine(*devices))["device"])  # type: ignore[arg-type]  # a stand-in


def test_workers_share_the_visible_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """In turn, and only those that the framework shows, which are those that the caller made visible."""
    visible = ("CPU:0", "GPU:0", "GPU:1")
    assert [taken(monkeypatch, "gpu", "gw%d" % n, *visible) for n in range(4)] == ["GPU:0", "GPU:1", "GPU:0", "GPU:1"]
    assert taken(monkeypatch, "GPU:1", "gw0", *visible) == "GPU:1"
    assert taken(monkeypatch, "cpu", "gw3", *visible) == "CPU:0"


def test_a_device_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is visible; the run then exits 3."""
    with pytest.raises(SubjectUnavailable, match="no device GPU for keras3; visible: CPU:0"):
        taken(monkeypatch, "gpu", "gw0", "CPU:0")


def test_a_silent_fallback_is_a_mismatch() -> None:
    """The output's own device counts, not the scope it was computed in."""
    verdict = run_check(Check("forward", CASE, "eager"), NumpyLayer(find_fault("on-another-device")), "GPU:0")
    assert (verdict.verdict, verdict.property) == ("mismatch", "placement")
    assert (
        run_check(
            Check("forward", CASE, "eager"), NumpyLayer(replace(find_fault("on-another-device"), device="")), "GPU:0"
        ).verdict
        == "agree"
    )


def test_the_number_of_a_device() -> None:
    """What a process must split its CPU for."""
    assert (Setting("CPU").number, Setting("CPU:1").number, Setting("GPU:3").number) == (0, 1, 3)
