"""Tests of the commands ``explain`` and ``cases`` of ``python -m fixtures``."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from fixtures.__main__ import main
from fixtures.case import EXAMPLE_ID, Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.explain.answer import Refusal
from fixtures.explain.explanation_text import explain_case
from fixtures.run.options import ROOT


def run_explain(options: str) -> int:
    """Run ``explain`` with these options and return the exit status."""
    return main(["explain", *options.split()])


def test_explain_shows_the_output_of_a_strided_same_case(capsys: pytest.CaptureFixture[str]) -> None:
    """An input of 4x4 with kernel 5 and strides 2 gives 8x8 and not 12x12; the taps are drawn."""
    assert run_explain("--input 4x4 --kernel 5 --strides 2 --padding same --filters 3") == 0
    text = capsys.readouterr().out
    assert "gives (1, 8, 8, 3)" in text and "n s = 4 * 2 = 8" in text
    assert "x[0] #[####....].." in text and "x[3] .[.....###]##" in text
    assert "None: 8, 0: 7, 1: 8" in text and text.count("cells become") == 1  # both axes are equal


def test_explain_names_the_rule_that_refuses_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    """The output lists which values of output_padding would be accepted."""
    assert (
        main(
            [
                "explain",
                "--input",
                "4x3",
                "--kernel",
                "4x2",
                "--strides",
                "2",
                "--padding",
                "same",
                "--output-padding",
                "0",
            ]
        )
        == 0
    )
    text = capsys.readouterr().out
    assert "R8" in text and "0: 6 (refused, not admissible), 1: 7" in text


def test_every_smoke_case_can_be_explained() -> None:
    """The text of each case has the id of the case, or says that it must be refused."""
    for case in cases_of_tier("smoke"):
        assert case.id in explain_case(case) or "must be refused" in explain_case(case)


def test_explain_names_the_axes_of_one_and_three_dimensions() -> None:
    """One dimension has steps, three have a depth."""
    assert "Steps: 4 cells become 8" in explain_case(Case(1, (4,), 1, 1, (3,), (2,), (1,), "same"))
    assert "Depth, height and width: 2 cells" in explain_case(Case(1, (2, 2, 2), 1, 1, (1,) * 3, (1,) * 3, (1,) * 3))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("explain b2", "not a case id"),
        ("explain 0123456789", "no case of the standard tier has the hash"),
        ("explain %s --kernel 3" % EXAMPLE_ID, "leave out --kernel"),
        ("explain --input=-4x4 --kernel 3", "at least 0"),
        ("explain --input 1x1x1x1x1 --kernel 3", "takes height and width, and if you like"),
        ("explain --input 4", "at least --input and --kernel"),
        ("explain --input four --kernel 2", "is not a length"),
        ("explain --input 4x4 --kernel 2x2 --strides 1x2x3 --rank 2", "strides has 3 entries but the input has 2"),
        ("explain --input 4x4 --kernel 3 --padding smae", "did you mean 'same'"),
        ("explain --input 4x4 --kernel 3 --rank 4", "--rank must be 1, 2 or 3"),
        ("explain Conv2DTranspose", "is not a call; write its arguments"),
        ("explain --input 250x250 --kernel 3 --out 9x9", "unrecognized arguments: --out"),
        ("explain --inp 250x250 --kernel 3", "unrecognized arguments: --inp"),
        ("cases --tie smoke", "unrecognized arguments"),
        ("cases --tier huge", "invalid choice"),
    ],
)
def test_explain_reports_bad_input_with_exit_status_4(
    arguments: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has no traceback."""
    try:
        status: object = main(arguments.split())
    except SystemExit as ended:  # argparse's own objections
        status = ended.code
    output = capsys.readouterr().err
    assert status == 4 and why in output and "Traceback" not in output


def test_seven_by_seven_by_128_is_height_width_and_channels(capsys: pytest.CaptureFixture[str]) -> None:
    """It is never read as three spatial axes without ``--rank 3``; --output is the output, not output_padding."""
    assert run_explain("--input 7x7x128 --kernel 3 --output 250x250") == 0
    text = capsys.readouterr().out
    assert "height 7, width 7, channels 128; taken as a Conv2DTranspose" in text and "gives (1, 9, 9, 1)" in text
    assert "To get 250x250" in text and "kernel_size=244" in text
    assert run_explain("--input 7x7x128 --kernel 3 --rank 3") == 0
    assert "depth 7, height 7, width 128" in capsys.readouterr().out


def test_the_json_of_an_answer_has_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/explain.md lists every key of the answer, of its parts and of the releases."""
    assert run_explain("--input 4x4 --kernel 5 --strides 2 --padding same --want 7x7 --json") == 0
    answer = json.loads(capsys.readouterr().out)
    text = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_.]+)`", text, re.MULTILINE))
    parts = {"axes": "axes", "changes": "changes", "translations": "translations", "refusals": "refusals"}
    found = set(answer)
    for key in parts:
        found |= {"%s.%s" % (key, name) for one in answer[key] for name in one}
    found |= {"axes.choices." + name for name in answer["axes"][0]["choices"][0]}
    found |= {"axes.products." + name for name in answer["axes"][0]["products"]}
    found |= {"releases." + name for name in answer["releases"]}
    found |= {"releases.findings." + name for one in answer["releases"]["findings"] for name in one}
    assert {"refusals." + field.name for field in fields(Refusal)} <= documented
    assert found <= documented
    assert documented - found == {"refusals." + field.name for field in fields(Refusal)} | {
        "releases.refusing.because",
        "releases.refusing.releases",
    }


def test_the_command_cases_prints_one_case_id_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line is parsed as a case; ``--count`` prints their number."""
    main(["cases"])
    lines = capsys.readouterr().out.split()
    assert [Case.parse(line).id for line in lines] == lines
    main(["cases", "--count"])
    assert capsys.readouterr().out.startswith("%d cases: " % len(lines))
