"""Tests of stored models from other machines: files stay in their folder, and only transposed convolutions are
loaded.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any, Callable

import pytest

from fixtures.__main__ import main
from fixtures.case import EXAMPLE_ID
from fixtures.frameworks.artefact_content import refuse_unsafe_content
from fixtures.frameworks.artefacts import INDEX, ArtefactError, find_artefacts
from fixtures.frameworks.stored_models import read_model

LAYER = {"class_name": "Conv2DTranspose", "config": {"kernel_initializer": {"class_name": "GlorotUniform"}}}
LAMBDA = {"class_name": "Functional", "config": {"layers": [LAYER, {"class_name": "Lambda", "config": {}}]}}


def write_index(folder: Path, **changed: Any) -> Path:
    """Write an index with one stored configuration and return its folder; ``changed`` replaces fields of it."""
    folder.mkdir(exist_ok=True)
    (folder / "a.config").write_text(json.dumps(LAYER), encoding="utf-8")
    entry = {"case": EXAMPLE_ID, "format": "config", "file": "a.config"}
    index = {"writer": "here", "keras": "3.15.1", "artefacts": [{**entry, **changed.pop("entry", {})}], **changed}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"entry": {"file": "../secret"}}, "file must be one word .* and is '../secret'"),
        ({"entry": {"file": "/etc/passwd"}}, "file must be one word"),
        ({"entry": {"file": ".."}}, "file must be one word"),
        ({"entry": {"file": 3}}, "file must be one word .* and is 3"),
        ({"entry": {"file": "none"}}, "which is not there; store them again"),
        ({"entry": {"format": "confg"}}, "format 'confg' is unknown; did you mean 'config'"),
        ({"entry": {"case": "b2"}}, "not a case id"),
        ({"writer": "a b"}, "writer must be one word"),
        ({"writer": None}, "writer must be one word"),
        ({"keras": []}, "keras must be one word"),
        ({"artefacts": 3}, "it has no list of artefacts"),
        ({"artefacts": [3]}, "3 is not an artefact"),
    ],
)
def test_an_index_of_stored_models_with_a_wrong_field_is_refused(
    tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    """A file outside the folder, an unknown format and a wrong type are refused in one sentence before the run."""
    assert [one.case for one in find_artefacts([str(write_index(tmp_path / "good"))])] == [EXAMPLE_ID]
    (tmp_path / "secret").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtefactError, match=why):
        list(find_artefacts([str(write_index(tmp_path / "bad", **changed))]))


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100000, "\0"])
def test_a_file_that_is_not_an_index_of_stored_models_is_refused(tmp_path: Path, text: str) -> None:
    """The message is one sentence."""
    (tmp_path / INDEX).write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError, match="is not an index of stored models"):
        list(find_artefacts([str(tmp_path)]))


def test_links_and_named_pipes_as_stored_models_are_refused(tmp_path: Path) -> None:
    """A link may lead to another folder, and reading a pipe may never end."""
    folder = write_index(tmp_path / "linked")
    (tmp_path / "secret").write_text(json.dumps(LAYER), encoding="utf-8")
    (folder / "a.config").unlink()
    (folder / "a.config").symlink_to(tmp_path / "secret")
    with pytest.raises(ArtefactError, match="a link to another folder"):
        list(find_artefacts([str(folder)]))
    (folder / "a.config").unlink()
    os.mkfifo(str(folder / "a.config"))
    with pytest.raises(ArtefactError, match="not a regular file"):
        list(find_artefacts([str(folder)]))


def _write_lambda_model_as_json(path: Path) -> None:
    """Write a model with a Lambda layer as JSON."""
    path.write_text(json.dumps(LAMBDA), encoding="utf-8")


def _write_lambda_model_as_keras_file(path: Path) -> None:
    """Write a model with a Lambda layer as a .keras file, which is a zip archive."""
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("config.json", json.dumps(LAMBDA))


def _write_lambda_model_as_hdf5(path: Path) -> None:
    """Write a model with a Lambda layer as an HDF5 file."""
    with pytest.importorskip("h5py").File(str(path), "w") as file:
        file.attrs["model_config"] = json.dumps(LAMBDA)


@pytest.mark.parametrize(
    "write", [_write_lambda_model_as_json, _write_lambda_model_as_keras_file, _write_lambda_model_as_hdf5]
)
def test_a_stored_model_with_an_unexpected_class_is_not_loaded(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """A Lambda layer holds code, and Keras' safe mode does not cover HDF5. The class is found in every format."""
    folder = write_index(tmp_path / "models")
    write(folder / "a.config")
    with pytest.raises(ArtefactError, match="has the class 'Lambda', which python -m fixtures store does not write"):
        list(find_artefacts([str(folder)]))


def test_a_broken_stored_model_is_refused(tmp_path: Path) -> None:
    """Its first bytes may be those of a valid format."""
    for data in (b"", b"PK\x03\x04broken", b"\x89HDF\r\n\x1a\nbroken", b"\xff", b"[" * 100000):
        path = tmp_path / "broken"
        path.write_bytes(data)
        with pytest.raises((ValueError, OSError)):
            refuse_unsafe_content(path)


def test_stored_models_are_loaded_in_keras_safe_mode() -> None:
    """An older Keras that has no safe mode is called without the argument."""
    calls: list[dict[str, Any]] = []

    class Models:
        @staticmethod
        def load_model(path: str, safe_mode: bool = False) -> None:
            calls.append({"safe_mode": safe_mode})

    class OldModels:
        @staticmethod
        def load_model(path: str) -> None:
            calls.append({})

    for models in (Models, OldModels):
        tools = type("Tools", (), {"keras": type("Keras", (), {"models": models})})
        read_model(tools, "path", "", {}, (), ())
    assert calls == [{"safe_mode": True}, {}]


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is too long, a folder below a file, and links in a circle: one sentence, and exit status 3."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name in ("x" * 300, "file/below", "file", "circle"):
        assert main(["store", str(tmp_path / name), "--subject", "numpy_layer", "--as", "here"]) == 3
        assert "cannot be written: " in capsys.readouterr().err
