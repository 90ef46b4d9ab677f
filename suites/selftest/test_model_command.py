"""Tests of the command ``model`` without a framework: what it answers about configurations, and before a migration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.__main__ import main
from fixtures.frameworks.loaded_model import describe_in_one_line
from fixtures.model import checks
from fixtures.model.other_cells_text import list_cells
from suites.selftest.stored_configs import make_input, make_layer, make_model, make_unet, write_keras_file


def test_a_configuration_is_answered_without_a_framework(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where shapes do not meet the status is 1; the NumPy layer loads no models, which is said."""
    path = tmp_path / "unet.json"
    path.write_text(json.dumps(make_unet(358)), encoding="utf-8")
    assert main(["model", str(path), "--subject", "numpy_layer", "--only-data"]) == 1
    text = capsys.readouterr().out
    assert "numpy_layer loads no models" in text and "Would it load there?" in text
    assert "up2 (Conv2DTranspose): not judged" in text
    assert text.splitlines()[-3].startswith("The shapes do not meet: 88 meets 89 at join2")
    path.write_text(json.dumps(make_unet(360)), encoding="utf-8")
    assert main(["model", str(path), "--subject", "numpy_layer", "--only-data", "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["error"] == "the subject numpy_layer loads no models" and report["shapes"]["conflicts"] == []
    assert set(report["elsewhere"]) == {"up0", "up1", "up2"}


def judge_with_numpy_layer(path: Path, fault: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return status and text of the command for a file and the NumPy layer with that fault, in one mode."""
    subject = "numpy_layer:%s" % fault if fault else "numpy_layer"
    status = main(["model", str(path), "--subject", subject, "--mode", "eager"])
    return status, capsys.readouterr().out


def test_the_configurations_of_a_model_that_is_not_loaded_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A layer with a fault is wrong, and the report says as if what; the status of a wrong layer goes first."""
    path = write_keras_file(tmp_path / "unet.keras", make_unet(8, 1, kernel=3))
    status, text = judge_with_numpy_layer(path, "", capsys)
    assert status == 3 and "up0 (Conv2DTranspose): right by its configuration" in text
    assert text.endswith("1 of 1 transposed convolutions are right: 1 by the configuration only.\n")
    status, text = judge_with_numpy_layer(path, "kernel-flipped-width", capsys)
    assert status == 1 and "up0 (Conv2DTranspose): WRONG" in text
    assert "wrong values in forward (eager): as if the kernel is flipped along the width" in text
    assert text.endswith("1 of 1 transposed convolutions are wrong: up0.\n")


def test_the_report_says_what_a_layer_does_in_place_of_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in for a crash ends the process where the input has five rows.

    Two suites are enough, of which the second needs a new process; with all suites, each of their checks needs one.
    """
    monkeypatch.setattr(checks, "SUITES", ("forward", "gradients"))
    path = write_keras_file(tmp_path / "unet.keras", make_unet(10, 1, kernel=3))
    status, text = judge_with_numpy_layer(path, "crashes", capsys)
    assert status == 1 and "crashed in forward (eager): the process died of" in text
    assert "0 agree, 2 crashed" in text and "crashed in gradients (eager): the process died of" in text


def test_a_model_with_code_is_judged_by_its_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is executed."""
    layers = [
        make_input(4, 4, 3),
        make_layer("up", "Conv2DTranspose", "image", filters=2, kernel_size=[3, 3], strides=[2, 2], padding="same"),
        make_layer("code", "Lambda", "up"),
    ]
    path = write_keras_file(tmp_path / "code.keras", make_model(layers, "code"))
    status, text = judge_with_numpy_layer(path, "", capsys)
    assert (
        status == 3 and "it holds code (Lambda)" in text and "up (Conv2DTranspose): right by its configuration" in text
    )


@pytest.mark.parametrize(("writer", "lost"), [("3.8.0", True), ("3.15.1", False), ("2.15.0", False)])
def test_a_file_that_lost_output_padding_says_so(
    writer: str, lost: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keras 3 before 3.15 does not store the argument; other releases always do."""
    config = make_unet(9, 1)
    for layer in config["config"]["layers"]:
        if lost:
            layer["config"].pop("output_padding", None)
    path = write_keras_file(tmp_path / "unet.keras", config, writer)
    assert main(["model", str(path), "--subject", "numpy_layer", "--only-data"]) == 1
    assert ("Keras %s did not store output_padding. If up0 had" % writer in capsys.readouterr().out) == lost


def test_cells_that_follow_one_another_are_listed_by_their_ends() -> None:
    """Only those of one kind, and three or more."""
    order = ["a1-x", "a2-x", "a3-x", "a4-x", "a1-y", "a2-y"]
    assert list_cells(order, order) == "a1-x to a4-x, a1-y, a2-y"
    assert list_cells(["a4-x", "a1-x", "a2-x"], order) == "a1-x, a2-x, a4-x"


def test_a_long_message_of_keras_keeps_its_start_and_its_end() -> None:
    """The configuration between them is cut out, and what TensorFlow puts in front of its messages."""
    message = "{{function_node __wrapped__X}} Error of 'Conv2DTranspose' using config={%s}.\n\nException: 'groups'"
    text = describe_in_one_line(TypeError(message % ("'name': 1, " * 100)))
    assert text.startswith("TypeError: Error of 'Conv2DTranspose'") and text.endswith("Exception: 'groups'")
    assert len(text) < 350
    located = "Could not locate class 'Mine'. Full object config: {'module': 'm'}"
    assert describe_in_one_line(TypeError(located)) == "TypeError: Could not locate class 'Mine'."


def test_the_advice_of_a_migration_names_the_layer_the_cause_and_its_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keras 3.12 on torch shifts padding same with an odd crop, and Keras 3.15 does not; kernel 2 has no odd crop."""
    path = tmp_path / "unet.json"
    path.write_text(json.dumps(make_unet(64, 1, kernel=3)), encoding="utf-8")
    call = ["model", str(path), "--subject", "numpy_layer"]
    assert main([*call, "--from", "keras3.15-torch", "--to", "keras3.12-torch"]) == 1
    text = capsys.readouterr().out
    assert "up0: new in keras3.12-torch" in text and "keras-team/keras/pull/22876" in text
    assert main([*call, "--from", "keras3.12-torch", "--to", "keras3.15-torch"]) == 0
    assert "up0: ends: only in keras3.12-torch" in capsys.readouterr().out
    assert main([*call, "--from", "keras3.12-torch"]) == 4
    assert main([*call, "--from", "keras3.12-torch", "--to", "keras9-torch"]) == 4


def test_a_change_of_every_layer_is_listed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keras 2 loads the bias of a layer that does not fit; that is no change of one layer, and no status."""
    path = tmp_path / "unet.json"
    for levels, last in ((3, ""), (1, "Nothing else is known that changes for this layer.\n")):
        path.write_text(json.dumps(make_unet(64, levels)), encoding="utf-8")
        call = ["model", str(path), "--subject", "numpy_layer", "--from", "tf2.10-tfkeras", "--to", "keras3.15-torch"]
        assert main(call) == 0
        text = capsys.readouterr().out
        title = "skip_mismatch of Keras 2 loads the bias of a layer whose kernel does not fit"
        assert text.count(title) == 1 and "\nevery layer: ends: only in tf2.10-tfkeras\n" in text
        assert text.endswith(last)
    assert main([*call, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["changes"] == [] and "ends" in {one["when"] for one in answer["every_layer"]}
