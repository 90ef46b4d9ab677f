"""Tests that the code that ``explain`` prints for each framework computes the same numbers as the layer it explains.

They also test that a call of a framework is read as that framework computes it.

A framework that is installed runs its code: torch, JAX and ONNX with ``tox run -e third-parties``; Keras and TensorFlow
where they are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import re
from dataclasses import replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Sequence

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.explain.answer import Request, answer_request
from fixtures.explain.layer import Layer, Window, layer_of_case, make_windows
from fixtures.explain.shape_text import TensorShape
from fixtures.oracle.expectation import Accepts, expected_result
from suites.fuzz.explain import answer_words, read_words
from suites.fuzz.layer_texts import KINDS

NEEDS = {"keras": "keras", "torch": "torch", "tensorflow": "tensorflow", "jax": "jax", "onnx": "onnxruntime"}
HERE = [name for name, module in NEEDS.items() if importlib.util.find_spec(module)]
DRAWN = 60  # layers of each kind
KIND_OF = {"torch": "torch call", "onnx": "ONNX node", "jax": "JAX or Flax call", "tensorflow": "TensorFlow call"}
_SMALL = 4000  # most cells of an output


@lru_cache(maxsize=None)
def load(name: str) -> ModuleType:
    """Return a module."""
    return importlib.import_module(name)


def compute(windows: Sequence[Window], x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the output by adding every product to its cell; x is channels last, kernel (*k, filters, channels)."""
    full = np.zeros((len(x), *(window.full or 0 for window in windows), len(bias)))
    for i in np.ndindex(*(window.n or 0 for window in windows)):
        for j in np.ndindex(*(window.k for window in windows)):
            place = tuple(a * window.s + b * window.d for a, b, window in zip(i, j, windows))
            full[(slice(None), *place)] += x[(slice(None), *i)] @ kernel[j].T
    pads = [(max(-window.front, 0), max(-window.end, 0)) for window in windows]
    full = np.pad(full, [(0, 0), *pads, (0, 0)])
    cuts = [slice(max(window.front, 0), size - max(window.end, 0)) for window, size in zip(windows, full.shape[1:])]
    return np.asarray(full[(slice(None), *cuts)] + bias)


def make_arrays(layer: Layer, windows: Sequence[Window]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return small integers as x (channels last), kernel and bias."""
    draw = np.random.default_rng(1)
    x = draw.integers(-4, 5, (1, *(window.n or 0 for window in windows), layer.channels or 1))
    kernel = draw.integers(-4, 5, (*layer.kernel_size, layer.filters, layer.channels or 1))
    bias = draw.integers(1, 5, layer.filters) * layer.use_bias
    return x.astype("float32"), kernel.astype("float32"), bias.astype("float32")


def run_code(framework: str, code: Sequence[str], x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return what the printed code of a framework computes, channels last."""
    return {"torch": _run_torch, "onnx": _run_onnx}.get(framework, _run_plain)(code, x, kernel, bias)


def _run_plain(code: Sequence[str], x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    names: dict[str, Any] = {"x": x, "kernel": kernel, "bias": bias}
    for line in code:
        for module, name in (("keras", "keras"), ("tensorflow", "tf"), ("jax", "jax")):
            if re.search(r"\b%s\." % name, line):
                names[name] = load(module)
        if "Conv" in line and "keras" in line:
            expression = line.partition(" = ")[2]
            names["layer"] = eval(expression[: -len("(x)")], names)
            names["layer"].build(x.shape)
            names["layer"].set_weights([kernel, bias] if bias.any() else [kernel])
            names["y"] = names["layer"](x)
        else:
            exec(line, names)
    return np.asarray(names["y"])


def _run_torch(code: Sequence[str], x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    torch, rank = load("torch"), x.ndim - 2
    names: dict[str, Any] = {"torch": torch, "x": torch.tensor(np.ascontiguousarray(np.moveaxis(x, -1, 1)))}
    exec(code[0], names)
    weight = np.ascontiguousarray(kernel.transpose(rank + 1, rank, *range(rank)))
    names["layer"].weight.data = torch.tensor(weight)
    if names["layer"].bias is not None:
        names["layer"].bias.data = torch.tensor(bias)
    exec(code[1], names)
    return np.moveaxis(names["y"].detach().numpy(), 1, -1)


def _run_onnx(code: Sequence[str], x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    onnx, runtime, rank = load("onnx"), load("onnxruntime"), x.ndim - 2
    load("onnx.helper")
    names: dict[str, Any] = {"onnx": onnx}
    exec(code[0], names)
    fed = {"x": np.moveaxis(x, -1, 1), "w": kernel.transpose(rank + 1, rank, *range(rank)), "b": bias}
    fed = {name: np.ascontiguousarray(array) for name, array in fed.items() if name in names["node"].input}
    return np.moveaxis(_run_node(onnx, runtime, names["node"], fed), 1, -1)


def _run_node(onnx: Any, runtime: Any, node: Any, fed: dict[str, np.ndarray]) -> np.ndarray:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info(name, kind, array.shape) for name, array in fed.items()]
    output = helper.make_tensor_value_info(node.output[0], kind, None)
    graph = helper.make_graph([node], "one", inputs, [output])
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 22)])
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, fed)
    return np.asarray(y)


def small_cases() -> list[Case]:
    """Return cases that Keras accepts and that take no time."""
    found = []
    for case in cases_of_tier("smoke"):
        one = replace(case, batch=1, dtype="float32", activation="linear", data_format="channels_last")
        expected = expected_result(one)
        if isinstance(expected, Accepts) and 0 < np.prod(expected.shape) < _SMALL and min(case.size) > 0:
            found.append(one)
    return list(dict.fromkeys(found))[:DRAWN]


@pytest.mark.parametrize("framework", HERE)
def test_the_code_for_a_keras_layer_computes_its_output(framework: str) -> None:
    """The products of the definition are added; every case has code in every framework."""
    checked = 0
    for case in small_cases():
        layer, shape = layer_of_case(case)
        answer = answer_request(Request(layer, shape))
        windows = make_windows(layer, case.size)
        arrays = make_arrays(layer, windows)
        for one in answer.translations:
            if one.framework == framework:
                assert one.code, (case.id, one.because)
                np.testing.assert_array_equal(
                    run_code(framework, one.code, *arrays), compute(windows, *arrays), case.id
                )
                checked += 1
    assert checked > 20 or framework == "keras"


@pytest.mark.parametrize("framework", HERE)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("options", "case id")])
def test_the_code_for_a_layer_of_another_framework_computes_its_output(kind: str, framework: str) -> None:
    """Code that cannot be expressed has a reason; at least half of the drawn layers have code."""
    checked = 0
    for number in range(DRAWN):
        request = _draw(kind, number)
        if request is None:
            continue
        answer, windows = answer_request(request), make_windows(request.layer, request.shape.size)
        arrays = make_arrays(request.layer, windows)
        for one in answer.translations:
            if one.framework == framework:
                assert one.code or one.because
                if one.code and not (framework == "tensorflow" and max(request.layer.dilation_rate) > 1):
                    found = run_code(framework, one.code, *arrays)  # TensorFlow's CPU has no dilation with strides
                    np.testing.assert_array_equal(found, compute(windows, *arrays), str(one.code))
                    checked += 1
    assert checked > 5 or kind == KIND_OF.get(framework) or (framework, kind) == ("keras", "Keras call")


def _draw(kind: str, number: int) -> Request | None:
    """Return a drawn layer with few channels, or None if it is large or refused."""
    drawn = KINDS[kind](random.Random("%s/%d" % (kind, number)))
    if drawn.expected is None or min(drawn.expected) < 1 or np.prod(drawn.expected) > _SMALL:
        return None
    request = read_words(drawn.words)
    layer = replace(request.layer, channels=2, filters=3)
    return Request(layer, TensorShape(1, request.shape.size, 2, "", has_batch=True))


@pytest.mark.parametrize("framework", [name for name in HERE if name in KIND_OF])
def test_a_call_of_a_framework_is_read_as_the_framework_computes_it(framework: str) -> None:
    """The framework runs the text that was read; its output has the lengths and values of the answer."""
    checked = 0
    for number in range(DRAWN):
        drawn = KINDS[KIND_OF[framework]](random.Random("read %d" % number))
        request = read_words(drawn.words)
        size = tuple(n for n in request.shape.size if n is not None)
        if drawn.expected is None or min(drawn.expected) < 1 or np.prod(drawn.expected) > _SMALL:
            continue
        found = _run_call(framework, drawn.words[0], request, size)
        if found is None:
            continue
        windows = make_windows(request.layer, size)
        x, kernel, bias = make_arrays(_with_counts(request), windows)
        np.testing.assert_array_equal(found, compute(windows, x, kernel, 0 * bias), drawn.words[0])
        assert found.shape[1:-1] == drawn.expected
        assert answer_words(drawn.words).output_shape is not None
        checked += 1
    assert checked > 10


def _with_counts(request: Request) -> Layer:
    layer = request.layer
    return replace(layer, channels=layer.channels or request.shape.channels or 1, use_bias=False)


def _run_call(framework: str, text: str, request: Request, size: Sequence[int]) -> np.ndarray | None:
    """Return what the framework computes for the call as it was written, or None for a kind of call that needs more."""
    layer = _with_counts(request)
    rank = layer.rank
    x, kernel, _ = make_arrays(layer, make_windows(layer, tuple(size)))
    first = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    weight = np.ascontiguousarray(kernel.transpose(rank + 1, rank, *range(rank)))
    if framework == "torch":
        torch = load("torch")
        made = eval("torch.nn." + text[text.index("ConvTranspose") :], {"torch": torch})
        made.weight.data = torch.tensor(weight)
        made.bias.data = 0 * made.bias.data
        return np.asarray(np.moveaxis(made(torch.tensor(first)).detach().numpy(), 1, -1))
    if framework == "onnx":
        attributes = re.search(r"kernel_shape.*[\]\"]", text)
        assert attributes
        load("onnx.helper")
        named = eval("dict(%s)" % attributes.group())
        if any(o >= s for o, s in zip(named["output_padding"], named["strides"])):
            return None  # ONNX Runtime refuses it, which the answer says
        if any("its output is shorter" in note for note in layer.notes):
            return None
        node = load("onnx").helper.make_node("ConvTranspose", ["x", "w"], ["y"], **named)
        return np.moveaxis(_run_node(load("onnx"), load("onnxruntime"), node, {"x": first, "w": weight}), 1, -1)
    if framework == "jax" and "lax" in text:
        spatial = {1: "W", 2: "HW", 3: "DHW"}[rank]
        numbers = ("N%sC" % spatial, spatial + "IO", "N%sC" % spatial)
        flipped = kernel[(slice(None, None, -1),) * rank]  # without transpose_kernel JAX does not flip
        names = {"jax": load("jax"), "x": x, "w": np.swapaxes(flipped, -1, -2), "numbers": numbers}
        (order,) = [note.partition("kernel = ")[2] for note in layer.notes if "kernel = " in note]
        np.testing.assert_array_equal(eval(order, names), kernel, "what the answer says about the kernel")
        return np.asarray(eval(text[:-1] + ", dimension_numbers=numbers)", names))
    if framework == "tensorflow":
        return np.asarray(eval(text, {"tf": load("tensorflow"), "x": x, "w": kernel}))
    return None
