"""Tests of known deviations: the list is valid, and an entry covers exactly its own mismatches."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.check import Check
from fixtures.deviations import SEVERITIES, Deviation, DeviationError, find_excusing_entry, read_deviations
from fixtures.deviations.audit import audit_entries, count_covered_checks
from fixtures.run.options import ROOT
from suites.selftest.sample_cause import CAUSE, HEAD

EVEN = Case(1, (3, 3), 1, 1, (2, 2), (1, 1), (1, 1), "same", (0, 0))
ODD = Case(1, (3, 3), 1, 1, (3, 3), (1, 1), (1, 1), "same", (0, 0))
ENTRY = Deviation(
    "even", ["keras3"], "effective_kernel[0] % 2 == 0", "mismatch", "values", {"keras": ">=3.7,<3.9"}, CAUSE
)
RUN = {"subject": "keras3", "backend": "tensorflow", "device": "CPU:0", "keras": "3.8.0", "switches": {"onednn": "on"}}


def make_verdict_row(
    case: Case, verdict: str, property: str = "values", known_deviation: str | None = None
) -> dict[str, Any]:
    """Return a verdict row with the fields that known deviations read."""
    return {
        "case": case.id,
        "verdict": verdict,
        "property": property,
        "suite": "forward",
        "variant": "eager",
        "known_deviation": known_deviation,
        "diagnosis": "a",
        "observed": {"stage": "call"},
    }


def test_every_known_deviation_has_a_reason_and_a_valid_link() -> None:
    """Every entry loads, and no two entries expect the same of one case."""
    entries = read_deviations()
    for entry in entries:
        assert entry.link == "" or entry.link.startswith("https://github.com/")
        assert len(entry.because.split()) > 10


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pages need Python 3.11")
def test_fixtures_and_reports_have_the_same_severities() -> None:
    """Order and words agree with the ledger's schema, because the two sides share only ledgers."""
    from reports.facts import titles

    assert list(titles.SEVERITIES.items()) == list(SEVERITIES.items())
    schema = json.loads((ROOT / "reports" / "schema" / "ledger-2.schema.json").read_text(encoding="utf-8"))
    properties = schema["$defs"]["run"]["properties"]["known_deviations"]["items"]["properties"]
    assert properties["severity"]["enum"] == list(SEVERITIES)
    assert set(ENTRY.to_header()) <= set(properties)


@pytest.mark.parametrize(
    ("changes", "applies"),
    [
        ({}, True),
        ({"keras": "3.6.0"}, False),
        ({"keras": "3.9.0"}, False),
        ({"subject": "numpy_layer"}, False),
        ({"backend": "torch"}, False),
        ({"device": "GPU:0"}, False),
    ],
)
def test_an_entry_applies_only_to_its_versions_subject_backend_and_device(
    changes: dict[str, Any], applies: bool
) -> None:
    """Each changed fact of a run decides whether the entry applies."""
    assert ENTRY.applies({**RUN, **changes}) is applies


def test_an_entry_covers_only_its_own_verdict_property_cases_and_modes() -> None:
    """Another verdict, property, case, suite or mode stays a new mismatch."""
    assert find_excusing_entry([ENTRY], make_verdict_row(EVEN, "mismatch")) == "even"
    assert find_excusing_entry([ENTRY], make_verdict_row(EVEN, "crashed")) is None
    assert find_excusing_entry([ENTRY], make_verdict_row(EVEN, "mismatch", "shape")) is None
    for same in (replace(ENTRY, diagnosis="a"), replace(ENTRY, stage="call"), replace(ENTRY, message="")):
        assert find_excusing_entry([same], make_verdict_row(EVEN, "mismatch")) == "even"
    for other in (replace(ENTRY, diagnosis="b"), replace(ENTRY, stage="build"), replace(ENTRY, message="x")):
        assert find_excusing_entry([other], make_verdict_row(EVEN, "mismatch")) is None
    assert find_excusing_entry([ENTRY], make_verdict_row(ODD, "mismatch")) is None
    eager_only = replace(ENTRY, variant=["eager"])
    assert find_excusing_entry([ENTRY], {**make_verdict_row(EVEN, "mismatch"), "variant": "graph"}) == "even"
    assert find_excusing_entry([eager_only], {**make_verdict_row(EVEN, "mismatch"), "variant": "graph"}) is None
    forward_only = replace(ENTRY, when=ENTRY.when + " and suite == 'forward'")
    assert find_excusing_entry([forward_only], make_verdict_row(EVEN, "mismatch")) == "even"
    assert find_excusing_entry([forward_only], {**make_verdict_row(EVEN, "mismatch"), "suite": "gradients"}) is None


def test_an_entry_that_varies_covers_each_of_its_verdicts() -> None:
    """A check that agrees is not a complaint, and a verdict outside the list is not covered."""
    varying = replace(ENTRY, verdict=["crashed", "mismatch"], varies=True)
    for verdict in ("crashed", "mismatch"):
        assert find_excusing_entry([varying], make_verdict_row(EVEN, verdict)) == "even"
    assert find_excusing_entry([varying], make_verdict_row(EVEN, "wrongly-rejected")) is None
    assert audit_entries([varying], [make_verdict_row(EVEN, "agree")]) == []
    assert audit_entries([replace(varying, varies=False)], [make_verdict_row(EVEN, "agree")]) != []


def test_the_audit_reports_stale_entries_and_entries_that_are_too_wide() -> None:
    """Both fail a run; an entry whose cases were not checked is not reported."""
    other = Case(2, (3, 3), 1, 1, (2, 2), (1, 1), (1, 1), "same", (0, 0))
    assert (
        audit_entries(
            [ENTRY], [make_verdict_row(EVEN, "mismatch", known_deviation="even"), make_verdict_row(ODD, "agree")]
        )
        == []
    )
    assert audit_entries([ENTRY], [make_verdict_row(ODD, "agree")]) == []
    assert "excuses nothing" in audit_entries([ENTRY], [make_verdict_row(ODD, "agree")], whole=True)[0]
    assert "stale" in audit_entries([ENTRY], [make_verdict_row(EVEN, "agree")])[0]
    assert (
        "too wide: 1 of its 2"
        in audit_entries(
            [ENTRY], [make_verdict_row(EVEN, "mismatch", known_deviation="even"), make_verdict_row(other, "agree")]
        )[0]
    )


def test_covered_checks_are_counted_by_cause() -> None:
    """A check that agrees counts, a check in two entries counts once, and a check that was not run does not count."""
    wide = replace(ENTRY, name="wide", property="shape")
    rows = [make_verdict_row(EVEN, verdict) for verdict in ("mismatch", "agree", "not-run")]
    assert count_covered_checks([ENTRY, wide], [*rows, make_verdict_row(ODD, "agree")]) == {ENTRY.cause.name: 2}
    assert count_covered_checks([ENTRY], [make_verdict_row(ODD, "agree")]) == {}


GOOD = (
    HEAD
    + """name = "x"
subject = ["keras3"]
when = "padding == 'same'"
verdict = "mismatch"
property = "values"
versions = {keras = ">=3"}
"""
)


def test_a_predicate_may_use_every_field_in_a_generator_expression() -> None:
    """Python's own eval sees only globals there."""
    entry = replace(ENTRY, when="any(k > filters and o == 0 for k, o in zip(kernel_size, output_padding))")
    assert entry.covers(Check("forward", EVEN, "eager"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD.replace("padding ==", "pading =="), "did you mean 'padding'"),
        (GOOD.replace("== 'same'", "== "), "invalid syntax|unexpected EOF"),
        (GOOD.replace('"mismatch"', '"agree"'), "verdict 'agree' is unknown; did you mean"),
        (GOOD.replace('because = "why it goes wrong"', 'because = ""'), "because"),
        (GOOD.replace('"wrong-values"', '"bad"'), "severity 'bad' is unknown; did you mean '.*Known: process-death"),
        (GOOD.replace('"Keras"', '"Kerras"'), "owner 'Kerras' is unknown"),
        (GOOD.replace('"not reported"', '"none"'), "link is an https:// address or 'not reported'"),
        (GOOD.replace('title = "A sample goes wrong"\n', ""), "missing fields: title"),
        (HEAD.replace("[[cause.entry]]", ""), "has no"),
        (GOOD + 'isa = "avx3"\n', "isa 'avx3' names no class"),
        (GOOD.replace(">=3", "three"), "three"),
        (GOOD.replace('property = "values"\n', ""), "missing fields: property"),
        (GOOD.replace("property", "clam"), "missing fields: property"),
        (GOOD.replace('"values"', '"vals"'), "property 'vals' is unknown; did you mean 'values'\\? Known: shape"),
        (GOOD.replace('"keras3"', '"keras4"'), "subject 'keras4'"),
        (GOOD.replace('"keras3"', '"keras3:bias-missing"'), "subject 'keras3:bias-missing'"),
        (GOOD.replace('"keras3"', '"numpy_layer:bias-mising"'), "did you mean 'bias-missing'"),
        (GOOD.replace('["keras3"]', '"keras3"'), "subject must be a list of texts"),
        (GOOD.replace("\"padding == 'same'\"", "3"), "when must be a text, not empty, and is 3"),
        (GOOD.replace("padding == 'same'", "1 / 0"), r"/ \(write //\) is not part of the language"),
        ("foo = 1", "and nothing else"),
        (GOOD + GOOD, "is used twice"),
        (
            GOOD + GOOD.replace('name = "x"', 'name = "y"').replace("same", "valid"),
            "cause 'sample-cause' is used twice",
        ),
        (GOOD + GOOD[GOOD.index("[[cause.entry]]") :].replace('name = "x"', 'name = "y"'), "have the same conditions"),
        ("[[cause", "cannot be read"),
        ("a = " + "[" * 20000, "cannot be read"),
        ("cause = [1]", "cause 1 is not a table"),
        (HEAD.replace("[[cause.entry]]", "entry = [3]"), "entry 3 is not a table"),
        (GOOD.replace('because = "why it goes wrong"', "because = 0"), "because must be a text, not empty, and is 0"),
        (GOOD + "message = 0\n", "message must be a text, not empty, and is 0"),
        (GOOD.replace('"mismatch"', "[]"), "verdict must be a text, or a list of texts with at least one"),
        (GOOD + 'variant = ["eagr"]\n', "variant 'eagr' is unknown; did you mean 'eager'"),
        (GOOD + 'variant = "eager"\n', "variant must be a list of texts"),
        (GOOD + 'backend = ["tensorflw"]\n', "backend 'tensorflw' is unknown; did you mean 'tensorflow'"),
        (GOOD + 'device = "TPU"\n', "device is CPU, GPU or one with a number"),
        (GOOD + 'switches = { onedn = "off" }\n', "switches 'onedn' is unknown; did you mean 'onednn'"),
        (GOOD + 'switches = { onednn = "of" }\n', "switches.onednn 'of' is unknown; did you mean 'off'"),
        (GOOD + "varies = 1\n", "varies must be true or false"),
        (GOOD + "vareis = true\n", "unknown fields: 'vareis' is unknown; did you mean 'varies'"),
        (GOOD.replace("{keras = ", "{kears = "), "versions 'kears' is unknown; did you mean 'keras'"),
        (GOOD.replace('">=3"', "3"), "versions.keras must be a text as"),
        (GOOD.replace("padding == 'same'", "not " * 600 + "rules"), "more than 2000 characters"),
    ],
)
def test_a_malformed_entry_is_refused_with_its_name(tmp_path: Path, text: str, why: str) -> None:
    """The file is read at the start of a run, before any check."""
    path = tmp_path / "d.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(read_deviations(path)) == 1
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeviationError, match=why):
        read_deviations(path)


def test_an_entry_may_apply_to_one_fault_of_the_numpy_layer(tmp_path: Path) -> None:
    """It applies neither to the healthy NumPy layer nor to another fault."""
    path = tmp_path / "d.toml"
    path.write_text(GOOD.replace("keras3", "numpy_layer:bias-missing").replace("{keras", "{numpy"), encoding="utf-8")
    (entry,) = read_deviations(path)
    facts = {"backend": "tensorflow", "device": "CPU:0", "numpy": "3.0", "switches": {}}
    found = [
        entry.applies({"subject": name, **facts})
        for name in ("numpy_layer:bias-missing", "numpy_layer:bias-twice", "numpy_layer")
    ]
    assert found == [True, False, False]


def test_the_command_causes_reports_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 4; with the real list it is 0, and ``--list`` names reports that are ready to be filed."""
    assert main(["causes", "--deviations", str(tmp_path / "none")]) == 4
    assert "cannot be read" in capsys.readouterr().err
    assert main(["causes", "--list"]) == 0
    assert "; ready to be filed: docs/upstream/" in capsys.readouterr().out


def test_a_missing_deviations_file_is_refused() -> None:
    """The message has the path."""
    with pytest.raises(DeviationError, match="no-such-file"):
        read_deviations("no-such-file.toml")
