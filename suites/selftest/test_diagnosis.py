"""Tests of the diagnosis: it names the fault or the pair of faults that reproduces a wrong output, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.compare.diagnosis import fault_search, quoted_entries
from fixtures.compare.diagnosis.quoted_entries import find_fullest_cell, quote_entries
from fixtures.fault_matrix import fault_pairs as fault_pairs
from fixtures.faults import FAULTS, Fault, find_fault
from fixtures.faults.combined import changed_output_hooks, combinable_faults, combine_faults, list_fault_pairs
from fixtures.faults.fault import Arrays
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.numpy_layer.arithmetic import compute_with_fault
from fixtures.run.check_run import run_check
from suites.forward import check as forward
from suites.selftest.many_values import for_each
from suites.special import check as special

SAME = "b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
CHANNELS_FIRST = "b2-i3.3-c2-f3-k2.2-s1.1-d1.1-same-onone-first-bias-relu-float32"
SCALED = Fault("scaled", "twice what it should be", output=lambda y, case: y * 2)


def diagnose_fault(fault: Fault, text: str, mode: str = "eager") -> str | None:
    """Return the diagnosis of the NumPy layer with this fault."""
    verdict = forward.run(Check("forward", Case.parse(text), mode), NumpyLayer(fault), "CPU:0")
    assert verdict.verdict == "mismatch"
    return verdict.diagnosis


@pytest.mark.parametrize(
    ("first", "second", "text", "variant"),
    [
        ("kernel-flipped-height", "shifted-one-down", SAME, "eager"),
        ("kernel-flipped-height", "filters-swapped", SAME, "eager"),
        ("none-taken-for-zero", "channels-swapped", SAME, "eager"),  # the shape shows both faults
        ("crop-other-side", "batch-mixed", SAME, "eager"),
        ("kernel-transposed", "bias-twice", SAME, "graph"),
        ("kernel-flipped-width", "bias-along-width", CHANNELS_FIRST, "graph"),
        ("activation-ignored", "channels-first-misread", CHANNELS_FIRST, "graph"),
        ("kernel-rotated", "always-float32", SAME.replace("float32", "float64"), "eager"),
        ("channels-swapped", "shifted-one-down", "b2-i5-c3-f2-k2-s1-d1-same-onone-last-bias-linear-float32", "eager"),
        ("kernel-flipped-width", "dilation-ignored", SAME.replace("s2.2-d1.1", "s1.1-d2.2"), "eager"),
    ],
)
def test_a_pair_of_faults_is_named_in_the_order_of_the_catalogue(
    first: str, second: str, text: str, variant: str
) -> None:
    """Neither fault alone gives the observed output."""
    name = "%s + %s" % (first, second)
    for one, other in ((first, second), (second, first)):
        assert diagnose_fault(combine_faults(find_fault(one), find_fault(other)), text, variant) == name


def test_a_pair_whose_order_matters_is_named_in_the_right_order() -> None:
    """A kernel that is swapped and then flipped differs from one that is flipped and then swapped."""
    flipped, swapped = "kernel-flipped-height", "kernel-transposed"
    for one, other in ((flipped, swapped), (swapped, flipped)):
        diagnoses = str(diagnose_fault(combine_faults(find_fault(one), find_fault(other)), SAME)).split(" or ")
        assert "%s + %s" % (one, other) in diagnoses
        assert "%s + %s" % (other, one) not in diagnoses


def test_a_single_fault_is_named_alone() -> None:
    """This also holds for two faults that equal a third one, and for a second fault that does not show."""
    assert diagnose_fault(find_fault("bias-missing"), SAME, "predict") == "bias-missing"
    one, other = find_fault("kernel-flipped-height"), find_fault("kernel-flipped-width")
    assert diagnose_fault(combine_faults(one, other), SAME) == "kernel-rotated"
    assert diagnose_fault(combine_faults(one, find_fault("dilation-ignored")), SAME) == "kernel-flipped-height"


def test_an_output_that_no_pair_of_faults_gives_has_no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names come from the catalogue: a pair that was removed from it is not named."""
    assert diagnose_fault(SCALED, SAME) is None
    assert diagnose_fault(combine_faults(SCALED, find_fault("kernel-flipped-height")), SAME) is None
    both = combine_faults(find_fault("kernel-flipped-height"), find_fault("filters-swapped"))
    monkeypatch.setattr(fault_search, "list_fault_pairs", lambda faults, special: ())
    assert "filters-swapped" not in str(diagnose_fault(both, SAME))


def test_a_pair_is_not_named_if_a_single_entry_differs() -> None:
    """The whole output decides, and not only the entries that are compared first."""
    both = combine_faults(find_fault("kernel-flipped-height"), find_fault("filters-swapped"))

    def last_off(y: np.ndarray, case: Case) -> np.ndarray:
        y = both.output(y, case).copy()
        y[-1, -1, -1, -1] += 1
        return y

    assert diagnose_fault(replace(both, output=last_off), SAME, "graph") is None


def test_at_most_three_pairs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is shown as "further pairs"."""
    both = combine_faults(find_fault("kernel-flipped-height"), find_fault("filters-swapped"))
    copies = tuple((replace(both, name="first + %d" % n),) for n in range(5))
    monkeypatch.setattr(fault_search, "list_fault_pairs", lambda faults, special: copies)
    assert diagnose_fault(both, SAME) == "first + 0 or first + 1 or first + 2 or further pairs"


def test_the_catalogue_has_each_pair_of_faults_that_change_outputs() -> None:
    """A pair is listed once, or in both orders; two faults that replace the same step are refused."""
    chosen = combinable_faults(FAULTS)
    assert len(chosen) > 20 and not any(fault.remembers or fault.modes or fault.fatal for fault in chosen)
    assert {fault.suite for fault in chosen} == {"forward"}
    assert {fault.suite for fault in combinable_faults(FAULTS, special=True)} == {"forward", "special"}
    assert all(len(orders) in (1, 2) for orders in list_fault_pairs(FAULTS))
    assert changed_output_hooks(find_fault("always-float32")) == {"dtype", "precision"}
    with pytest.raises(ValueError, match="both replace bias"):
        combine_faults(find_fault("bias-missing"), find_fault("bias-twice"))


def test_two_faults_are_named_from_special_values() -> None:
    """NaN is replaced by zero in an output that is shifted by one cell."""
    both = combine_faults(find_fault("shifted-one-down"), find_fault("nan-becomes-zero"))
    verdict = special.run(Check("special", Case.parse(SAME), "eager"), NumpyLayer(both), "CPU:0")
    assert both.name in str(verdict.diagnosis).split(" or ")


@for_each("fault", combinable_faults(FAULTS))
def test_single_entries_of_a_faulty_output_equal_the_whole_output(fault: Fault) -> None:
    """Each entry is computed without the others, and no longer fits if 1 is added to the whole output."""
    text = "b3-i4.21-c2-f5-k3.3-s2.2-d1.1-same-onone-first-bias-relu-float32"
    case = Case.parse(text)
    data = make_dense_integers(case)
    arguments = fault.arguments(case)
    weights = [data.kernel] if data.bias is None else [data.kernel, data.bias]
    y = compute_with_fault("output", arguments, {"x": data.x}, weights, fault)["output"]
    for place in ((0, (0, 0)), (2, (1, y.shape[2] - 1)), find_fullest_cell(y)):
        assert quote_entries(data, y, *place).is_explained_by(fault, arguments)
        assert not quote_entries(data, y + 1, *place).is_explained_by(fault, arguments)


@pytest.mark.parametrize(
    ("names", "text", "many"),
    [
        (("channels-first-misread",), CHANNELS_FIRST, 0),  # no copy is kept
        (("channels-swapped", "bias-twice"), CHANNELS_FIRST, 1000),
        (("on-another-device",), CHANNELS_FIRST, 1000),  # the right values
        (("crop-other-side", "float16-inside"), SAME, 1000),
    ],
)
def test_entries_that_share_sums_among_faults_and_pairs_say_what_new_entries_say(
    names: tuple[str, ...], text: str, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault and each pair is tried on the same entries, and on new ones. Float32 cannot hold the sums."""
    case = Case.parse(text.replace("float32", "float64"))
    data = make_dense_integers(case)
    data = replace(data, kernel=data.kernel * (1 + 2.0**-30))
    monkeypatch.setattr(quoted_entries, "MANY", many)
    fault = combine_faults(*map(find_fault, names)) if names[1:] else find_fault(*names)
    y = compute_with_fault("output", case, {"x": data.x}, [data.kernel, np.asarray(data.bias)], fault)["output"]
    shared, explained = quote_entries(data, y, *find_fullest_cell(y)), []
    pairs = [pair for orders in list_fault_pairs(FAULTS) for pair in orders]
    for one in (*combinable_faults(FAULTS), *pairs):
        arguments = one.arguments(case)
        found = shared.is_explained_by(one, arguments)
        assert found == quote_entries(data, y, *find_fullest_cell(y)).is_explained_by(one, arguments), one.name
        explained += [one.name] if found else []
    assert fault.name in explained and len(explained) < len(pairs) / 2


def test_the_share_of_named_pairs_leaves_out_pairs_that_do_not_show() -> None:
    """A pair that shows and is not named lowers the share."""
    case = Case.parse(SAME)
    names = [orders[0].name for orders in list_fault_pairs(FAULTS)]
    pair_names = (
        "kernel-flipped-height + filters-swapped",
        "crop-other-side + bias-twice",
        "bias-missing + float16-inside",
    )
    found = [fault_pairs.find_first_check_of_pair(names.index(name), [case]) for name in pair_names]
    assert [one.exactly for one in found] == [True, True, False] and not found[-1].case
    text = fault_pairs.summarise_pairs([*found, fault_pairs.PairDiagnosis("a + b", case.id, "eager", ("c + d",), 1.0)])
    assert "3 of 4 pairs show" in text and "named exactly by the diagnosis: 2 of 3" in text
    assert "not named: a + b in " + case.id in text


def test_a_fault_in_real_data_is_named_despite_rounding() -> None:
    """Integer data hide a bias along the width, real data show it."""
    case = Case.parse("b2-i8.2-c3-f2-k1.1-s1.1-d2.1-valid-o0.0-first-bias-linear-float32")
    verdict = run_check(Check("gradients", case, "eager"), NumpyLayer(find_fault("bias-along-width")), "CPU:0")
    assert (verdict.verdict, verdict.data) == ("mismatch", "random-reals")
    assert "bias-along-width" in str(verdict.diagnosis).split(" or ")
    assert "bias-missing" not in str(verdict.diagnosis)
    shifted = NumpyLayer(replace(find_fault("bias-along-width"), answer=_change_last_bits))
    again = run_check(Check("gradients", case, "eager"), shifted, "CPU:0")
    assert again.diagnosis == verdict.diagnosis


def _change_last_bits(found: Arrays, case: Case, calls: int) -> Arrays:
    """Return the arrays with the last bit of each value changed, as another order of summation does; integers stay."""
    return {
        name: np.where(values == np.rint(values), values, values * (1 + 2.0**-23)) for name, values in found.items()
    }
