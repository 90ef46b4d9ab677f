"""The uses of arguments and inputs as plain functions of Keras and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixtures.frameworks.tools import shape_as_list


def use_argument(
    tools: Any, kind: str, arguments: Any, argument: str, given: Any, input_shape: Any, weights: Any, x: Any
) -> Any:
    """Return the output's values and dtype of a layer with ``argument=given``.

    Without weights the layer has those that it makes itself.
    """
    layer = tools.make(kind, {**arguments, argument: given})
    tools.stage = "build"
    if weights is None:
        layer.build(input_shape)
    else:
        tools.build(layer, input_shape, weights, arguments["dtype"])
    tools.stage = "call"
    return tools.call(layer, x, arguments["dtype"])


def use_input(tools: Any, kind: str, arguments: Any, built_for: Any, input_shape: Any) -> Any:
    """Return the output's values and dtype for ones of that shape; the call builds a layer not built for a shape."""
    layer = tools.make(kind, arguments)
    if built_for is not None:
        tools.stage = "build"
        layer.build(built_for)
    tools.stage = "call"
    return tools.call(layer, np.ones(input_shape), arguments["dtype"])


def compare_global_format(tools: Any, kind: str, arguments: Any, input_shape: Any, output_shape: Any) -> Any:
    """Return expected and observed facts of a layer without data_format, where image_data_format is channels_first.

    The inferred shape shows it, because no device refuses to infer a shape.
    """
    backend = tools.keras.backend
    before = backend.image_data_format()
    backend.set_image_data_format("channels_first")
    try:
        layer = tools.make(kind, {**arguments, "data_format": None})
    finally:
        backend.set_image_data_format(before)
    found = shape_as_list(layer.compute_output_shape(input_shape))
    expected = {"data_format": "channels_first", "shape": output_shape}
    return expected, {"data_format": layer.get_config()["data_format"], "shape": found}
