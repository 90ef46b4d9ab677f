"""The checks of promises as plain functions of Keras and NumPy; each returns expected and observed facts."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixtures.compare.verdict import find_differing_entries
from fixtures.frameworks.model_calls import make_model_of_layer, run_train_step
from fixtures.frameworks.round_trips import corner_class, halved_class
from fixtures.frameworks.tools import compute_dtype


def make_layer_with_weights(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any) -> Any:
    """Return a built layer with these weights."""
    layer = tools.make(kind, arguments)
    tools.build(layer, input_shape, weights, arguments["dtype"])
    return layer


def compare_weight_shapes(tools: Any, kind: str, arguments: Any, input_shape: Any, shapes: Any) -> Any:
    """Return expected and observed shapes of the weights, and the number of their entries."""
    layer = tools.make(kind, arguments)
    layer.build(input_shape)
    found = [list(tools.weight(variable).shape) for variable in layer.weights]
    expected = {**shapes, "count": sum(int(np.prod(shape)) for shape in shapes.values())}
    return expected, {**dict(zip(("kernel", "bias"), found)), "count": int(layer.count_params())}


def compare_weight_losses(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any) -> Any:
    """Return expected and observed losses of two regularizers.

    One adds a multiple of one entry of the kernel, the other another multiple of one entry of the bias.
    """
    corner = corner_class(tools.keras)
    arguments = {**arguments, "kernel_regularizer": corner(0.5), "bias_regularizer": corner(0.25)}
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    kernel, bias = weights
    expected = sorted([0.5 * float(kernel.flat[0]), 0.25 * float(bias[0])])
    return {"losses": expected}, {"losses": sorted(tools.losses(layer, input_shape, arguments["dtype"]))}


def compare_activity_loss(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, y: Any) -> Any:
    """Return expected and observed losses of a regularizer of the output y: twice its first entry."""
    arguments = {**arguments, "activity_regularizer": corner_class(tools.keras)(2.0)}
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    # Keras divides it by the batch size, as its documentation of regularizers says.
    expected = [2.0 * float(y.flat[0]) / len(x)]
    return {"losses": expected}, {"losses": tools.losses(layer, input_shape, arguments["dtype"], x)}


def compare_constrained_step(
    tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any, g: Any, after: Any
) -> Any:
    """Return expected and observed numbers of entries that differ after a training step.

    The expected weights are those after a step of plain gradient descent, halved: the constraint comes after the step.
    """
    halved = halved_class(tools.keras)
    arguments = {**arguments, "kernel_constraint": halved(), "bias_constraint": halved()}
    layer = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    model = make_model_of_layer(tools.keras, layer, input_shape, compute_dtype(arguments["dtype"]))
    run_train_step(tools.keras, model, x.astype("float32"), g.astype("float32"), tools.total)
    found = dict(zip(("kernel", "bias"), map(tools.weight, layer.weights)))
    wrong = {name: int(find_differing_entries(found[name], 0.5 * values).sum()) for name, values in after.items()}
    return dict.fromkeys((name + " entries that differ" for name in after), 0), {
        name + " entries that differ": count for name, count in wrong.items()
    }


def compare_initializer_shape(tools: Any, kind: str, arguments: Any, input_shape: Any, shape: Any) -> Any:
    """Return expected and observed shape for which the initializer is asked, and how many of its values differ."""
    shapes = []

    def counted(shape: Any, dtype: Any = None, **_: Any) -> Any:
        shapes.append([int(length) for length in shape])
        return np.arange(int(np.prod(shapes[-1])), dtype="float32").reshape(shapes[-1])

    layer = tools.make(kind, {**arguments, "kernel_initializer": counted})
    layer.build(input_shape)
    first = np.arange(int(np.prod(shape)), dtype=float).reshape(shape)
    wrong = find_differing_entries(tools.weight(layer.weights[0]), first) if shapes[-1:] == [shape] else np.ones(1)
    return {"shape": [shape], "entries that differ": 0}, {"shape": shapes[-1:], "entries that differ": int(wrong.sum())}


def compare_initializer_fan(tools: Any, kind: str, arguments: Any, input_shape: Any, mode: str) -> Any:
    """Return expected and observed number of inputs or outputs that a variance-scaling initializer uses.

    The range of the initial values shows it. Every output cell sums kernel cells times channels; every input cell
    spreads over kernel cells times filters.
    """
    scaling = tools.keras.initializers.VarianceScaling(scale=1.0, mode=mode, distribution="uniform", seed=3)
    layer = tools.make(kind, {**arguments, "kernel_initializer": scaling})
    layer.build(input_shape)
    most = float(np.abs(tools.weight(layer.weights[0])).max())
    taps = int(np.prod(arguments["kernel_size"]))
    fans = {"channels": input_shape[-1], "filters": arguments["filters"]}
    # The largest of this many uniform values is within 3 percent of the limit.
    found = [name for name, fan in fans.items() if 0.97 < most / np.sqrt(3.0 / (taps * fan)) < 1.0001]
    observed = "kernel cells times " + found[0] if found else "neither channels nor filters times kernel cells"
    expected = "kernel cells times " + {"fan_in": "channels", "fan_out": "filters"}[mode]
    return {mode: expected}, {mode: observed, "largest": round(most, 4)}


def compare_trainable_flags(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any) -> Any:
    """Return expected and observed numbers of trainable and other weights, of a frozen layer and after it is thawed."""
    layer = make_layer_with_weights(tools, kind, {**arguments, "trainable": False}, input_shape, weights)
    frozen = [len(layer.trainable_weights), len(layer.non_trainable_weights)]
    layer.trainable = True
    thawed = [len(layer.trainable_weights), len(layer.non_trainable_weights)]
    return {"frozen": [0, 2], "thawed": [2, 0]}, {"frozen": frozen, "thawed": thawed}


def compare_layer_names(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any) -> Any:
    """Return expected and observed names of a layer with a name, of one without, and of the weights."""
    named = make_layer_with_weights(tools, kind, {**arguments, "name": "decoder"}, input_shape, weights)
    unnamed = make_layer_with_weights(tools, kind, arguments, input_shape, weights)
    ends = [str(variable.name).split("/")[-1].split(":")[0].split("_")[0] for variable in unnamed.weights]
    default = kind.replace("DTranspose", "d_transpose").lower()
    found = {"name": named.name, "weights": ends, "default": unnamed.name.startswith(default)}
    return {"name": "decoder", "weights": ["kernel", "bias"], "default": True}, found


def compare_input_spec(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any) -> Any:
    """Return expected and observed rank and known lengths of the input that the layer declares."""
    spec = make_layer_with_weights(tools, kind, arguments, input_shape, weights).input_spec
    rank = len(input_shape)
    if spec is None:
        return {"rank": rank}, {"rank": "no input_spec"}
    axes = {int(axis) % rank: int(length) for axis, length in (spec.axes or {}).items()}
    known = spec.ndim if spec.ndim is not None else spec.min_ndim
    axis = 1 if arguments["data_format"] == "channels_first" else rank - 1
    expected = {"rank": rank, "axes": {"%d" % axis: input_shape[axis]}}
    return expected, {"rank": known, "axes": {str(axis): length for axis, length in axes.items()}}


def compare_two_sizes(tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, pairs: Any) -> Any:
    """Return expected and observed numbers of entries that differ, one for every pair (input, expected output).

    The same layer is called on all inputs.
    """
    layer, wrong = make_layer_with_weights(tools, kind, arguments, input_shape, weights), []
    for x, y in pairs:
        found, _ = tools.call(layer, x, arguments["dtype"])
        wrong.append(int(find_differing_entries(found, y).sum()) if found.shape == y.shape else y.size)
    return {"entries that differ": [0] * len(pairs)}, {"entries that differ": wrong}
