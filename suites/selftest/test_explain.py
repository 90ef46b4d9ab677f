"""Tests of the commands ``explain`` and ``cases`` of ``python -m fixtures``."""

from __future__ import annotations

import pytest

from fixtures.__main__ import main
from fixtures.case import EXAMPLE_ID, Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.explain.explanation_text import explain_case


def run_explain(options: str) -> int:
    """Run ``explain`` with these options and return the exit status."""
    return main(["explain", *options.split()])


def test_explain_shows_the_output_of_a_strided_same_case(capsys: pytest.CaptureFixture[str]) -> None:
    """An input of 4x4 with kernel 5 and strides 2 gives 8x8 and not 12x12; the taps are drawn."""
    assert run_explain("--input 4x4 --kernel 5 --strides 2 --padding same --filters 3") == 0
    text = capsys.readouterr().out
    assert "gives (1, 8, 8, 3)" in text and "n s = 4 * 2 = 8" in text
    assert "x[0]   #[####....].." in text and "x[3]   .[.....###]##" in text
    assert "None: 8, 0: 7, 1: 8" in text


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
    assert "Depth: 2 cells" in explain_case(Case(1, (2, 2, 2), 1, 1, (1,) * 3, (1,) * 3, (1,) * 3))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("explain b2", "not a case id"),
        ("explain %s --kernel 3" % EXAMPLE_ID, "leave out --kernel"),
        ("explain --input=-4x4 --kernel 3", "at least 0"),
        ("explain --input 1x1x1x1 --kernel 3", "one to three lengths"),
        ("explain --input 4", "at least --input and --kernel"),
        ("explain --input four --kernel 2", "is no length"),
        ("explain --input 4x4 --kernel 1x2x3", "kernel_size has 3 entries but the input has 2"),
        ("cases --tier huge", "invalid choice"),
    ],
)
def test_explain_reports_bad_input_with_exit_status_2(
    arguments: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has no traceback."""
    try:
        status: object = main(arguments.split())
    except SystemExit as ended:  # argparse's own objections
        status = ended.code
    output = capsys.readouterr().err
    assert status == 4 and why in output and "Traceback" not in output


def test_the_command_cases_prints_one_case_id_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line is parsed as a case; ``--count`` prints their number."""
    main(["cases"])
    lines = capsys.readouterr().out.split()
    assert [Case.parse(line).id for line in lines] == lines
    main(["cases", "--count"])
    assert capsys.readouterr().out.startswith("%d cases: " % len(lines))
