"""What people do to a layer, as plain functions of Keras and NumPy; each returns expected and observed facts."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixtures.compare.contract_verdicts import make_output_facts
from fixtures.frameworks.adapter import NotSupported
from fixtures.frameworks.model_calls import make_model_of_layer
from fixtures.frameworks.tools import shape_as_list
from suites.promises.plain_functions import make_layer_with_weights


def compare_other_dtype(
    tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any, given: str, casts: bool
) -> Any:
    """Return facts of the output for an input of another dtype than the layer's.

    Keras documents that a layer casts inputs of floating point to its own dtype. It documents nothing of whole
    numbers: they are computed, or refused with a word about types.
    """
    if given.startswith("float") and not casts:
        raise NotSupported("this Keras documents no cast of inputs")
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    try:
        found = tools.call(layer, x, given)
    except Exception as error:
        if given.startswith("float") or not any(word in str(error) for word in ("type", "float", "'Int'")):
            raise
        return {"refused": "with a word about types"}, {"refused": "with a word about types"}
    return make_output_facts((y, arguments["dtype"]), found)


def compare_masked_input(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any) -> Any:
    """Return facts of the output for an input with a mask, made by ``Masking``; the masked cells are zero before.

    A mask changes no value. It is removed, or it has the lengths of the output; ``Masking`` also documents an error.
    """
    layer, outputs = make_layer_with_weights(tools, kind, arguments, input_shape, weights), []

    def call_masked(inputs: Any) -> Any:
        outputs.append(layer(tools.keras.layers.Masking()(inputs)))
        return outputs[0]

    try:
        found = tools.call(call_masked, x, arguments["dtype"])
    except TypeError as error:
        if "mask" not in str(error):
            raise
        return {"refused": "with a word about masks"}, {"refused": "with a word about masks"}
    expected, observed = make_output_facts((y, arguments["dtype"]), found)
    mask = getattr(outputs[0], "_keras_mask", None)
    mask = mask if mask is None else shape_as_list(mask.shape)
    good = mask is None or mask == list(y.shape)[: len(mask)]
    allowed = "removed, or of the output's lengths"
    return {**expected, "mask": allowed}, {**observed, "mask": allowed if good else "of the shape %s" % mask}


def compare_time_distributed(
    tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any
) -> Any:
    """Return facts of the output of the layer inside ``TimeDistributed``: the layer's output for each time step."""
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    wrapped = tools.keras.layers.TimeDistributed(layer)
    return make_output_facts((y, arguments["dtype"]), tools.call(wrapped, x, arguments["dtype"]))


def compare_spectral_normalization(
    tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any
) -> Any:
    """Return facts of the layer inside ``SpectralNormalization``.

    Outside of training the wrapper changes nothing. A call in training divides the kernel by its spectral norm, as a
    matrix with a column for each entry of the last axis. After 100 iterations the norm is 1 but for rounding.
    """
    if not hasattr(tools.keras.layers, "SpectralNormalization"):
        raise NotSupported("this Keras has no SpectralNormalization")
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    wrapped = tools.keras.layers.SpectralNormalization(layer, power_iterations=100)
    expected, observed = make_output_facts((y, arguments["dtype"]), tools.call(wrapped, x, arguments["dtype"]))
    tools.call(lambda inputs: wrapped(inputs, training=True), x, arguments["dtype"])
    kernel = tools.weight(layer.weights[0])
    norm = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), 2)
    return {**expected, "spectral norm": 1.0}, {**observed, "spectral norm": round(float(norm), 2)}


def compare_nested_model(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any) -> Any:
    """Return facts of the output of a model that has a model of the layer inside."""
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    inner = make_model_of_layer(tools.keras, layer, input_shape, arguments["dtype"])
    outer = make_model_of_layer(tools.keras, inner, input_shape, arguments["dtype"])
    return make_output_facts((y, arguments["dtype"]), tools.call(outer, x, arguments["dtype"]))


def compare_first_layer(
    tools: Any, kind: str, arguments: Any, input_shape: Any, argument: str, given: Any, documented: bool
) -> Any:
    """Return the input shape of a ``Sequential`` model whose first layer declares it, and whether it is built.

    An argument that this Keras does not document may be refused, by its name.
    """
    try:
        layer = tools.make(kind, {**arguments, argument: given})
    except (TypeError, ValueError) as error:
        if documented or argument not in str(error):
            raise
        return {"refused": "by name"}, {"refused": "by name"}
    model = tools.keras.models.Sequential([layer])
    expected = {"input shape": list(input_shape), "weights": 1 + bool(arguments["use_bias"])}
    lengths = [None if length is None else int(length) for length in model.input_shape]
    return expected, {"input shape": lengths, "weights": len(model.weights)}


def compare_initial_weights(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any) -> Any:
    """Return the numbers of entries that differ from the argument ``weights``, which may be refused by its name."""
    try:
        layer = tools.make(kind, {**arguments, "weights": weights})
    except (TypeError, ValueError) as error:
        if "weights" not in str(error):
            raise
        return {"refused": "by name"}, {"refused": "by name"}
    tools.call(layer, x, arguments["dtype"])
    wrong = [int(np.sum(tools.weight(one) != values)) for one, values in zip(layer.weights, weights)]
    return {"entries that differ": [0] * len(weights)}, {"entries that differ": wrong}
