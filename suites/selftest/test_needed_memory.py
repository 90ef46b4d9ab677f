"""Tests of the memory estimate: a check that does not fit into memory is not run, and its reason has the numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare import check_cost
from fixtures.compare.check_cost import (
    DENSE_PRODUCTS,
    choose_grids_of_sample,
    estimate_needed_memory,
    explain_why_too_large,
)
from fixtures.compare.evidence import NoAnswer
from fixtures.faults import HEALTHY
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.hardware import cores_and_memory
from fixtures.hardware.cores_and_memory import free_memory, free_memory_for
from fixtures.run.check_run import run_check

SMALL = Case(2, (4, 5), 3, 2, (3, 2), (2, 1), (1, 1))
UNET = Case(16, (28, 28), 1024, 512, (2, 2), (2, 2), (1, 1), "same")
HUGE = Case(1, (3, 3), 1, 1, (2, 2), (10**9, 1), (1, 1))


def test_the_memory_estimate_grows_with_the_arrays() -> None:
    """A small check needs half a GiB; a published layer needs between 1 and 6 GiB."""
    assert estimate_needed_memory(SMALL, "output") == pytest.approx(0.5, abs=0.01)
    assert 1 < estimate_needed_memory(UNET, "output") < estimate_needed_memory(UNET, "gradients") < 6
    assert estimate_needed_memory(HUGE, "output") > 60


@pytest.mark.parametrize("suite", ["forward", "gradients", "special"])
def test_a_check_that_does_not_fit_into_memory_is_not_run(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has the needed and the free memory, shared among the processes; with enough memory the check runs."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "1")
    monkeypatch.setattr(check_cost, "free_memory_for", lambda needed: 0.2)
    verdict = run_check(Check(suite, SMALL, "eager"), NumpyLayer(HEALTHY), "CPU:0")
    assert (verdict.verdict, verdict.observed) == (
        "not-run",
        NoAnswer("this check needs about 0.5 GiB of memory; 0.2 GiB are free"),
    )
    needs: list[float] = []

    def note_need(needed: float) -> float:
        needs.append(needed)
        return 0.8

    monkeypatch.setattr(check_cost, "free_memory_for", note_need)
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "2")
    assert explain_why_too_large(SMALL, "output").endswith("0.4 GiB are free for each of 2 processes")
    assert needs == [2 * estimate_needed_memory(SMALL, "output")]
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "1")
    assert run_check(Check(suite, SMALL, "eager"), NumpyLayer(HEALTHY), "CPU:0").verdict == "agree"
    monkeypatch.setattr(check_cost, "free_memory_for", lambda needed: None)  # a system that does not report it
    assert not explain_why_too_large(HUGE, "output")


def test_checks_of_refusals_and_of_the_contract_run_without_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused case computes nothing, however large it is, and the cases of the contract are small."""
    monkeypatch.setattr(check_cost, "free_memory_for", lambda needed: 0.0)
    refused = replace(HUGE, dilation_rate=(2, 1))
    assert run_check(Check("rejection", refused, "eager"), NumpyLayer(HEALTHY), "CPU:0").verdict == "agree"
    assert run_check(Check("signature", PLAIN, "constructor.names"), NumpyLayer(HEALTHY), "CPU:0").verdict == "agree"


def test_a_reference_with_too_many_products_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients through relu need every output, so a sample is not enough and the check is not run."""
    monkeypatch.setattr(check_cost, "free_memory_for", lambda needed: None)  # what this machine has does not matter
    assert (
        choose_grids_of_sample(SMALL, "gradients") is None
        and choose_grids_of_sample(replace(UNET, batch=4), "output") is None
    )
    assert (
        choose_grids_of_sample(replace(UNET, batch=4), "gradients") is not None
        and choose_grids_of_sample(UNET, "output") is not None
    )
    relu = replace(UNET, batch=32, activation="relu")
    assert explain_why_too_large(relu, "output") == ""
    assert "products; the limit is %.2g" % DENSE_PRODUCTS in explain_why_too_large(relu, "gradients")


def test_free_memory_is_the_lesser_of_the_control_groups_and_the_systems(tmp_path: Path) -> None:
    """The result is None if neither reports its memory."""
    system = tmp_path / "meminfo"
    assert free_memory(tmp_path, system) is None
    system.write_text("MemTotal: 9000000 kB\nMemAvailable: 4194304 kB\n", encoding="ascii")
    assert free_memory(tmp_path, system) == 4.0
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("%d\n" % 2**30, encoding="ascii")
    assert free_memory(tmp_path, system) == 4.0
    (tmp_path / "memory.max").write_text("%d\n" % (3 * 2**30), encoding="ascii")
    assert free_memory(tmp_path, system) == 2.0
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file %d\n" % 2**29, encoding="ascii")
    assert free_memory(tmp_path, system) == 2.5


def test_free_memory_is_read_anew_after_a_second_and_for_a_large_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small check takes what was read in the last second. A system that does not report it is asked each time."""
    now, numbers = [100.0], iter([4.0, 3.0, 2.0, None, None])
    monkeypatch.setattr(cores_and_memory, "free_memory", lambda: next(numbers))
    monkeypatch.setattr(cores_and_memory, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(cores_and_memory._LastReading, "at", 0.0)
    assert free_memory_for(0.5) == free_memory_for(2.0) == 4.0
    assert free_memory_for(2.1) == free_memory_for(0.5) == 3.0
    now[0] += 1
    assert free_memory_for(0.5) == 2.0
    now[0] += 1
    assert free_memory_for(0.5) is free_memory_for(0.5) is None and next(numbers, "none left") == "none left"
