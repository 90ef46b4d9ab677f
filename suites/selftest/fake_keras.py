"""A stand-in for the module ``keras``: the NumPy layer computes, so that snippets run without a framework."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from functools import lru_cache
from typing import Any, Iterator
from unittest import mock

from fixtures.case import Case
from fixtures.faults import HEALTHY, Fault, find_fault
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.numpy_layer.layers import ConvTranspose
from fixtures.numpy_layer.tensors import Symbol
from fixtures.observation import Observed
from fixtures.snippets.shared_parts import FUTURE

MODULE = "parity_fake_keras"
_SNIPPET_CODE = {
    "total": "np.sum",
    "second-order": "second_order = keras.make_answer('second-order', 'eager', 'xgh')",
}
_plainly_called = ConvTranspose.__call__


class AnsweredArray(Observed):
    """An output of the stand-in layer: an array with a dtype, which NumPy functions accept as an array."""

    _keras_mask: Any = None

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values


class FakeKeras(NumpyLayer):
    """An adapter of the NumPy layer that also writes snippets; their ``keras`` is the stand-in module."""

    imports = "import %s as keras" % MODULE
    is_diagnosed = False  # a snippet is the same with a diagnosis and without one
    definitions = "cast = lambda x, dtype: x\nto_float = lambda y: getattr(y, 'values', getattr(y, 'value', y))"

    def snippet_code(self, what: str) -> str:
        """Return the code that a snippet needs to compute ``what`` with the NumPy layer."""
        return _SNIPPET_CODE.get(what, "")

    def snippet_call(self, mode: str) -> str:
        """Return the code that calls the layer in this mode; a fault may show in one mode only."""
        return "call = lambda x: keras.make_answer('output', %r, 'x')(layer, x)['output']" % mode

    def snippet_gradients(self, mode: str) -> str:
        """Return the code that computes gradients with the NumPy layer in this mode."""
        return "gradients = keras.make_answer('gradients', %r, 'xg')" % mode

    def make_answer(self, what: str, mode: str, names: str) -> Any:
        """Return a function of a layer and arrays that returns the NumPy layer's results by name."""

        def answered(layer: Any, *arrays: Any) -> Any:
            _, size, channels = layer._split_input_shape(arrays[0].shape)
            case: Case = layer.case_of(size, channels, len(arrays[0]))
            probe = LayerInMode(self, case, mode, "CPU:0")
            probe.layer = layer
            return self.answer(probe, what, case, dict(zip(names, arrays)))

        return answered


def numpy_layer_as_keras(fault: Fault) -> FakeKeras:
    """Return the stand-in for Keras whose NumPy layer has this fault."""
    return FakeKeras(fault)


@contextlib.contextmanager
def keras_replaced(numpy_layer: FakeKeras) -> Iterator[None]:
    """Install the stand-in module ``keras`` while the block runs; its layers return arrays with a dtype."""
    module: Any = types.ModuleType(MODULE)
    for name in (
        *("layers", "models", "backend", "optimizers", "initializers", "regularizers", "constraints", "utils"),
        *("fault", "signature", "length_function", "cast_input"),
    ):
        setattr(module, name, getattr(numpy_layer.keras, name))
    module.make_answer = numpy_layer.make_answer
    sys.modules[MODULE] = module
    with mock.patch.object(ConvTranspose, "__call__", _array_with_dtype):
        try:
            yield
        finally:
            del sys.modules[MODULE]


def _array_with_dtype(layer: Any, inputs: Any) -> Any:
    """Call the NumPy layer and return its output with the layer's compute dtype."""
    found = _plainly_called(layer, inputs)
    if isinstance(found, Symbol):
        return found
    answer = AnsweredArray(found.shape, layer.compute_dtype, found, "CPU:0")
    object.__setattr__(answer, "_keras_mask", getattr(found, "_keras_mask", None))
    return answer


def run_snippet(code: str, numpy_layer: FakeKeras) -> str:
    """Run a snippet with the stand-in for Keras and return what it prints."""
    text, names = io.StringIO(), {"__name__": "__main__"}
    with keras_replaced(numpy_layer), contextlib.redirect_stdout(text):
        for part in split_snippet(code):
            exec(_compile_part(part), names)
    return text.getvalue()


def split_snippet(code: str) -> list[str]:
    """Return the parts of a snippet, which two empty lines separate, each with the first part's import of FUTURE."""
    first, *others = code.split("\n\n\n")
    if any(FUTURE in part for part in others):
        raise SyntaxError("%s is not at the beginning of the snippet" % FUTURE)
    start = FUTURE + "\n" if FUTURE in first else ""
    return [first, *(start + part for part in others)]


@lru_cache(maxsize=2000)  # snippets share most of their functions, which are compiled once
def _compile_part(code: str) -> types.CodeType:
    compiled: types.CodeType = compile(code, "<snippet>", "exec", dont_inherit=True)
    return compiled


def make_standalone(code: str, fault: str) -> str:
    """Return a snippet with added lines that install the stand-in for Keras, so that another process can run it."""
    lines = ["from suites.selftest.fake_keras import make_fake_keras, keras_replaced"]
    lines.append("dressing = keras_replaced(make_fake_keras(%r))" % fault)
    future = [FUTURE] if FUTURE in code else []
    return "\n".join([*future, *lines, "dressing.__enter__()", code.replace(FUTURE, "")])


def make_fake_keras(fault: str) -> FakeKeras:
    """Return the stand-in for Keras with the fault of that name, or without a fault for ``healthy``."""
    return FakeKeras(HEALTHY if fault == HEALTHY.name else find_fault(fault))
