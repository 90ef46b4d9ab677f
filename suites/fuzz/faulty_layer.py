"""A layer with a fault in one of its methods: it raises anything or returns anything."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

import numpy as np

from fixtures.case import Case
from fixtures.faults import HEALTHY
from fixtures.frameworks.adapter import raised_by_reading
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.observation import Observed

SUBJECT = "numpy_layer"
METHODS = (
    *("__init__", "build", "call", "__call__", "get_config", "from_config", "get_weights", "set_weights"),
    *("count_params", "compute_output_shape", "infer_shape", "prepare_input", "__reduce__"),
)
ATTRIBUTES = (
    *("losses", "trainable_weights", "non_trainable_weights", "compute_dtype", "kernel_constraint", "weights"),
    *("input_spec", "name", "built"),
)


class LayerFailure(BaseException):
    """An exception that does not derive from Exception."""


class Unprintable(ValueError):
    """An exception whose message cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError("no message")


EXCEPTIONS = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, NotImplementedError, ImportError),
    *(MemoryError, RecursionError, StopIteration, StopAsyncIteration, OSError, UnicodeError, ZeroDivisionError),
    *(SystemExit, KeyboardInterrupt, GeneratorExit, BaseException, LayerFailure, Unprintable),
)


class Opaque:
    """An object without any of the methods that a value has."""

    __slots__ = ()


def _remove_part(value: Any) -> Any:
    """Return a value without its last or one of its parts: a weight, a key, an axis."""
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != sorted(value)[len(value) // 2]}
    if isinstance(value, np.ndarray):
        return value[..., 0] if value.ndim else value
    return value[:-1] if isinstance(value, (list, tuple, str)) else None


def _add_part(value: Any) -> Any:
    """Return a value with a part too many, or with another type of its parts."""
    if isinstance(value, dict):
        return {**dict.fromkeys(value), "another": 1}
    if isinstance(value, np.ndarray):
        return value[None]
    if isinstance(value, (list, tuple)):
        return [*value, "another"]
    return [value]


RETURNS: Mapping[str, Callable[[Any], Any]] = {
    "returns None": lambda value: None,
    "returns a text": lambda value: "text",
    "returns a number": lambda value: 7,
    "returns a number that is not finite": lambda value: float("nan"),
    "returns an empty list": lambda value: [],
    "returns an empty dict": lambda value: {},
    "returns an object": lambda value: Opaque(),
    "returns a class": lambda value: Opaque,
    "returns an array of objects": lambda value: np.array([None, "x"], object),
    "returns an array of texts": lambda value: np.array(["a", "b"]),
    "returns an array of complex numbers": lambda value: np.ones((1, 2), complex),
    "returns an empty array": lambda value: np.zeros((0, 3)),
    "returns less": _remove_part,
    "returns more": _add_part,
}


class FaultyLayer(NumpyLayer):
    """The NumPy layer with one method or attribute that does something else from its call number ``first`` on."""

    def __init__(self, method: str, act: Callable[[Any], Any], first: int) -> None:
        super().__init__(HEALTHY)
        self.name = SUBJECT
        self._act, self._left = act, first
        self._replace(method)

    def _replace(self, method: str) -> None:
        for kind in ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"):
            setattr(self.keras.layers, kind, self._derive(getattr(self.keras.layers, kind), method))

    def _derive(self, layer: type, method: str) -> type:
        if method in ATTRIBUTES:
            return type(layer.__name__, (layer,), {method: self._attribute(layer, method)})
        of_class = method == "from_config"
        right = getattr(layer, method)

        def changed(*positional: Any, **named: Any) -> Any:
            value = right(*positional[1:] if of_class else positional, **named)
            changed_value = self._changed(method, value)
            return None if method == "__init__" else changed_value  # a constructor can only raise

        return type(layer.__name__, (layer,), {method: classmethod(changed) if of_class else changed})

    def _attribute(self, layer: type, name: str) -> property:
        right: Any = getattr(layer, name, None)
        hidden = "_own_" + name

        def read(layer: Any) -> Any:
            value = right.__get__(layer) if isinstance(right, property) else getattr(layer, hidden)
            return self._changed(name, value)

        def write(layer: Any, value: Any) -> None:
            setattr(layer, hidden, value)

        return property(read, write)

    def _changed(self, name: str, value: Any) -> Any:
        """Return what the method or attribute ``name`` gives instead of a value."""
        self._left -= 1
        return self._act(value) if self._left < 0 else value

    def make_control(self) -> FaultyLayer:
        """Return the same subject without its fault."""
        return FaultyLayer(METHODS[0], lambda value: value, 0)

    def raised_by_suite(self, error: BaseException) -> bool:
        """Return whether code that reads the layer raised the exception, and not the layer."""
        return raised_by_reading(error) and not _raised_here(error)

    def answer(
        self, probe: LayerInMode, what: str, case: Case, fed: Mapping[str, np.ndarray]
    ) -> Mapping[str, Observed]:
        """Return the output of a call of the layer; derivatives as the NumPy layer computes them."""
        if what != "output":
            return super().answer(probe, what, case, fed)
        values, dtype = self.tools.call(probe.layer, fed["x"], case.dtype)
        return {"output": Observed(values.shape, dtype, values, probe.device)}


class RecordingLayer(FaultyLayer):
    """The NumPy layer without a fault; ``used`` has the methods and attributes that were used."""

    def __init__(self) -> None:
        super().__init__(METHODS[0], lambda value: value, 0)
        self.used: set[str] = set()
        # ``from_config`` makes a layer of the class before it, which must already record all others.
        for name in sorted({*METHODS[1:], *ATTRIBUTES}, key=lambda name: name == "from_config"):
            self._replace(name)

    def _changed(self, name: str, value: Any) -> Any:
        self.used.add(name)
        return value


def _raised_here(error: BaseException) -> bool:
    """Return whether an exception comes from this module: the layer's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == __file__


def make_raiser(kind: type) -> Callable[[Any], Any]:
    """Return a function that raises an exception of this kind, whatever value it gets."""

    def act(value: Any) -> Any:
        raise kind("of the layer") if issubclass(kind, BaseException) else TypeError(kind)

    return act


def yield_fault_kinds() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield every kind of fault: its name, and what it does with the right value."""
    for kind in EXCEPTIONS:
        yield "raises %s" % kind.__name__, make_raiser(kind)
    yield from RETURNS.items()
