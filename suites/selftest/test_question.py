"""The command that asks a question again can be pasted, whatever the ledger says."""

from __future__ import annotations

import os
import shlex
from typing import Any
from unittest import mock

from fixtures.contract.migration import VARIABLE
from fixtures.message import message
from reports.question import again
from suites.selftest.ledgers import CASES, RUN, row

ODD = "a b; touch 'x' $(id) `id` && \\ \" |\n#"


def test_every_word_of_a_command_stays_one_word() -> None:
    """Read as a shell reads it."""
    hostile = row(ODD, suite=ODD, mode=ODD)
    run: dict[str, Any] = {**RUN, "subject": ODD, "device": ODD, "asked": {"switches": {"tf32": ODD}}}
    assert shlex.split(again(hostile, run)) == [
        *("pytest", "suites/test_%s.py" % ODD, "--subject", ODD, "--mode", ODD, "--device", ODD),
        *("--switch=tf32=" + ODD, "--case", ODD),
    ]


def test_a_plain_command_has_no_quotes() -> None:
    """As it is typed."""
    run = {**RUN, "subject": "twin:crop-late", "device": "GPU:1", "asked": {"switches": {"tf32": "on"}}}
    wanted = (
        "pytest suites/test_forward.py --subject twin:crop-late --mode eager --device GPU:1 --switch=tf32=on --case "
    )
    assert again(row(CASES[0]), run) == wanted + CASES[0]


def test_stored_models_are_asked_again_where_they_are() -> None:
    """In a folder of any name; where the ledger names none, none is given."""
    stored, folder = row(CASES[0], "mismatch", suite="migration"), "my models,others"
    assert "--artefacts=" + folder in shlex.split(again(stored, {**RUN, "asked": {"artefacts": folder}}))
    assert "--artefacts" not in again(row(CASES[0]), {**RUN, "asked": {"artefacts": folder}})
    assert "--artefacts" not in again(stored, RUN)
    with mock.patch.dict(os.environ, {VARIABLE: folder}):
        assert "--artefacts=" + folder in shlex.split(message(stored, "keras3").splitlines()[-1])
