"""The NumPy layer in Keras' clothes: what snippet finds in place of Keras, so that it runs without a framework."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
import types
from dataclasses import replace
from typing import Any, Iterator
from unittest import mock

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.faults import HEALTHY, Fault, find
from fixtures.frameworks.keras_interface import Formula
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.frameworks.probe import Probe
from fixtures.numpy_layer.layers import ConvTranspose, Symbol
from fixtures.observation import Observed

MODULE = "parity_fake_keras"
_SNIPPET_CODE = {
    "total": "np.sum",
    "second-order": "second_order = keras.asked('second-order', 'eager', 'xgh')",
    "traced": "traced = lambda layer, shape, dtype: layer.inferred(shape, 'traced')",
    "exported": "exported = keras.exported",
}
_plainly_called = ConvTranspose.__call__


class FakeKeras(NumpyLayer):
    """With snippets, of the module ``keras`` below."""

    imports = (
        "import %s as keras\ncast = lambda x, dtype: x\n"
        "to_float = lambda y: getattr(y, 'values', getattr(y, 'value', y))"
    ) % MODULE

    def snippet_code(self, what: str) -> str:
        """Straight to the NumPy layer."""
        return _SNIPPET_CODE.get(what, "")

    def snippet_call(self, mode: str) -> str:
        """In its mode, for a fault may show in one alone."""
        return "call = lambda x: keras.asked('output', %r, 'x')(layer, x)['output']" % mode

    def snippet_gradients(self, mode: str) -> str:
        """As the NumPy layer answers."""
        return "gradients = keras.asked('gradients', %r, 'xg')" % mode

    def formula(self, padding: str) -> Formula:
        """The search, found again in the module."""
        return replace(super().formula(padding), snippet_code="length = keras.formula(%r).length\n" % padding)

    def asked(self, what: str, mode: str, names: str) -> Any:
        """A function of a layer and arrays: the NumPy layer's answer by name."""

        def answered(layer: Any, *arrays: Any) -> Any:
            _, size, channels = layer._parts(arrays[0].shape)
            case: Case = layer.case_of(size, channels, len(arrays[0]))
            probe = Probe(self, case, mode, "CPU:0")
            probe.layer = layer
            return self.answer(probe, what, case, dict(zip(names, arrays)))

        return answered


def subject(fault: Fault) -> FakeKeras:
    """The NumPy layer with that fault, dressed."""
    return FakeKeras(fault)


@contextlib.contextmanager
def dressed(numpy_layer: FakeKeras) -> Iterator[None]:
    """While code runs: the module to import, layers that answer with a dtype, and the signatures."""
    module: Any = types.ModuleType(MODULE)
    for name in ("layers", "models", "backend", "optimizers", "initializers", "regularizers", "constraints", "utils"):
        setattr(module, name, getattr(numpy_layer.keras, name))
    module.asked, module.exported, module.formula = numpy_layer.asked, numpy_layer.exported, numpy_layer.formula
    kind = numpy_layer.keras.layers.Conv2DTranspose
    made = _signed(kind.__init__, numpy_layer.signature(PLAIN))
    called = _signed(kind.call, numpy_layer.call_signature(kind))
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(sys.modules, {MODULE: module}))
        stack.enter_context(mock.patch.object(kind, "__init__", made))
        stack.enter_context(mock.patch.object(kind, "call", called))
        stack.enter_context(mock.patch.object(ConvTranspose, "__call__", _observed))
        yield


def _signed(function: Any, parameters: list[tuple[str, Any]]) -> Any:
    """The same function, with a signature of its own."""

    def signed(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    told = [
        inspect.Parameter("self", kind),
        *(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default) for name, default in parameters),
    ]
    signed.__signature__ = inspect.Signature(told)  # type: ignore[attr-defined]  # what inspect looks for
    return signed


def _observed(layer: Any, inputs: Any) -> Any:
    """An array with the dtype that the NumPy layer puts out."""
    found = _plainly_called(layer, inputs)
    if isinstance(found, Symbol):
        return found
    return Observed(found.shape, layer.compute_dtype, found, "CPU:0")


def printed(code: str, numpy_layer: FakeKeras) -> str:
    """What snippet prints when ``keras`` is the NumPy layer."""
    text = io.StringIO()
    with dressed(numpy_layer), contextlib.redirect_stdout(text):
        exec(compile(code, "<snippet>", "exec", dont_inherit=True), {"__name__": "__main__"})
    return text.getvalue()


def standalone(code: str, fault: str) -> str:
    """Code that dresses the NumPy layer itself, for another process."""
    lines = ["from suites.selftest.fake_keras import dressed, named", "dressing = dressed(named(%r))" % fault]
    return "\n".join([*lines, "dressing.__enter__()", code])


def named(fault: str) -> FakeKeras:
    """The NumPy layer with the fault of that name; healthy for ``healthy``."""
    return FakeKeras(HEALTHY if fault == HEALTHY.name else find(fault))
