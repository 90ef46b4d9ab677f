"""Tests of the small Keras of the NumPy layer: arguments, refusals, inferred shapes, files and copies."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.data_sets import make_dense_integers
from fixtures.faults import HEALTHY, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.numpy_layer.arguments import PARAMETERS, NumpyLayerError
from fixtures.numpy_layer.mini_keras import MiniKeras
from fixtures.numpy_layer.tensors import Symbol

KERAS = MiniKeras(HEALTHY)


def make_layer(**changed: Any) -> Any:
    """Return a Conv2DTranspose with two filters and a kernel of 3, and these other arguments."""
    return KERAS.layers.Conv2DTranspose(**{"filters": 2, "kernel_size": 3, **changed})


def make_built_layer() -> Any:
    """Return the built layer of the plain case with integer weights."""
    data = make_dense_integers(PLAIN)
    numpy_layer = NumpyLayer(HEALTHY)
    made = numpy_layer.construct(PLAIN)
    numpy_layer.build(made, PLAIN, [values for values in (data.kernel, data.bias) if values is not None])
    return made


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"strides": 2}, {"strides": (2, 2)}),
        ({"strides": [2, 3]}, {"strides": (2, 3)}),
        ({"kernel_size": np.array([3, 2])}, {"kernel_size": (3, 2)}),
        ({"padding": "SAME"}, {"padding": "same"}),
        ({"data_format": None}, {"data_format": "channels_last"}),
        ({"output_padding": None}, {"output_padding": None}),
        ({}, {"filters": 2, "strides": (1, 1), "padding": "valid", "use_bias": True, "dilation_rate": (1, 1)}),
    ],
    ids=str,
)
def test_the_numpy_layer_normalises_its_arguments(given: dict[str, Any], meant: dict[str, Any]) -> None:
    """A number becomes a tuple, words become lower case, and missing arguments get their defaults."""
    config = make_layer(**given).get_config()
    assert {name: config[name] for name in meant} == meant
    assert set(config) == {name for name, _ in PARAMETERS} | {"name", "dtype", "trainable"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"strides": 2.0}, "strides"),
        ({"strides": True}, "strides"),
        ({"kernel_size": (3, 3, 3)}, "kernel_size"),
        ({"kernel_size": 0}, "kernel_size"),
        ({"kernel_size": 10**9}, "kernel_size"),
        ({"dilation_rate": ()}, "dilation_rate"),
        ({"padding": "full"}, "padding"),
        ({"data_format": "NHWC"}, "data_format"),
        ({"activation": "no_such_activation"}, "activation"),
        ({"strides": 2, "dilation_rate": 2}, "strides"),
        ({"strides": 2, "output_padding": 2}, "output_padding"),
        ({"groups": 1}, "groups"),
    ],
    ids=str,
)
def test_refusals_of_the_numpy_layer_name_the_argument(given: dict[str, Any], named: str) -> None:
    """The error class is the NumPy layer's own, so it is not taken for a bug of the suite."""
    with pytest.raises(NumpyLayerError, match=named):
        make_layer(**given)


def test_positional_arguments_of_the_numpy_layer_have_the_order_of_its_signature() -> None:
    """Too many and too few arguments are refused."""
    config = KERAS.layers.Conv2DTranspose(2, 3, 2, "same", 1).get_config()
    assert (config["strides"], config["padding"], config["output_padding"]) == ((2, 2), "same", (1, 1))
    with pytest.raises(NumpyLayerError, match="missing kernel_size"):
        KERAS.layers.Conv2DTranspose(2)
    with pytest.raises(NumpyLayerError):
        KERAS.layers.Conv2DTranspose(*([2, 3] + [None] * len(PARAMETERS)))


def test_the_numpy_layer_refuses_weights_and_inputs_of_another_shape() -> None:
    """Number, shape, rank and channels are checked."""
    made = make_built_layer()
    kernel, bias = made.get_weights()
    for wrong in ([kernel], [kernel, bias, bias], [bias, kernel]):
        with pytest.raises(NumpyLayerError, match="weight"):
            made.set_weights(wrong)
    for shape in ((2, 4, 5), (2, 4, 5, 4)):
        with pytest.raises(NumpyLayerError, match="input"):
            made(np.ones(shape))
    with pytest.raises(NumpyLayerError, match="channel"):
        make_layer().build((2, 4, 5, None))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_inferred_shape_of_the_numpy_layer_is_that_of_its_output(case: Any) -> None:
    """The shape is inferred by compute_output_shape and by a symbolic call."""
    made = NumpyLayer(HEALTHY).construct(case)
    computed = made(np.ones(case.input_shape)).shape
    assert computed == made.compute_output_shape(case.input_shape) == made(Symbol(case.input_shape)).shape


def test_models_files_and_copies_of_the_numpy_layer_keep_their_weights(tmp_path: Path) -> None:
    """A copy shares no weights with the original."""
    made, x = make_built_layer(), make_dense_integers(PLAIN).x
    model = KERAS.models.Model(Symbol(PLAIN.input_shape), made(Symbol(PLAIN.input_shape)))
    y = made(x)
    model.save(str(tmp_path / "model.h5"))
    assert (KERAS.models.load_model(str(tmp_path / "model.h5"))(x) == y).all()
    model.save_weights(str(tmp_path / "weights.h5"))
    clone = KERAS.models.clone_model(model)
    assert (clone(x) != y).any()
    clone.load_weights(str(tmp_path / "weights.h5"))
    assert (clone(x) == y).all()
    for copied in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert (copied(x) == y).all()
        copied.set_weights([0 * values for values in copied.get_weights()])
    assert (made(x) == y).all()
    assert json.loads(model.to_json())["class_name"] == "Conv2DTranspose"


def test_custom_objects_are_known_only_inside_their_scope() -> None:
    """Outside the scope, the name is refused as an activation."""

    def parity_doubled(x: Any) -> Any:
        return 2 * x

    with KERAS.utils.custom_object_scope({"parity_doubled": parity_doubled}):
        assert make_layer(activation="parity_doubled").arguments["activation"] is parity_doubled
    with pytest.raises(NumpyLayerError, match="activation"):
        make_layer(activation="parity_doubled")


def test_a_fault_of_other_modes_does_not_change_a_plain_call() -> None:
    """MiniKeras is called without a mode."""
    for name in ("graph-forgets-bias", "functional-ignores-dilation"):
        made, healthy = NumpyLayer(find_fault(name)).construct(CASES[2]), NumpyLayer(HEALTHY).construct(CASES[2])
        x = np.ones(PLAIN.input_shape)
        assert (made(x) == healthy(x)).all()
