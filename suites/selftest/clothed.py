"""The double in Keras' clothes: what code to paste finds in place of Keras, so that it runs without a framework."""

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
from fixtures.contract.cases import PLAIN
from fixtures.faults import HEALTHY, Fault, find
from fixtures.observation import Observed
from fixtures.subjects.layered import Formula
from fixtures.subjects.miniature import ConvTranspose, Symbol
from fixtures.subjects.probe import Probe
from fixtures.subjects.twin import Twin

MODULE = "parity_fake_keras"
_PASTED = {
    "total": "np.sum",
    "second-order": "second_order = keras.asked('second-order', 'eager', 'xgh')",
    "traced": "traced = lambda layer, shape, dtype: layer.inferred(shape, 'traced')",
    "exported": "exported = keras.exported",
}
_plainly_called = ConvTranspose.__call__


class Clothed(Twin):
    """With code to paste, of the module ``keras`` below."""

    imports = (
        "import %s as keras\ncast = lambda x, dtype: x\n"
        "to_float = lambda y: getattr(y, 'values', getattr(y, 'value', y))"
    ) % MODULE

    def pasted(self, what: str) -> str:
        """Straight to the double."""
        return _PASTED.get(what, "")

    def pasted_call(self, mode: str) -> str:
        """In its mode, for a fault may show in one alone."""
        return "call = lambda x: keras.asked('output', %r, 'x')(layer, x)['output']" % mode

    def pasted_gradients(self, mode: str) -> str:
        """As the double answers."""
        return "gradients = keras.asked('gradients', %r, 'xg')" % mode

    def formula(self, padding: str) -> Formula:
        """The search, found again in the module."""
        return replace(super().formula(padding), pasted="length = keras.formula(%r).length\n" % padding)

    def asked(self, what: str, mode: str, names: str) -> Any:
        """A function of a layer and arrays: the double's answer by name."""

        def answered(layer: Any, *arrays: Any) -> Any:
            _, size, channels = layer._parts(arrays[0].shape)
            case: Case = layer.case_of(size, channels, len(arrays[0]))
            probe = Probe(self, case, mode, "CPU:0")
            probe.layer = layer
            return self.answer(probe, what, case, dict(zip(names, arrays)))

        return answered


def subject(fault: Fault) -> Clothed:
    """The double with that fault, dressed."""
    return Clothed(fault)


@contextlib.contextmanager
def dressed(double: Clothed) -> Iterator[None]:
    """While code runs: the module to import, layers that answer with a dtype, and signatures as the double has them."""
    module: Any = types.ModuleType(MODULE)
    for name in ("layers", "models", "backend", "optimizers", "initializers", "regularizers", "constraints", "utils"):
        setattr(module, name, getattr(double.keras, name))
    module.asked, module.exported, module.formula = double.asked, double.exported, double.formula
    kind = double.keras.layers.Conv2DTranspose
    made = _signed(kind.__init__, double.signature(PLAIN))
    called = _signed(kind.call, double.call_signature(kind))
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
    """An array with the dtype that the double puts out."""
    found = _plainly_called(layer, inputs)
    if isinstance(found, Symbol):
        return found
    return Observed(found.shape, layer.compute_dtype, found, "CPU:0")


def printed(code: str, double: Clothed) -> str:
    """What code to paste prints when ``keras`` is the double."""
    text = io.StringIO()
    with dressed(double), contextlib.redirect_stdout(text):
        exec(compile(code, "<code to paste>", "exec", dont_inherit=True), {"__name__": "__main__"})
    return text.getvalue()


def standalone(code: str, fault: str) -> str:
    """Code that dresses the double itself, for another process."""
    lines = ["from suites.selftest.clothed import dressed, named", "dressing = dressed(named(%r))" % fault]
    return "\n".join([*lines, "dressing.__enter__()", code])


def named(fault: str) -> Clothed:
    """The double with the fault of that name; healthy for ``healthy``."""
    return Clothed(HEALTHY if fault == HEALTHY.name else find(fault))
