"""The fuzzer of layers: a layer whose methods raise anything or return anything gets a verdict in every suite.

No such check ends as a bug of the suite: its row must be about the layer. Each method of the NumPy layer in turn raises
an exception of any kind, or returns a value of another form. A fault is injected from the first call on, or from a
later one, which a check meets in the middle of its work.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from typing import Any, Callable, Iterator, Mapping, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY
from fixtures.frameworks.adapter import raised_by_reading
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.observation import Observed
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import HYPOTHESIS, MIGRATION, is_checked, suites
from suites.fuzz.table import Table

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
        for kind in ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"):
            setattr(self.keras.layers, kind, self._derive(getattr(self.keras.layers, kind), method))

    def _derive(self, layer: type, method: str) -> type:
        if method in ATTRIBUTES:
            return type(layer.__name__, (layer,), {method: self._attribute(layer, method)})
        of_class = method == "from_config"
        right = getattr(layer, method)

        def changed(*positional: Any, **named: Any) -> Any:
            value = right(*positional[1:] if of_class else positional, **named)
            return None if method == "__init__" and not self._change(value) else self._changed(value)

        return type(layer.__name__, (layer,), {method: classmethod(changed) if of_class else changed})

    def _attribute(self, layer: type, name: str) -> property:
        right: Any = getattr(layer, name, None)
        hidden = "_own_" + name

        def read(layer: Any) -> Any:
            return self._changed(right.__get__(layer) if isinstance(right, property) else getattr(layer, hidden))

        def write(layer: Any, value: Any) -> None:
            setattr(layer, hidden, value)

        return property(read, write)

    def _change(self, value: Any) -> bool:
        """Return whether the fault shows now; a constructor can only raise."""
        self._changed(value)
        return False

    def _changed(self, value: Any) -> Any:
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


def _raised_here(error: BaseException) -> bool:
    """Return whether an exception comes from this module: the layer's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == __file__


def _make_raiser(kind: type) -> Callable[[Any], Any]:
    def act(value: Any) -> Any:
        raise kind("of the layer") if issubclass(kind, BaseException) else TypeError(kind)

    return act


@lru_cache(maxsize=None)
def make_checks() -> Sequence[Check]:
    """Return a few checks of every suite: all variants of the contract once, and computed, refused and empty cases."""
    found = []
    few = [PLAIN, *list(cases_of_tier("smoke"))[20:120:9], *CASES]
    for name, suite in suites().items():
        if name in (HYPOTHESIS, MIGRATION):
            continue  # the first asks the other suites, the second reads files
        modes = [mode for mode in suite.modes if mode in ("eager", "dynamic", "predict", "train")]
        of_suite: dict[str, list[Check]] = {}
        for case in few:
            for variant in suite.variants_of(case) if suite.variants_of else modes:
                check = Check(name, case, variant)
                if is_checked(check, SUBJECT):
                    of_suite.setdefault(variant, []).append(check)
        for several in of_suite.values():
            found += several[: 1 if suite.variants_of else 3]
    return found


@lru_cache(maxsize=None)
def select_checks_that_use(method: str) -> Sequence[Check]:
    """Return those of the checks that use the method or attribute of the layer."""
    found = []
    for check in make_checks():
        used: list[Any] = []

        def note(value: Any, used: list[Any] = used) -> Any:
            used.append(value)
            return value

        run_check(check, FaultyLayer(method, note, 0), "CPU:0")
        found += [check] if used else []
    return found


def yield_fault_kinds() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield every kind of fault: its name, and what it does with the right value."""
    for kind in EXCEPTIONS:
        yield "raises %s" % kind.__name__, _make_raiser(kind)
    yield from RETURNS.items()


def run(table: Table, count: int, seed: int) -> None:
    """Inject ``count`` faults, each in one check, and record them in the table."""
    source = random.Random(seed)
    every = [(method, name, act) for method in (*METHODS, *ATTRIBUTES) for name, act in yield_fault_kinds()]
    every = [(method, name, act) for method, name, act in every if select_checks_that_use(method)]
    for number in range(count):
        if number % len(every) == 0:
            source.shuffle(every)
        method, name, act = every[number % len(every)]
        check, first = source.choice(select_checks_that_use(method)), source.choice((0, 0, 0, 1, 2, 5))
        problem = find_problem(check, FaultyLayer(method, act, first))
        where = "%s from call %d on, %s %s %s: " % (method, first, check.suite, check.variant, check.case.id)
        table.record(name, where + problem if problem else "")


def find_problem(check: Check, subject: NumpyLayer) -> str:
    """Return what is wrong with the verdict of a check on a faulty layer: it is about the suite, or no plain JSON."""
    try:
        verdict = run_check(check, subject, "CPU:0")
        json.dumps(verdict.to_row(), allow_nan=False)
    except BaseException as error:
        return "%s: %s" % (type(error).__name__, error)
    return _describe_complaint(verdict)


def _describe_complaint(verdict: Verdict) -> str:
    return str(verdict.to_row()["observed"])[-700:] if verdict.verdict == "suite-bug" else ""
