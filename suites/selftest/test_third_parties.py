"""What the comparison with third parties needs none of them for; a stand-in answers, the NumPy layer's gathering."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.faults import HEALTHY
from fixtures.numpy_layer.arithmetic import compute
from fixtures.oracle.expectation import output_size
from fixtures.oracle.shape import crop, effective_kernel
from fixtures.third_parties import run
from fixtures.third_parties.draws import CELLS, PRODUCTS, draw, drawn, kind_of, small_enough
from fixtures.third_parties.explanations import Explanation
from fixtures.third_parties.faults import FAULTS, OracleFault, broken, find
from fixtures.third_parties.geometry import told
from fixtures.third_parties.judge import Row, difference, judge, pose
from fixtures.third_parties.party import Answer, CannotBeAsked, Check, Party
from fixtures.third_parties.report import document, table, tallies

ROOT = Path(__file__).resolve().parents[2]
DRAWN = [(kind, case) for kind, case in drawn(60) if case.rank < 3 and max(case.size) < 16]
MANY = list(drawn(2000))


class StandIn(Party):
    """Answers as a third party does."""

    def answer(self, check: Check) -> Answer:
        """By searching and gathering (fixtures/numpy_layer/arithmetic.py)."""
        case, first = check.case, check.first
        fed = {name: np.moveaxis(first(array), 1, -1) for name, array in (("x", check.x), ("g", check.g))}
        weights = [check.kernel] if check.bias is None else [check.kernel, check.bias]
        found = compute("output", case, fed, weights, HEALTHY)
        if found["output"].shape == fed["g"].shape:
            found.update(compute("gradients", case, fed, weights, HEALTHY))
        for name in ("output", "dx"):
            if name in found:
                found[name] = check.back(np.moveaxis(found[name], -1, 1))
        return Answer(found)


class Cannot(Party):
    """Has no way to be asked."""

    def answer(self, check: Check) -> Answer:
        """Never."""
        raise CannotBeAsked("it has no axes")


class Raises(Party):
    """Refuses everything."""

    def answer(self, check: Check) -> Answer:
        """Never."""
        raise RuntimeError("no such padding\nand more")


def dies(asked: run.Kinds, names: list[str], fault: str) -> list[Row]:
    """What a crash inside a third party does."""
    os._exit(3)


def answers(asked: run.Kinds, names: list[str], fault: str) -> list[Row]:
    """In the place of run.ask, in another process."""
    return run.ask(asked, names, fault, lambda name: StandIn())


def ask(party: Party, fault: str = "") -> list[Row]:
    """The small draws."""
    return run.ask(DRAWN, ["torch"], fault, lambda name: party)


def test_what_is_told_gives_the_lengths_of_the_definition() -> None:
    """The usual formula of others, from counts that were made without the input's length, is section S and rule V2."""
    for _, case in MANY:
        axes = told(case)
        lengths = [(n - 1) * a.stride + a.span - a.front - a.end + a.extra for n, a in zip(case.size, axes)]
        assert tuple(lengths) == output_size(case)
        spans = map(effective_kernel, case.kernel_size, case.dilation_rate)
        fronts = [crop(n, ke, s, m, case.padding) for n, ke, s, m in zip(case.size, spans, case.strides, lengths)]
        assert [axis.front for axis in axes] == fronts
        assert all(axis.extra == 0 or axis.end == 0 for axis in axes)


def test_the_sequence_is_wide() -> None:
    """All ranks and formats, every greatest value, output_padding at both ends; nothing larger than said."""
    cases = [case for _, case in MANY]
    assert {kind for kind, _ in MANY} == {"accepted", "R6", "R7", "R6 R7"} and len(set(cases)) > 0.99 * len(cases)
    for name in ("rank", "padding", "data_format", "use_bias", "activation", "dtype"):
        assert len({getattr(case, name) for case in cases}) == (3 if name == "rank" else 2)
    for name, most in (("size", 40), ("kernel_size", 8), ("strides", 7), ("dilation_rate", 5)):
        assert {length for case in cases for length in getattr(case, name)} == set(range(1, most + 1))
    for name, most in (("batch", 3), ("channels", 6), ("filters", 6)):
        assert {getattr(case, name) for case in cases} == set(range(1, most + 1))
    given = {(o, s) for case in cases for o, s in zip(case.output_padding or (), case.strides)}
    assert {(0, 7), (6, 7)} < given and any(case.output_padding is None for case in cases)
    assert sum(case.rank == 2 for case in cases) > 0.5 * len(cases)
    large = [case for case in map(draw, range(3000)) if not small_enough(case)]
    assert large and not set(large) & set(cases) and PRODUCTS > 10**6 and CELLS > 10**5


def test_draws_are_the_same_everywhere() -> None:
    """By number, and by id."""
    assert (
        draw(0).id == "b1-i1.1-c5-f3-k4.4-s4.2-d1.1-same-onone-first-bias-relu-float64"
        and draw(1).id == "b1-i9.10.12-c4-f5-k6.8.1-s1.2.5-d1.1.1-valid-o0.1.2-first-nobias-linear-float32"
    )
    assert next(drawn(1, 3)) == next(pair for pair in drawn(9, 3))
    assert all(Case.parse(case.id) == case and kind_of(case) == kind for kind, case in MANY[:50])
    assert list(drawn(0)) == []


def test_a_right_answer_agrees() -> None:
    """All arrays of all draws."""
    assert {row.status for row in ask(StandIn())} == {"agree"}
    assert {array for row in ask(StandIn()) for array in row.arrays} == set(Party.arrays)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_of_the_oracle_is_found(fault: OracleFault) -> None:
    """Where it says; and the oracle is whole again afterwards."""
    before = getattr(fault.owner, fault.attribute)
    found = [row for row in ask(StandIn(), fault.name) if row.status == "disagree"]
    assert found and {row.array for row in found} == {fault.array}
    assert getattr(fault.owner, fault.attribute) is before
    assert {row.status for row in ask(StandIn())} == {"agree"}


def test_the_oracle_is_whole_after_an_error() -> None:
    """And a typo gets the nearest name."""
    fault = find("crop-at-the-end-only")
    before = getattr(fault.owner, fault.attribute)
    with pytest.raises(KeyError), broken(fault.name):
        raise KeyError
    assert getattr(fault.owner, fault.attribute) is before
    with pytest.raises(ValueError, match="did you mean 'kernel-flipped'"):
        find("kernel-fliped")


def test_only_equal_is_equal() -> None:
    """One entry, a NaN, a shape, a shape of a gradient."""
    posed = pose(DRAWN[0][1])
    right = dict(posed.expected)
    assert difference(posed, right, list(right)) == ("", "")
    for name in right:
        for wrong in (np.nan, 0.5):
            changed = right[name].copy()
            changed.flat[-1] = wrong
            array, detail = difference(posed, {**right, name: changed}, list(right))
            assert array == name and detail.startswith("1 of %d entries" % changed.size)
        assert "shape" in difference(posed, {**right, name: right[name][:, None]}, list(right))[1]


def test_nothing_is_lost_in_the_table() -> None:
    """What cannot be asked has its reason, what raises disagrees; the numbers add up."""
    rows = [*ask(StandIn()), *ask(Cannot()), *ask(Raises())]
    counted = tallies(rows)
    assert sum(one.asked for one in counted) == len(rows) == 3 * len(DRAWN)
    assert all(one.asked == one.agree + sum(one.cannot.values()) + one.explained + one.disagree for one in counted)
    text = table(rows, {"torch": "1.2"})
    accepted = sum(kind == "accepted" for kind, _ in DRAWN)
    assert "%d cases cannot be asked: it has no axes" % accepted in text
    assert "torch disagrees on " + DRAWN[0][1].id in text
    made = document(rows, {"versions": {}})
    assert json.loads(json.dumps(made))["disagreements"][0]["detail"] == "raised RuntimeError: no such padding"


def test_an_explanation_speaks_of_its_own_disagreement() -> None:
    """Of its third party and its cases; and never of an agreement."""
    known = Explanation("odd", "torch", lambda case, array, detail: case.rank == 1, "V2")
    posed = [(kind, pose(case)) for kind, case in DRAWN]
    rows = judge("torch", Raises(), posed, [known])
    assert {(Case.parse(row.case).rank == 1, row.explanation) for row in rows} == {(True, "odd"), (False, "")}
    assert sum(one.explained for one in tallies(rows)) == sum(case.rank == 1 for _, case in DRAWN)
    assert "explained: odd: V2" in table(rows, {}, [known])
    for name, party in (("jax", Raises()), ("torch", StandIn())):
        assert {row.explanation for row in judge(name, party, posed, [known])} == {""}


def test_a_case_without_a_map_is_not_asked() -> None:
    """R8 is mathematics."""
    inadmissible = Case(1, (4,), 1, 1, (4,), (2,), (1,), "same", (0,))
    assert kind_of(inadmissible) == ""
    with pytest.raises(ValueError, match="R8"):
        pose(inadmissible)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit status and stderr of the command."""
    status = main(["third-parties", *arguments])
    return status, capsys.readouterr().err


def test_bad_input_gets_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remedy."""
    assert said(capsys, "--of", "scipi") == (
        2,
        "no third party 'scipi'; did you mean 'scipy'? Known: torch, jax, scipy, onnxruntime\n",
    )
    assert "names no third party" in said(capsys, "--of", ",")[1]
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    status, sentence = said(capsys, "--of", "jax")
    assert status == 2 and "tox run -e third-parties" in sentence
    assert ("not installed here: jax, jaxlib" in sentence) == (sys.version_info >= (3, 11))
    with pytest.raises(SystemExit):
        main(["third-parties", "--fault", "none"])


def test_exit_status(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """1 for a disagreement that nothing explains; a case by id; the JSON is written."""
    monkeypatch.setattr(run, "chosen", lambda parties: ["torch"])
    monkeypatch.setattr(run, "versions", lambda names: {"torch": "1.2"})
    party: list[Party] = [StandIn()]
    monkeypatch.setattr(run, "ask_all", lambda asked, names, fault, workers: ask(party[0], fault))
    out = "--out=%s" % (tmp_path / "new" / "third-parties.json")
    assert main(["third-parties", "--case", DRAWN[0][1].id, out]) == 0
    assert main(["third-parties", "--cases", "2", "--fault", "kernel-flipped", out]) == 1
    assert (
        json.loads((tmp_path / "new" / "third-parties.json").read_text(encoding="utf-8"))["fault"] == "kernel-flipped"
    )
    assert said(capsys, "--case", "b1")[0] == said(capsys, "--cases", "0")[0] == 2
    refused = Case(1, (4,), 1, 1, (4,), (2,), (1,), "same", (0,)).id
    assert "the oracle refuses it" in said(capsys, "--case", refused)[1]
    for odd in (Case(1, (0,), 1, 1, (4,), (2,), (1,)), Case(1, (4,), 1, 1, (4,), (2,), (1,), dtype="float16")):
        assert "take float32 or float64" in said(capsys, "--case", odd.id)[1]


def test_blocks_come_back_in_order(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From two processes, every case once, with a fault where one is asked for; and progress is shown."""
    monkeypatch.setattr(run, "BLOCK", 9)
    monkeypatch.setattr(run, "ask", answers)
    for fault in ("", "kernel-flipped"):
        rows = run.ask_all(DRAWN, ["torch"], fault, 2)
        assert [row.case for row in rows] == [case.id for _, case in DRAWN]
        assert ({row.status for row in rows} == {"agree"}) == (not fault)
    assert "%d of %d cases" % (len(DRAWN), len(DRAWN)) in capsys.readouterr().err


def test_a_death_ends_the_run_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """And names cases to look at."""
    monkeypatch.setattr(run, "ask", dies)
    with pytest.raises(run.CannotRun, match="a process died; unanswered are the blocks of " + DRAWN[0][1].id):
        run.ask_all(DRAWN, ["torch"], "", 2)


def test_importing_it_loads_no_third_party() -> None:
    """So that the command's help works everywhere."""
    code = "import sys, fixtures.__main__; print([n for n in %r if n in sys.modules])" % (
        ("torch", "jax", "scipy", "onnx", "onnxruntime"),
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), stdout=subprocess.PIPE, check=True)
    assert ran.stdout.decode().strip() == "[]"
