"""Tests of the options of a run: they come from the command line or the environment and are validated first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import EXAMPLE_ID
from fixtures.cases.contract import PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.frameworks.families import modes_of_subject
from fixtures.run.blocks import Answered, yield_checks_left
from fixtures.run.metadata import explain_left_out_cases
from fixtures.run.option_values import check_options
from fixtures.run.options import OPTIONS, BadOption
from fixtures.suite_registry import HYPOTHESIS, select_checks, suites, variants_by_suite
from suites.selftest.pytest_in_process import call_pytest
from suites.selftest.pytest_runs import run_pytest


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables of the surrounding run, so that they do not change a test."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)


def test_default_options_select_the_newest_keras_eagerly_on_the_cpu() -> None:
    """The contract is checked too."""
    run = check_options({})
    assert (run.tier, run.subject, run.device, run.modes, run.variants) == (
        "smoke",
        "keras3",
        "CPU",
        ("eager",),
        ("contract",),
    )


def test_an_option_is_read_from_the_environment_unless_the_flag_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option has a variable KERAS_PARITY_<NAME>."""
    monkeypatch.setenv("KERAS_PARITY_TIER", "standard")
    monkeypatch.setenv("KERAS_PARITY_RESUME", "1")
    assert check_options({}).tier == "standard" and check_options({}).resume
    assert check_options({"tier": "full"}).tier == "full"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tier": "smok"}, "did you mean smoke"),
        ({"subject": "kears3"}, "did you mean keras3"),
        ({"subject": "numpy_layer:bias-mising"}, "did you mean bias-missing"),
        ({"mode": "egaer"}, "did you mean eager"),
        ({"mode": "eager,all"}, "all stands alone"),
        ({"variant": "none,strides"}, "none stands alone"),
        ({"device": "tpu"}, "did you mean cpu"),
        ({"shard": "3/2"}, "1 <= i <= n"),
        ({"shard": "half"}, "1 <= i <= n"),
        ({"check": ["forward/eagr/" + EXAMPLE_ID]}, "did you mean eager"),
        ({"check": ["forwrd/eager/" + EXAMPLE_ID]}, "did you mean forward"),
        ({"case": ["b2"]}, "not a case id"),
        ({"case": ["0123456789"]}, "no case of the standard tier has the hash"),
        ({"case": ["@nowhere"]}, "cannot be read"),
        ({"shard": "1" * 5000 + "/2"}, "1 <= i <= n"),
        ({"shard": "1/2\n"}, "1 <= i <= n"),
        ({"device": "CPU:" + "1" * 5000}, "did you mean cpu"),
        ({"tier": "x" * 200000}, "at most 100000 are read"),
        ({"mode": ","}, "has no name"),
        ({"ledger": "x" * 300}, "--ledger x* cannot be used: File name too long"),
        ({"report": "x" * 300}, "--report x* cannot be used: File name too long"),
        ({"baseline": "a\0b"}, "cannot be used: .*embedded null"),
        ({"deviations": "/dev/zero"}, "is not a regular file"),
        ({"case": ["@/dev/zero"]}, "it is not a regular file"),
        ({"artefacts": "x" * 300}, "--artefacts: "),
        ({"case": ["b1-i%s-c1-f1-k1.1-s1.1-d1.1-same-onone-last-bias-linear-float32" % ("1" * 5000)]}, "not a case id"),
        ({"case": [EXAMPLE_ID.replace("b2", "b3000000000")]}, "length of more than 2147483647"),
        (
            {"case": ["b1-i4.4.4.4-c1-f1-k1.1.1.1-s1.1.1.1-d1.1.1.1-same-onone-last-bias-linear-float32"]},
            "has 4 spatial axes; a layer has 1 to 3",
        ),
    ],
)
def test_an_unknown_option_value_is_refused_with_the_nearest_one(given: dict[str, object], sentence: str) -> None:
    """Each message is one sentence."""
    with pytest.raises(BadOption, match=sentence):
        check_options(given)


def test_a_named_pipe_as_a_file_option_is_refused_at_once(tmp_path: Path) -> None:
    """Opening it would wait for another process."""
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))
    values: tuple[dict[str, Any], ...] = (
        {"case": ["@%s" % pipe]},
        *({name: str(pipe)} for name in ("deviations", "baseline", "ledger", "report")),
    )
    for given in values:
        with pytest.raises(BadOption, match="is not a regular file"):
            check_options(given)


def test_cases_are_given_by_id_or_in_a_file(tmp_path: Path) -> None:
    """The option may be repeated and mixed; an empty file is an error."""
    path = tmp_path / "ids"
    path.write_text("\n".join(case.id for case in cases_of_tier("smoke")), encoding="utf-8")
    assert len(check_options({"case": [EXAMPLE_ID, EXAMPLE_ID, "@%s" % path]}).cases) == 1 + len(
        list(cases_of_tier("smoke"))
    )
    path.write_text("# mine\n" + EXAMPLE_ID + "\nb2\n", encoding="utf-8")
    with pytest.raises(BadOption, match="ids, line 3: not a case id"):
        check_options({"case": ["@%s" % path]})
    path.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(BadOption, match="names no case"):
        check_options({"case": ["@%s" % path]})


def test_every_case_is_in_exactly_one_shard() -> None:
    """The shards together are the tier."""
    parts = [list(check_options({"shard": "%d/3" % number}).selected()) for number in (1, 2, 3)]
    assert sorted(case.id for part in parts for case in part) == sorted(case.id for case in cases_of_tier("smoke"))


def test_a_case_is_selected_by_its_hash() -> None:
    """Reports link to a case by its hash."""
    case = next(iter(cases_of_tier("smoke")))
    assert check_options({"case": [case.hash]}).cases == (case,)


def test_a_misspelled_environment_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is an unknown value of an option without an argument."""
    monkeypatch.setenv("KERAS_PARITY_TEIR", "full")
    with pytest.raises(BadOption, match="did you mean KERAS_PARITY_TIER"):
        check_options({})
    monkeypatch.delenv("KERAS_PARITY_TEIR")
    monkeypatch.setenv("KERAS_PARITY_RESUME", "banana")
    with pytest.raises(BadOption, match="neither 1 nor 0"):
        check_options({})


def test_hypothesis_properties_run_only_if_selected() -> None:
    """They take as long as the whole contract, so a plain run leaves them out."""
    every = list(variants_by_suite()[HYPOTHESIS])
    for given, expected in (("", []), ("all", every), ("hypothesis", every), ("forward.plain", ["forward.plain"])):
        run = check_options({"variant": given})
        found = select_checks(HYPOTHESIS, PLAIN, "keras3", run.modes, run.variants)
        assert [one.variant for one in found] == expected


@pytest.mark.parametrize(
    ("profile", "status", "sentence"),
    [("nightly", 0, "test_hypothesis"), ("nightli", 4, "nightli is unknown; did you mean nightly? Known: ci, nightly")],
)
def test_a_profile_of_hypothesis_is_known_before_its_own_plugin_loads_it(
    profile: str, status: int, sentence: str
) -> None:
    """A run that names none does not import Hypothesis, so a known profile is tried in a new process."""
    few = ("-p", "_hypothesis_pytestplugin", "--subject=numpy_layer", "--mode=none", "--variant=forward.plain")
    start = call_pytest if status else run_pytest
    found, text = start(*few, "suites/hypothesis", "--collect-only", "-q", "--hypothesis-profile=%s" % profile)
    assert (found, sentence in text) == (status, True), text


def test_modes_and_variants_are_selected_separately() -> None:
    """Each takes all and none; the last value of a repeated option counts."""
    run = check_options({"mode": "all", "variant": "none"})
    assert run.modes == modes_of_subject("keras3") and run.variants == ()
    run = check_options({"mode": "none", "variant": "all"})
    assert run.modes == () and run.variants == ("contract", "hypothesis")
    with pytest.raises(BadOption, match=r"strides\.list is no mode of calling the layer; give it with --variant"):
        check_options({"mode": "strides.list"})


def test_check_names_each_check_of_the_run() -> None:
    """Neither another mode of the case nor another suite is checked with it; the text is what a check prints as."""
    text = "gradients/graph/" + EXAMPLE_ID
    run = check_options({"check": [text, "rejection/eager/" + EXAMPLE_ID]})
    left = [str(one) for name in suites() for one in yield_checks_left(run, name, run.selected(), Answered((), ()))]
    assert left == [text]  # the layer accepts this case, so rejection has no check of it
    assert run.to_options()["tier"] != check_options({"check": [text]}).to_options()["tier"]


@pytest.mark.parametrize("flag", ["case", "check"])
def test_what_another_shard_checks_is_not_called_missing(flag: str) -> None:
    """Each shard answers a part of what is named."""
    ids = [EXAMPLE_ID.replace("b2-", "b%d-" % number) for number in range(1, 7)]
    given = {flag: ids if flag == "case" else ["forward/eager/" + one for one in ids], "subject": "numpy_layer"}
    counts = []
    for part in "12":
        run = check_options({**given, "shard": part + "/2"})
        checks = list(yield_checks_left(run, "forward", run.selected(), Answered((), ())))
        rows = [{"suite": one.suite, "variant": one.variant, "case": one.case.id} for one in checks]
        counts.append(len(rows))
        assert explain_left_out_cases(run, rows) == []
        assert len(explain_left_out_cases(run, rows[1:])) == 1
    assert sum(counts) == 6 and min(counts) > 0


def test_check_of_a_file_names_the_line_that_is_no_check(tmp_path: Path) -> None:
    """An empty file names no check; the message has the number of a line without slashes."""
    file = tmp_path / "checks.txt"
    file.write_text("# checks\nforward/eager/%s\nforward\n" % EXAMPLE_ID, encoding="utf-8")
    with pytest.raises(BadOption, match=r"checks\.txt, line 3: forward is not SUITE/VARIANT/CASE"):
        check_options({"check": ["@%s" % file]})
    file.write_text("", encoding="utf-8")
    with pytest.raises(BadOption, match="names no check"):
        check_options({"check": ["@%s" % file]})


@pytest.mark.parametrize("option", ["case", "mode", "tier", "variant"])
def test_check_stands_without_the_options_that_choose_checks(option: str) -> None:
    """A check names its case and its mode."""
    other: Any = {"case": [EXAMPLE_ID], "mode": "graph", "tier": "standard", "variant": "none"}[option]
    with pytest.raises(BadOption, match="leave out --%s" % option):
        check_options({"check": ["forward/eager/" + EXAMPLE_ID], option: other})
