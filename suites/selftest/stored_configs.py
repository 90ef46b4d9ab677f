"""Configurations of models as Keras 2 and Keras 3 write them, and files of them, for tests of the command ``model``."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any


def make_layer(name: str, class_name: str, *sources: str, **config: Any) -> dict[str, Any]:
    """Return a layer of a functional model as Keras 2 writes it, called once on the outputs of ``sources``."""
    calls = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"name": name, "class_name": class_name, "config": {"name": name, **config}, "inbound_nodes": calls}


def make_model(layers: list[dict[str, Any]], output: str, name: str = "model") -> dict[str, Any]:
    """Return a functional model whose input is its first layer."""
    ends = {"input_layers": [[layers[0]["name"], 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": {"name": name, "layers": layers, **ends}}


def make_input(*lengths: int | None, name: str = "image") -> dict[str, Any]:
    """Return an input of that shape, without the batch."""
    return make_layer(name, "InputLayer", batch_input_shape=[None, *lengths])


def make_unet(size: int | None, levels: int = 3, kernel: int = 2, padding: str = "same") -> dict[str, Any]:
    """Return a U-Net: each level pools by 2, and a transposed convolution of strides 2 comes back to it."""
    layers, last = [make_input(size, size, 3)], "image"
    for level in range(levels):
        layers.append(make_layer("conv%d" % level, "Conv2D", last, filters=4, kernel_size=[3, 3], padding="same"))
        last = "pool%d" % level
        layers.append(make_layer(last, "MaxPooling2D", "conv%d" % level, pool_size=[2, 2]))
    for level in reversed(range(levels)):
        given: dict[str, Any] = {"filters": 4, "kernel_size": [kernel] * 2, "strides": [2, 2], "padding": padding}
        layers.append(make_layer("up%d" % level, "Conv2DTranspose", last, output_padding=None, **given))
        last = "join%d" % level
        layers.append(make_layer(last, "Concatenate", "up%d" % level, "conv%d" % level, axis=-1))
    return make_model(layers, last)


def as_keras_3(model: dict[str, Any]) -> dict[str, Any]:
    """Return the same model with its calls as Keras 3 writes them."""
    layers = []
    for layer in model["config"]["layers"]:
        calls = []
        for call in layer["inbound_nodes"]:
            tensors = [
                {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": source[:3]}}
                for source in call
            ]
            calls.append({"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": {"training": False}})
        layers.append({**layer, "inbound_nodes": calls})
    return {
        **model,
        "config": {**model["config"], "layers": layers, "output_layers": model["config"]["output_layers"][0]},
    }


def write_keras_file(path: Path, config: Any, version: str = "3.15.1") -> Path:
    """Write a .keras file without weights, and return its path."""
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
    return path
