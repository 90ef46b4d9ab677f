"""Tests of the short code of a cause, of the bias drawn from a recipe, and of the texts of issues."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.facts.check_details import make_check_details, shows_geometry
from reports.facts.issue_text import make_issue
from reports.facts.redrawn_bias import find_bias
from reports.facts.short_code import make_short_code
from suites.selftest.ledgers import CASES, RUN, make_row

SNIPPET = """\
import os
os.environ['KERAS_BACKEND'] = 'NAME'
import tensorflow as tf
import keras
cast = keras.ops.cast
to_float = lambda y: keras.ops.convert_to_numpy(keras.ops.cast(y, 'float64'))
import numpy as np

rng = np.random.RandomState(7)
x = rng.randint(-7, 8, (1, 3, 4, 1)) * 1.0
kernel = rng.randint(-7, 8, (2, 2, 1, 1)) * 1.0
bias = rng.permutation(3) % 14 - 7.0
bias += bias >= 0

def unneeded(x):
    return x

expected = {'output': unneeded(x)}
stage = 'construction'
try:
    layer = keras.layers.Conv2DTranspose(filters=3, kernel_size=(2, 2), strides=(1, 1), dilation_rate=(1, 1), padding='same', output_padding=None, data_format='channels_first', use_bias=True, activation='linear', dtype='float32')
    stage = 'build'
    layer.build((1, 1, 3, 4))
    layer.set_weights([kernel, bias])
    stage = 'call'
    call = call = layer
    observed = {'output': call(cast(np.moveaxis(x, -1, 1), 'float32'))}
except Exception as error:
    print('refused', error)
else:
    print('mismatch')
"""  # noqa: E501 - the line of the layer is as long in a ledger
GEOMETRY = {"axis": "width", "n": 3, "k": 2, "s": 1, "d": 1, "ke": 2, "full": 4, "crop": 0, "m": 3}
FURTHER: dict[str, Any] = {"output_padding": None, "gained": [0, 0], "rules": {}}


def make_snippet_row(
    verdict: str, property: str = "values", backend: str = "tensorflow", **more: Any
) -> dict[str, Any]:
    """Return a row with a snippet."""
    return make_row(CASES[0], verdict, property=property, snippet=SNIPPET.replace("NAME", backend), **more)


def test_a_refusal_takes_three_lines() -> None:
    """Arguments that have their default are left out, and the comment says what happens and what should."""
    refusal = {"stage": "call", "error": "ValueError", "message": "no"}
    lines = make_short_code(make_snippet_row("wrongly-rejected", "rejection", observed=refusal)).splitlines()
    layer = "keras.layers.Conv2DTranspose(filters=3, kernel_size=(2, 2), padding='same', data_format='channels_first')"
    assert lines == [
        "import keras, numpy as np",
        "layer = " + layer,
        "print(layer(np.zeros((1, 1, 3, 4), 'float32')).shape)  # ValueError; it must give the shape (1, 3, 5, 1)",
    ]


def test_another_backend_is_chosen_first() -> None:
    """Keras' own default needs no line."""
    lines = make_short_code(make_snippet_row("crashed", backend="torch", observed={"reason": "it died"})).splitlines()
    assert lines[:2] == ["import os", "os.environ['KERAS_BACKEND'] = 'torch'"] and len(lines) == 5


def test_wrong_numbers_come_with_their_data_and_the_expected_ones() -> None:
    """The code runs with a stand-in for Keras, prints what the layer gives, and has no code of the reference."""
    entries = [{"at": [0, 1, 2, 0], "value": 5.0}]
    code = make_short_code(make_snippet_row("mismatch", expected={"entries": entries}))
    assert "unneeded" not in code and "bias += bias >= 0" in code
    assert code.endswith("print(found[0, 1, 2, 0], 'expected', 5.0)\n")
    assert code.count("call = layer") == 1 and "call = call" not in code


@pytest.mark.parametrize(
    "snippet", [None, "", "not python (", "# No snippet: so", "print(1)", "try:\n    pass\nexcept E:\n    pass"]
)
def test_another_form_has_no_short_code(snippet: str | None) -> None:
    """The page then shows the snippet itself."""
    assert make_short_code(make_row(CASES[0], "mismatch", snippet=snippet)) == ""


def test_a_check_of_one_argument_shows_that_argument_even_if_it_is_a_default() -> None:
    """The call is that of the check, whose arguments are a dictionary."""
    snippet = """import keras
import numpy as np
try:
    use_argument(tools, kind='Conv2DTranspose', arguments={'filters': 2, 'kernel_size': (3, 2), 'use_bias': True},
                 input_shape=(2, 4, 5, 3), argument='strides', given=10**9, weights=None, x=x)
except Exception as error:
    pass
"""
    code = make_short_code(make_row(CASES[0], "wrongly-accepted", property="rejection", snippet=snippet))
    assert "Conv2DTranspose(filters=2, kernel_size=(3, 2), strides=10 ** 9)" in code
    assert code.splitlines()[-1].endswith("# is accepted; it must be refused")


def test_the_bias_is_drawn_again_as_the_snippet_draws_it() -> None:
    """Another recipe gives none, and nothing of it is executed."""
    rng = np.random.RandomState(7)
    rng.randint(-7, 8, (1, 3, 4, 1)), rng.randint(-7, 8, (2, 2, 1, 1))
    bias = rng.permutation(3) % 14 - 7.0
    bias += bias >= 0
    assert find_bias(SNIPPET) == bias.tolist()
    assert find_bias(SNIPPET.replace("x = rng.randint", "x = open('/etc/passwd') or rng.randint")) == []
    assert find_bias(SNIPPET.replace("(1, 3, 4, 1)", "(1, 90000, 90000, 1)")) == []
    assert find_bias("") == find_bias("rng = np.random.RandomState(7)") == []
    shown = make_check_details(make_snippet_row("mismatch", diagnosis="bias-along-width"), RUN)
    assert shown.bias == bias.tolist() and not make_check_details(make_snippet_row("mismatch"), RUN).bias


def test_the_drawing_is_of_a_case_that_shows_the_geometry_and_not_of_a_refusal() -> None:
    """Three input cells and two taps are needed on some axis."""
    wide = make_row(CASES[3], "mismatch", expected={"geometry": [{**GEOMETRY, **FURTHER}]})
    small = make_row(CASES[0], "mismatch", expected={"geometry": [{**GEOMETRY, **FURTHER, "n": 2}]})
    assert shows_geometry(wide) and not shows_geometry(small)
    shown = make_check_details(small, RUN, row_of_geometry=wide)
    assert (shown.drawn_case, len(shown.drawings)) == (CASES[3], 1)
    assert make_check_details(wide, RUN, row_of_geometry=wide).drawn_case == ""
    refused = {**wide, "property": "rejection", "verdict": "wrongly-rejected"}
    assert make_check_details(refused, RUN).drawings == []


def test_a_fact_that_neither_side_has_takes_no_row() -> None:
    """A crash without output on stderr has no empty row."""
    crash = make_row(CASES[0], "crashed", expected={}, observed={"reason": "died", "stderr": ""})
    assert make_check_details(crash, RUN).sides == [("reason", "", "died")]


@pytest.mark.parametrize(
    ("owner", "project", "headings"),
    [
        (
            "Keras",
            "Keras",
            [
                "**System information**",
                "**Describe the current behavior**",
                "**Standalone code to reproduce the issue**",
            ],
        ),
        (
            "TensorFlow",
            "TensorFlow",
            ["### Issue Type", "### Current Behaviour?", "### Standalone Code to Reproduce the Issue"],
        ),
        ("XLA", "XLA", ["### TensorFlow Version"]),
        (
            "oneDNN",
            "oneDNN",
            ["# Summary", "# Version", "# Steps to reproduce", "# Observed behavior", "# Expected behavior"],
        ),
        ("torch", "torch", ["### 🐛 Describe the bug", "### Versions"]),
        ("JAX", "JAX", ["### Description", "### System info"]),
        ("OpenVINO", "OpenVINO", ["### OpenVINO Version", "### Issue description"]),
        ("", "Keras", ["**System information**"]),
    ],
)
def test_an_issue_has_the_form_of_its_project(owner: str, project: str, headings: list[str]) -> None:
    """It has the title, both sides, the code and the versions."""
    entries = [{"at": [0], "value": 5.0}]
    details = make_check_details(
        make_snippet_row("mismatch", expected={"entries": entries}, observed={"entries": [{"at": [0], "value": 6.0}]}),
        RUN,
    )
    run = {
        **RUN,
        "tensorflow": "2.21.0",
        "openvino": "2026.0",
        "platform": "Linux x86_64",
        "hardware": {"model": "A CPU", "gpus": []},
    }
    issue = make_issue("The bias is late", "It adds it late.", "bfloat16", owner, details, "print(1)", run)
    assert issue.project == project and issue.address.startswith("https://github.com/")
    assert issue.text.startswith("The bias is late\n")
    for part in (*headings, "It adds it late.", "bfloat16", "print(1)", "entry (0): 5.0", "entry (0): 6.0"):
        assert part in issue.text, part
