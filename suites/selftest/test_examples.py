"""Tests of what is read from the report on an architecture, and of the faults that are put into them."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from examples.architectures import ARCHITECTURES
from examples.judge import FAULTS, Judgement, main, read_report
from fixtures.frameworks.patches.catalog import PATCHES


def make_report(**changed: Any) -> dict[str, Any]:
    """Return a report on one layer that was judged on its data."""
    layer = {"verdicts": [{"verdict": "agree"}], "checks": {}}
    return {"layers": [layer], "wrong": [], "shapes": {"conflicts": []}, "stage": None, **changed}


def read(report: dict[str, Any]) -> Judgement:
    """Return the judgement of a report, as tox prints it: with lines behind it."""
    return read_report("%s\n  cell: OK (1.0 seconds)\n" % json.dumps(report, indent=2), 1.0)


def test_a_layer_that_was_not_judged_is_counted() -> None:
    """A layer has data, checks of its configuration, or nothing."""
    layers = [*make_report()["layers"], {"verdicts": [], "checks": {"case": {}}}]
    found = read(make_report(layers=layers, stage="loading"))
    assert (found.layers, found.on_data, found.by_configuration, found.note) == (2, 1, 1, "cannot be loaded")
    assert found.is_complete
    assert not read(make_report(layers=[*layers, {"verdicts": [{"verdict": "not-run"}], "checks": {}}])).is_complete
    assert not read(make_report(layers=[])).is_complete


def test_each_architecture_has_a_fault_of_the_real_layer() -> None:
    """The faults are patches of Keras."""
    assert set(FAULTS) == set(ARCHITECTURES)
    assert {fault for fault, _ in FAULTS.values()} <= set(PATCHES)


@pytest.mark.parametrize("options", [["--architectures", "unet"], ["--written-by", "tf9"], ["--judged-by", "tf9"]])
def test_an_unknown_name_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is written."""
    with pytest.raises(SystemExit):
        main(options)
    assert "is unknown; known: " in capsys.readouterr().err
