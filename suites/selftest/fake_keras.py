"""The NumPy layer in Keras' clothes: what snippet finds in place of Keras, so that it runs without a framework."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from typing import Any, Iterator
from unittest import mock

from fixtures.case import Case
from fixtures.faults import HEALTHY, Fault, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.frameworks.probe import Probe
from fixtures.numpy_layer.layers import ConvTranspose, Symbol
from fixtures.observation import Observed
from fixtures.snippets.scaffold import FUTURE

MODULE = "parity_fake_keras"
_SNIPPET_CODE = {
    "total": "np.sum",
    "second-order": "second_order = keras.make_answer('second-order', 'eager', 'xgh')",
}
_plainly_called = ConvTranspose.__call__


class AnsweredArray(Observed):
    """What a layer answers: an array with a dtype, which NumPy takes for an array too."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values


class FakeKeras(NumpyLayer):
    """With snippets, of the module ``keras`` below."""

    imports = "import %s as keras" % MODULE
    definitions = "cast = lambda x, dtype: x\nto_float = lambda y: getattr(y, 'values', getattr(y, 'value', y))"

    def snippet_code(self, what: str) -> str:
        """Straight to the NumPy layer."""
        return _SNIPPET_CODE.get(what, "")

    def snippet_call(self, mode: str) -> str:
        """In its mode, for a fault may show in one alone."""
        return "call = lambda x: keras.make_answer('output', %r, 'x')(layer, x)['output']" % mode

    def snippet_gradients(self, mode: str) -> str:
        """As the NumPy layer answers."""
        return "gradients = keras.make_answer('gradients', %r, 'xg')" % mode

    def make_answer(self, what: str, mode: str, names: str) -> Any:
        """A function of a layer and arrays: the NumPy layer's answer by name."""

        def answered(layer: Any, *arrays: Any) -> Any:
            _, size, channels = layer._split_input_shape(arrays[0].shape)
            case: Case = layer.case_of(size, channels, len(arrays[0]))
            probe = Probe(self, case, mode, "CPU:0")
            probe.layer = layer
            return self.answer(probe, what, case, dict(zip(names, arrays)))

        return answered


def numpy_layer_as_keras(fault: Fault) -> FakeKeras:
    """The NumPy layer with that fault, dressed."""
    return FakeKeras(fault)


@contextlib.contextmanager
def keras_replaced(numpy_layer: FakeKeras) -> Iterator[None]:
    """While code runs: the module to import, and layers that answer with a dtype."""
    module: Any = types.ModuleType(MODULE)
    for name in (
        *("layers", "models", "backend", "optimizers", "initializers", "regularizers", "constraints", "utils"),
        *("fault", "signature", "length_function"),
    ):
        setattr(module, name, getattr(numpy_layer.keras, name))
    module.make_answer = numpy_layer.make_answer
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(sys.modules, {MODULE: module}))
        stack.enter_context(mock.patch.object(ConvTranspose, "__call__", _array_with_dtype))
        yield


def _array_with_dtype(layer: Any, inputs: Any) -> Any:
    """An array with the dtype that the NumPy layer puts out."""
    found = _plainly_called(layer, inputs)
    if isinstance(found, Symbol):
        return found
    return AnsweredArray(found.shape, layer.compute_dtype, found, "CPU:0")


def run_snippet(code: str, numpy_layer: FakeKeras) -> str:
    """What snippet prints when ``keras`` is the NumPy layer."""
    text = io.StringIO()
    with keras_replaced(numpy_layer), contextlib.redirect_stdout(text):
        exec(compile(code, "<snippet>", "exec", dont_inherit=True), {"__name__": "__main__"})
    return text.getvalue()


def make_standalone(code: str, fault: str) -> str:
    """Code that dresses the NumPy layer itself, for another process."""
    lines = ["from suites.selftest.fake_keras import find_fault_or_healthy, keras_replaced"]
    lines.append("dressing = keras_replaced(find_fault_or_healthy(%r))" % fault)
    future = [FUTURE] if FUTURE in code else []
    return "\n".join([*future, *lines, "dressing.__enter__()", code.replace(FUTURE, "")])


def find_fault_or_healthy(fault: str) -> FakeKeras:
    """The NumPy layer with the fault of that name; healthy for ``healthy``."""
    return FakeKeras(HEALTHY if fault == HEALTHY.name else find_fault(fault))
