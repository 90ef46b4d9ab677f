"""Tests of the judgement of a layer on the weights and the data that it has in a model."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.deviations import read_deviations
from fixtures.frameworks.forward_pass import record_forward_pass
from fixtures.frameworks.loaded_model import LayerCall, find_transposed_convolutions
from fixtures.model.cells import read_cell_runs
from fixtures.model.layer_case import make_case_of_layer
from fixtures.model.layer_judgement import judge_call
from fixtures.model.other_cells import find_known_differences, judge_loading
from fixtures.model.worker import judge_layer
from fixtures.oracle.expectation import compute_output
from fixtures.oracle.rounding import round_to_dtype
from fixtures.oracle.rules import CONTRACT

CASE = Case(2, (7, 6), 5, 3, (3, 4), (2, 3), (1, 1), "same")


def make_call(case: Case, scale: float = 1.0) -> LayerCall:
    """Return a call with random weights and data, and the output that a correct layer of the dtype gives."""
    rng = np.random.RandomState(0)
    kernel_shape = (*case.kernel_size, case.filters, case.channels)
    arrays = [rng.normal(0, scale, shape) for shape in ((case.batch, *case.size, case.channels), kernel_shape)]
    x, kernel = (round_to_dtype(values, case.compute_dtype) for values in arrays)
    bias = round_to_dtype(rng.normal(0, 1, case.filters), case.compute_dtype)
    y = round_to_dtype(compute_output(case, x, kernel, bias), case.compute_dtype)
    if case.data_format == "channels_first":
        x, y = np.moveaxis(x, -1, 1), np.moveaxis(y, -1, 1)
    return LayerCall(x, y, kernel, bias, case.compute_dtype, False)


@pytest.mark.parametrize(
    "case", [CASE, replace(CASE, data_format="channels_first", activation="relu"), replace(CASE, dtype="mixed_float16")]
)
def test_a_correct_output_is_right(case: Case) -> None:
    """Its error is a part of the bound."""
    verdict = judge_call(case, make_call(case), CONTRACT, "CPU:0")
    assert verdict.verdict == "agree" and 0 < (verdict.error_in_bounds or 0) <= 1
    assert verdict.compared == 2 * 14 * 18 * 3


def _shift(call: LayerCall) -> LayerCall:
    return replace(call, y=np.roll(call.y, 1, 1))


def _leave_out_bias(call: LayerCall) -> LayerCall:
    return replace(call, y=call.y - (call.bias if call.bias is not None else 0))


def _lose_bits(call: LayerCall) -> LayerCall:
    return replace(call, y=round_to_dtype(call.y, "bfloat16"))


def _cut(call: LayerCall) -> LayerCall:
    return replace(call, y=call.y[:, :-1])


def _insert_nan(call: LayerCall) -> LayerCall:
    y = call.y.copy()
    y[1, 2, 3, 0] = np.nan
    return replace(call, y=y)


def _change_dtype(call: LayerCall) -> LayerCall:
    return replace(call, dtype="float64")


@pytest.mark.parametrize(
    ("damage", "property"),
    [
        (_shift, "values"),
        (_leave_out_bias, "values"),
        (_lose_bits, "values"),
        (_cut, "shape"),
        (_insert_nan, "values"),
        (_change_dtype, "dtype"),
    ],
)
def test_a_wrong_output_is_found(damage: Any, property: str) -> None:
    """A shift, a missing bias, lost bits, a missing row, a NaN and another dtype."""
    verdict = judge_call(CASE, damage(make_call(CASE)), CONTRACT, "CPU:0")
    assert (verdict.verdict, verdict.property) == ("mismatch", property)
    if property == "values":
        assert verdict.error_in_bounds is not None and verdict.error_in_bounds > 1


def test_products_below_the_normal_range_may_become_zero() -> None:
    """Weights and data of 1e-25 have products that float32 cannot represent."""
    call = make_call(CASE, 1e-25)
    call.bias, call.y = np.zeros(3), np.zeros_like(call.y)
    assert judge_call(CASE, call, CONTRACT, "CPU:0").verdict == "agree"


def test_an_entry_beyond_the_range_may_have_any_value() -> None:
    """float16 ends at 65504; the other entries are compared."""
    case = replace(CASE, dtype="float16")
    call = make_call(case, 1.0)
    call.x[0, 0, 0] = 60000.0
    call.y = round_to_dtype(compute_output(case, call.x, call.kernel, call.bias), "float16")
    call.y[np.abs(call.y) > 65504] = np.inf
    verdict = judge_call(case, call, CONTRACT, "CPU:0")
    assert verdict.verdict == "agree" and 0 < verdict.compared < call.y.size
    call.y[1] += 1.0
    assert judge_call(case, call, CONTRACT, "CPU:0").verdict == "mismatch"


class Conv2DTranspose:
    """A layer with the attributes of Keras, which computes with the oracle; ``fault`` shifts its output."""

    fault = False

    def __init__(self, name: str, activation: Any) -> None:
        self.name, self.activation, self.use_bias, self.data_format = name, activation, True, CASE.data_format
        self.filters, self.kernel_size, self.strides, self.padding = 3, CASE.kernel_size, CASE.strides, CASE.padding
        self.dilation_rate, self.output_padding, self.dtype = (1, 1), None, "float32"
        call = make_call(CASE)
        self.kernel, self.bias = call.kernel, call.bias

    def call(self, x: np.ndarray) -> np.ndarray:
        """Return the output."""
        case = replace(CASE, batch=len(x), size=x.shape[1:3])
        y = self.activation(round_to_dtype(compute_output(case, x, self.kernel, self.bias), "float32"))
        return np.asarray(np.roll(y, 1, 1) if self.fault else y)


class Model:
    """A model of two layers on the same input, and one that is not called."""

    def __init__(self, keras: Any) -> None:
        plain = keras.activations.linear
        self.layers = [
            Conv2DTranspose("first", plain),
            Conv2DTranspose("second", np.tanh),
            Conv2DTranspose("third", plain),
        ]

    def __call__(self, x: np.ndarray, training: bool) -> None:
        """Call the layers; the first one twice."""
        self.layers[0].call(x)
        self.layers[0].call(x[:1])
        self.layers[1].call(x)


def make_subject() -> Any:
    """Return a subject whose fault is that of the stand-in layer."""
    keras = SimpleNamespace(
        layers=SimpleNamespace(Conv2DTranspose=Conv2DTranspose),
        activations=SimpleNamespace(linear=lambda y: y, relu=lambda y: np.maximum(y, 0)),
    )
    tools = SimpleNamespace(read=lambda values: (values, "float32"), weight=lambda values: values)
    return SimpleNamespace(keras=keras, tools=tools, on=lambda device: nullcontext())


def judge_stand_in(subject: Any, faulty: str = "") -> dict[str, Any]:
    """Return the judged layers of the stand-in model by their path."""
    model = Model(subject.keras)
    layers = find_transposed_convolutions(subject, model)
    record_forward_pass(subject, "CPU:0", model, layers, make_call(CASE).x, faulty)
    return {layer.path: layer for layer in (judge_layer(found, "keras3", "CPU:0") for found in layers)}


def test_every_call_of_every_layer_is_judged() -> None:
    """A shared layer has several calls, a layer with tanh is judged before it, and one was not reached."""
    judged = judge_stand_in(make_subject())
    assert [verdict.verdict for layer in judged.values() for verdict in layer.verdicts] == ["agree"] * 3
    assert judged["first"].notes == ("it is shared: the model calls it 2 times",)
    assert judged["second"].notes == ("the output is judged before the activation tanh",)
    assert judged["third"].notes == ("no data reached it",)


class _Faulty:
    """A context in which the stand-in layer has its fault."""

    def __enter__(self) -> None:
        Conv2DTranspose.fault = True

    def __exit__(self, *_: object) -> None:
        Conv2DTranspose.fault = False


@pytest.mark.parametrize("faulty", ["first", "second"])
def test_a_fault_in_one_layer_is_found_in_that_layer(faulty: str) -> None:
    """The other layers stay right."""
    subject = make_subject()
    subject.on = lambda device: _Faulty()
    judged = judge_stand_in(subject, faulty)
    wrong = {path for path, layer in judged.items() if any(v.verdict != "agree" for v in layer.verdicts)}
    assert wrong == {faulty}


def test_what_a_case_leaves_out_is_in_the_notes() -> None:
    """Groups and an unknown padding are not judged; a class of its own and a dtype policy are noted."""
    subject = make_subject()
    arguments = find_transposed_convolutions(subject, Model(subject.keras))[0].arguments
    assert make_case_of_layer({**arguments, "groups": 2}, (1, 4, 4, 6)).case is None
    assert make_case_of_layer({**arguments, "padding": "causal"}, (1, 4, 4, 6)).case is None
    made = make_case_of_layer({**arguments, "dtype": "quantized"}, (1, 4, 4, 5), "Mine", "float32")
    assert made.case is not None and len(made.notes) == 2


def test_what_other_cells_are_known_to_do_is_found() -> None:
    """The shift of Keras on torch before 3.15 is known, and that strides with dilation are refused."""
    cells, deviations = read_cell_runs(), read_deviations()
    case = Case(2, (8, 8), 3, 2, (3, 3), (2, 2), (1, 1), "same")
    causes = {(one.cell, one.cause.name) for one in find_known_differences(case, cells, deviations) if one.cause}
    assert ("keras3.12-torch", "torch-odd-crop-in-front") in causes
    assert ("keras3.15-torch", "torch-odd-crop-in-front") not in causes
    refused = find_known_differences(replace(case, dilation_rate=(2, 2)), cells, deviations)
    assert {one.effect for one in refused if one.cell == "tf2.15-tfkeras"} == {"refuses"}


def test_loading_elsewhere_is_judged_from_the_matrix() -> None:
    """A .keras file is not known before Keras 2.13; what nobody checked is not known."""
    cells = {cell.name: cell for cell in read_cell_runs()}
    found = {
        name: judge_loading(cells[name], "keras", "3.15.1", {"up": CASE}, read_deviations()).answer
        for name in ("tf2.10-tfkeras", "tf2.15-tfkeras", "keras3.15-torch")
    }
    assert found == {
        "tf2.10-tfkeras": "no",
        "tf2.15-tfkeras": "not known",
        "keras3.15-torch": "nothing known against it",
    }
