"""Tests of calls of the command ``model`` that cannot be used: each gets one sentence with the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.model.given_inputs import describe_wrong_inputs
from suites.selftest.stored_configs import make_unet


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
