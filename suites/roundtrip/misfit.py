"""Weights of a file that do not fit the model (rule C14), as a plain function of Keras and NumPy."""

from __future__ import annotations

import inspect
import tempfile
from typing import Any

import numpy as np

from fixtures.frameworks.adapter import NotSupported
from fixtures.frameworks.tools import compute_dtype


def make_model_pair(tools: Any, kind: str, arguments: Any, input_shape: Any) -> Any:
    """Return two models of the layers decoder and head; the second decoder has a larger kernel, all else is equal."""
    whole = tools.make(kind, {**arguments, "name": "decoder"})  # only once, because it may begin a new graph
    rank = len(arguments["kernel_size"])
    plain = {"filters": 2, "kernel_size": (1,) * rank, "data_format": arguments["data_format"]}
    larger = tuple(length + 1 for length in arguments["kernel_size"])

    def make_model(decoder: Any) -> Any:
        head = type(whole)(name="head", dtype=arguments["dtype"], **plain)
        fed = tools.keras.layers.Input(tuple(input_shape[1:]), dtype=compute_dtype(arguments["dtype"]))
        return tools.keras.models.Model(fed, head(decoder(fed)))

    other = type(whole)(**{**arguments, "kernel_size": larger, "name": "decoder"})
    return make_model(whole), make_model(other)


def load_weights_that_do_not_fit(
    tools: Any, kind: str, arguments: Any, input_shape: Any, weights: Any, skip: bool
) -> Any:
    """Return facts of a model of two layers after the weights of another one were loaded.

    In the other model, the kernel of the first layer is smaller; all else fits. Without ``skip_mismatch`` this is an
    error. With it, the first layer keeps its weights, the bias too, and the second one gets those of the file.
    """
    stored, model = make_model_pair(tools, kind, arguments, input_shape)
    count = len(weights)
    head_weights = [np.full(values.shape, 3.0 + at) for at, values in enumerate(stored.get_weights()[count:])]
    stored.set_weights([*weights, *head_weights])
    model.set_weights([np.full(values.shape, 7.0) for values in model.get_weights()])
    known = inspect.signature(model.load_weights).parameters
    by_name = {"by_name": True} if "by_name" in known else {}  # Keras 2 skips only what it loads by name
    if skip and "skip_mismatch" not in known:
        raise NotSupported("load_weights has no skip_mismatch here")
    with tempfile.TemporaryDirectory(prefix="keras-parity-") as folder:
        path = folder + ("/model.h5" if by_name else "/model.weights.h5")
        stored.save_weights(path)
        tools.stage = "round-trip"
        try:
            model.load_weights(path, **({"skip_mismatch": True, **by_name} if skip else {}))
        except Exception as error:
            if skip or "shape" not in str(error).lower():
                raise
            return {"loading": "refused with a word about shapes"}, {"loading": "refused with a word about shapes"}
    if not skip:
        return {"loading": "refused"}, {"loading": "accepted"}
    found = model.get_weights()
    changed = sum(int(np.sum(values != 7.0)) for values in found[:count])
    wrong = sum(int(np.sum(values != right)) for values, right in zip(found[count:], head_weights))
    expected = {"entries that changed in decoder": 0, "entries that differ in head": 0}
    return expected, {"entries that changed in decoder": changed, "entries that differ in head": wrong}
