"""Tests of the command ``model`` from end to end: a U-Net that Keras stores, loads and computes.

For ``tox exec -e latest -- python -m pytest suites/model``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
# A process of its own writes it, as a user does. 22 is no multiple of 16: two layers need output_padding.
_WRITE = """
import sys, keras
from examples.__main__ import set_biases
from examples.architectures import build_unet
model = build_unet(keras, 22, output_padding=(0, 1, 1, 0))
set_biases(model)
model.save(sys.argv[1])
"""
LAYERS = ["up3", "up2", "up1", "up0"]


@pytest.fixture(scope="module")
def unet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the .keras file of a U-Net for 22x22."""
    path = tmp_path_factory.mktemp("model") / "unet.keras"
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, str(path)], cwd=str(ROOT), capture_output=True, text=True, check=False
    )
    assert path.is_file(), done.stderr[-2000:]
    return path


def judge(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    """Return status and report of the command in mode eager."""
    status = main(["model", str(path), "--mode", "eager", "--json", *options])
    return status, json.loads(capsys.readouterr().out)


def test_each_layer_is_judged_on_its_data_and_by_its_configuration(
    unet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every layer is right, also after the round trips."""
    status, report = judge(unet, capsys)
    assert (status, report["error"], report["wrong"]) == (0, None, [])
    assert [layer["path"] for layer in report["layers"]] == LAYERS
    for layer, size in zip(report["layers"], (1, 2, 5, 11)):
        (verdict,) = layer["verdicts"]
        assert verdict["verdict"] == "agree" and 0 < verdict["error_in_bounds"] <= 1
        assert verdict["case"].startswith("b2-i%d.%d-" % (size, size))
        assert layer["checks"][verdict["case"]]["agree"] > 10
    assert report["shapes"]["conflicts"] == [] and report["written_by"] == report["environment"]["keras"]


@pytest.mark.parametrize(
    ("fault", "layer"), [("bias-missing", "up1"), ("output-padding-in-front", "up2"), ("filters-swapped", "up3")]
)
def test_a_fault_of_the_real_layer_is_found_in_its_layer_only(
    fault: str, layer: str, unet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layers before and behind it get and give other numbers, and are right."""
    options = ("--subject", "keras3:%s" % fault, "--fault-in", layer, "--only-data")
    status, report = judge(unet, capsys, *options)
    assert (status, report["wrong"]) == (1, [layer])
    wrong = {one["path"]: one["verdicts"][0]["error_in_bounds"] for one in report["layers"]}
    assert wrong.pop(layer) > 1 >= max(wrong.values())


def test_a_fault_in_a_layer_that_is_not_there_is_refused(unet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence has the nearest name."""
    options = ("--subject", "keras3:bias-missing", "--fault-in", "up9", "--only-data")
    status, report = judge(unet, capsys, *options)
    assert status == 3 and report["error"].startswith("--fault-in 'up9' is unknown; did you mean 'up")


def test_a_model_that_lost_its_output_padding_is_judged_as_far_as_data_flows(
    unet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shapes do not meet behind up2, so up1 and up0 have their configuration only."""
    path = tmp_path / "lost.keras"
    with zipfile.ZipFile(str(unet)) as whole, zipfile.ZipFile(str(path), "w") as lost:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "config.json":
                content = content.replace(b'"output_padding": [1, 1]', b'"output_padding": null')
            lost.writestr(name, content)
    status, report = judge(path, capsys)
    assert status == 1 and report["shapes"]["conflicts"][0].startswith("5 meets 4 at join2")
    assert [bool(layer["verdicts"]) for layer in report["layers"]] == [True, True, False, False]
    assert [bool(layer["configuration"]) for layer in report["layers"]] == [False, False, True, True]
    assert all(layer["checks"] and not layer["wrong"] for layer in report["layers"])
