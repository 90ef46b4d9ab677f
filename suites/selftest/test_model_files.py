"""Tests of stored models that the command ``model`` reads, refuses, or finds damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fixtures.__main__ import main
from fixtures.model.model_cases import ModelCaseError, read_case_ids_of_model
from fixtures.model.stored_config import StoredModelError, read_stored_model
from suites.selftest.stored_configs import make_input, make_layer, make_model, make_unet, write_keras_file


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
