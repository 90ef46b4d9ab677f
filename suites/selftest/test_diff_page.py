"""Tests of the page that compares two runs: what regressed, what was fixed, the environment, and one example of each
kind.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.__main__ import main
from reports.facts.diff_page import make_diff
from reports.page.render import render_diff
from suites.selftest.ledgers import CASES, HOSTILE, make_row, write_ledger
from suites.selftest.pages import Tags

BAD: dict[str, Any] = {"verdict": "mismatch", "diagnosis": "kernel-flipped", "observed": {"shape": [9, 9]}}


def write_two_ledgers(tmp_path: Path) -> tuple[Path, Path]:
    """Return two ledgers that differ: three regressed checks, one fixed, one with another verdict, two unchanged."""
    before = [make_row(case) for case in CASES[:5]] + [
        make_row(CASES[5], **BAD),
        make_row(CASES[6], "mismatch", diagnosis="a"),
    ]
    after = [make_row(case) for case in CASES[:2]] + [make_row(case, **BAD) for case in CASES[2:5]]
    after += [make_row(CASES[5]), make_row(CASES[6], "crashed", observed={"reason": HOSTILE}), make_row(CASES[7])]
    return write_ledger(tmp_path / "a.jsonl", before), write_ledger(
        tmp_path / "b.jsonl", after, keras="3.15.0" + HOSTILE
    )


def test_the_first_sentence_counts_regressed_fixed_and_unchanged_checks(tmp_path: Path) -> None:
    """Equal runs give "Nothing changed"."""
    a, b = write_two_ledgers(tmp_path)
    found = make_diff(a, b)
    assert found.worse == 3
    assert found.sentence == (
        "Of the checks of both runs, 3 agreed, and do not any more; 1 did not agree, and does now; "
        "1 changed in another way; 2 are answered alike."
    )
    same = make_diff(a, a)
    assert same.sentence == "Nothing changed: 7 are answered alike." and not same.worse and not same.examples


def test_the_smallest_check_of_each_kind_of_change_is_shown(tmp_path: Path) -> None:
    """The page has the answers of both runs."""
    found = make_diff(*write_two_ledgers(tmp_path))
    assert [(example.kind, example.before.shown.case) for example in found.examples] == [
        *(("regressed", CASES[2]), ("fixed", CASES[5]), ("changed verdict", CASES[6])),
    ]
    worse = found.examples[0]
    assert (worse.before.answer, worse.after.answer) == ("agrees", "mismatch: kernel-flipped")
    assert worse.before.shown.observed[0] == ("shape", "(1, 3, 5, 1)")
    assert worse.after.shown.observed == [("shape", "(9, 9)")]
    assert worse.after.shown.again in render_diff(found)


def test_the_smallest_changed_check_is_chosen_from_all_cells(tmp_path: Path) -> None:
    """Cells of two folders are matched by name; a version that changed in several cells is listed once."""
    small = CASES[0].replace("float32", "half")
    for day, keras, extra in (("old", "3.14.0", {}), ("new", "3.15.0", BAD)):
        write_ledger(tmp_path / day / "1.jsonl", [make_row(CASES[1], **extra)], cell="one", keras=keras)
        write_ledger(tmp_path / day / "2.jsonl", [make_row(small, **extra)], cell="two", keras=keras)
        write_ledger(tmp_path / day / "3.jsonl", [make_row(CASES[0])], cell=day)
        write_ledger(tmp_path / day / "deeper" / "3.jsonl", [make_row(CASES[0])], cell="one")
    found = make_diff(tmp_path / "old", tmp_path / "new")
    assert [(example.cell, example.after.shown.case) for example in found.examples] == [("two", small)]
    assert found.environment == [("keras", "3.14.0", "3.15.0", ["one", "two"])]
    assert (found.since.appeared, found.since.gone, found.worse) == (["new"], ["old"], 2)
    page = render_diff(found)
    assert "New cells: new." in page and "<td>all 2</td>" in page and page.count("3.15.0</bdi></td>") == 1


def test_hostile_text_is_escaped_on_the_diff_page(tmp_path: Path) -> None:
    """The page has no script, fetches nothing, and every internal link has a target."""
    a, b = write_two_ledgers(tmp_path)
    for path, verdict in ((a, "mismatch"), (b, "agree")):  # a second changed check of the same case
        lines = path.read_text(encoding="utf-8").splitlines()
        more = make_row(CASES[2], verdict, variant="xla", diagnosis=HOSTILE if verdict == "mismatch" else None)
        run = json.loads(lines[0])
        head = json.dumps({**run, "modes": ["eager", "xla"], "planned": run["planned"] + 1})
        rows = [line for line in lines[1:] if json.loads(line)["kind"] == "verdict"]
        path.write_text("\n".join([head, json.dumps(more), *rows]) + "\n", encoding="utf-8")
    found = make_diff(a, b)
    assert [example.after.shown.case for example in found.examples][:2] == [CASES[2]] * 2
    tags = Tags(render_diff(found))
    assert tags.names.count("script") == 1 and not tags.fetched  # the script of every page
    assert tags.targets <= tags.ids and {"changed", "examples", "runs"} <= tags.targets


def test_the_option_exit_code_of_diff_gives_status_1_after_a_regression(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without ``--exit-code`` the status is 0; it is 3 for a ledger that cannot be read."""
    a, b = write_two_ledgers(tmp_path)
    page = str(tmp_path / "out" / "diff.html")
    for more in ([], ["-o", page]):
        assert main(["diff", str(a), str(b), *more]) == 0
        assert main(["diff", str(a), str(b), "--exit-code", *more]) == 1
        assert main(["diff", str(a), str(a), "--exit-code", *more]) == 0
    assert main(["diff", str(a), str(tmp_path / "none.jsonl"), "--exit-code"]) == 3
    printed = capsys.readouterr().out
    assert "from %s to %s\n" % (a, b) in printed and "regressed, 3: " in printed
    assert Path(page).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "empty").mkdir()
    assert main(["diff", str(a), str(tmp_path / "empty")]) == 3
    assert "there is no ledger in" in capsys.readouterr().err


def test_control_characters_are_printed_as_escapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """This holds for the text of diff and for error messages."""
    a, b = write_two_ledgers(tmp_path)
    assert main(["diff", str(a), str(b)]) == 0
    assert main(["build", *(str(write_ledger(tmp_path / name, [], cell="\x1b[2J")) for name in ("c", "d"))]) == 3
    printed = capsys.readouterr()
    assert "\\x1b[1m" in printed.out and "\\u202e" in printed.out and "\\x1b[2J" in printed.err
    assert "\x1b" not in printed.out + printed.err and "\u202e" not in printed.out


def test_a_run_that_only_improved_does_not_fail(tmp_path: Path) -> None:
    """A check that could not run before is not a cause."""
    bad = write_ledger(
        tmp_path / "bad.jsonl", [make_row(CASES[0], **BAD), make_row(CASES[1], "not-run", observed={"reason": "none"})]
    )
    good = write_ledger(tmp_path / "good.jsonl", [make_row(CASES[0]), make_row(CASES[1])])
    for more in ([], ["-o", str(tmp_path / "d.html")]):
        assert main(["diff", str(bad), str(good), "--exit-code", *more]) == 0
        assert main(["diff", str(good), str(bad), "--exit-code", *more]) == 1
    assert make_diff(bad, good).since.causes_gone == {"kernel-flipped"}
