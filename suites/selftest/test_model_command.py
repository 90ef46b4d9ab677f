"""Tests of the command ``model`` without a framework: files that are read, refused or damaged."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.__main__ import main
from fixtures.frameworks.loaded_model import describe_in_one_line
from fixtures.model.given_inputs import describe_wrong_inputs
from fixtures.model.model_cases import ModelCaseError, read_case_ids_of_model
from fixtures.model.other_cells_text import list_cells
from fixtures.model.stored_config import StoredModelError, read_stored_model
from suites.selftest.stored_configs import make_input, make_layer, make_model, make_unet


def write_keras_file(path: Path, config: Any, version: str = "3.15.1") -> Path:
    """Write a .keras file without weights, and return its path."""
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
    return path


def field(number: int, value: bytes) -> bytes:
    """Return a field of a protocol buffer with at most 2**14 bytes."""
    length = bytes([len(value)]) if len(value) < 128 else bytes([len(value) & 127 | 128, len(value) >> 7])
    return bytes([number << 3 | 2]) + length + value


def test_the_configuration_is_read_from_every_kind_of_file(tmp_path: Path) -> None:
    """A .keras file, a JSON text, and the metadata that Keras 2 writes beside a SavedModel."""
    config = make_unet(64, 1)
    stored = read_stored_model(write_keras_file(tmp_path / "a.keras", config))
    assert (stored.kind, stored.config, stored.writer, stored.code) == ("keras", config, "3.15.1", "")
    (tmp_path / "a.json").write_text(json.dumps(config), encoding="utf-8")
    assert read_stored_model(tmp_path / "a.json").kind == "json"
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"")
    # There a tuple is an object.
    content = json.dumps(config).replace("[null, 64, 64, 3]", '{"class_name": "__tuple__", "items": [null, 64, 64, 3]}')
    assert "__tuple__" in content
    root = field(3, b"root") + field(5, content.encode("utf-8"))
    (folder / "keras_metadata.pb").write_bytes(field(1, root))
    assert read_stored_model(folder).config == config


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (make_unet(None), "64x64", "--input 64x64 lacks the channels: the model takes 3; write --input 64x64x3"),
        (make_unet(None), "64x64x1", "--input 64x64x1 has 1 channel, and the model takes 3; write --input 64x64x3"),
        (make_unet(None), "64", "--input 64 has 1 number, and the model takes 3; write --input NxNx3"),
    ],
)
def test_an_input_without_its_channels_is_refused_in_one_sentence(
    model: Any, given: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence has the call that works; other lengths are not refused."""
    (tmp_path / "a.json").write_text(json.dumps(model), encoding="utf-8")
    assert main(["model", str(tmp_path / "a.json"), "--input", given]) == 4
    assert capsys.readouterr().err == "model: %s\n" % words
    assert describe_wrong_inputs(model, [(65, 63, 3)]) == ""


def test_a_file_that_is_no_model_or_is_missing_is_refused_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says which files are taken, or the folder and the nearest name in it."""
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "unet.keras").write_bytes(b"")
    assert main(["model", str(tmp_path / "note.txt")]) == 3
    text = capsys.readouterr().err
    assert "is no stored model: it is not JSON text" in text
    assert "give a .keras or HDF5 file, the folder of a SavedModel, or model.to_json() in a file" in text
    assert main(["model", str(tmp_path / "unte.keras")]) == 3
    text = capsys.readouterr().err
    assert "cannot be read: there is no such file in %s; did you mean 'unet.keras'?" % tmp_path in text
    assert main(["model", str(tmp_path / "nowhere" / "a.keras")]) == 3
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            ["explain", "--wnat", "89x89"],
            "python -m fixtures explain: error: unrecognized arguments: --wnat; did you mean --want? "
            "See python -m fixtures explain --help",
        ),
        (
            ["explain", "--colour", "red"],
            "python -m fixtures explain: error: unrecognized arguments: --colour; "
            "see python -m fixtures explain --help",
        ),
        (["explian"], "invalid choice: 'explian'; did you mean explain? See python -m fixtures --help"),
    ],
)
def test_a_mistyped_word_of_a_call_gets_the_nearest_one(
    call: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word that is near to none gets the way to the list."""
    with pytest.raises(SystemExit):
        main(call)
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_call_that_cannot_be_read_gets_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines of the usage would hide it."""
    with pytest.raises(SystemExit):
        main(["model", "a.json", "--input", "64by64"])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("argument --input: '64by64' is not a shape; write 358x358x3, without the batch")


def test_a_lambda_layer_is_found_at_any_depth(tmp_path: Path) -> None:
    """Loading it would execute its code."""
    inner = make_model([make_input(8, 8, 3), make_layer("code", "Lambda", "image")], "code")
    outer = make_model([make_input(8, 8, 3), {**inner, "name": "m", "inbound_nodes": [[["image", 0, 0, {}]]]}], "m")
    assert read_stored_model(write_keras_file(tmp_path / "a.keras", outer)).code == "Lambda"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"\xff" * 9, b'{"a": 1}', b"[" * 100000, b'"' * 3],
)
def test_a_damaged_file_ends_in_one_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 3."""
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert main(["model", str(path)]) == 3
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and printed.err.startswith("model: ")


def test_bytes_changed_at_random_raise_nothing_but_the_error_of_a_stored_model(tmp_path: Path) -> None:
    """One byte to five bytes of a .keras file and of a configuration are replaced."""
    rng = np.random.RandomState(3)
    path, sentences = tmp_path / "model", []
    whole = write_keras_file(tmp_path / "a.keras", make_unet(64, 1)).read_bytes()
    for content in (whole, json.dumps(make_unet(64, 1)).encode("utf-8")):
        for _ in range(150):
            damaged = np.frombuffer(content, np.uint8).copy()
            damaged[rng.randint(0, len(damaged), rng.randint(1, 6))] = rng.randint(0, 256)
            path.write_bytes(damaged.tobytes())
            try:
                read_stored_model(path)
            except StoredModelError as error:
                sentences.append(str(error))
    assert sentences and all(len(sentence.splitlines()) == 1 for sentence in sentences)


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
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stand-in for a crash ends the process where the input has five rows."""
    path = write_keras_file(tmp_path / "unet.keras", make_unet(10, 1, kernel=3))
    status, text = judge_with_numpy_layer(path, "crashes", capsys)
    assert status == 1 and "crashed in forward (eager): the process died of" in text


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


@pytest.mark.parametrize(
    "options",
    [
        ["--input", "358y358"],
        ["--input", "0x3"],
        ["--batch", "0"],
        ["--batch", "many"],
        ["--subject", "keras4"],
        ["--subject", "torch"],
        ["--mode", "eagre"],
        ["--switch", "onednn=of"],
    ],
)
def test_a_bad_call_ends_with_4(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before any file is read."""
    try:
        status = main(["model", "nowhere", *options])
    except SystemExit as error:
        status = int(error.code or 0)
    assert status == 4 and capsys.readouterr().err


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


def test_the_layers_of_a_model_are_named_cases(tmp_path: Path) -> None:
    """``pytest --model`` takes them from the configuration; a file without a layer is refused."""
    path = tmp_path / "unet.json"
    path.write_text(json.dumps(make_unet(64, 2)), encoding="utf-8")
    found = read_case_ids_of_model(str(path))
    assert found[0] == "b2-i16.16-c4-f4-k2.2-s2.2-d1.1-same-onone-last-bias-linear-float32" and len(found) == 2
    path.write_text(json.dumps(make_model([make_input(8, 8, 3)], "image")), encoding="utf-8")
    for refused in (path, tmp_path / "nowhere"):
        with pytest.raises(ModelCaseError):
            read_case_ids_of_model(str(refused))
