"""The checks of the signature: names, order, defaults, and that a position means its name (rule C5)."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Sequence

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.facts import compared, settle
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.probe import Stage, attempt

CLAIM = "signature"
NEEDED = "needed"
# As documented by Keras (https://keras.io/api/layers/convolution_layers/convolution2d_transpose/), in this order.
REFERENCE: dict[str, Any] = {
    "filters": NEEDED,
    "kernel_size": NEEDED,
    "strides": (1, 1),
    "padding": "valid",
    "output_padding": None,
    "data_format": None,
    "dilation_rate": (1, 1),
    "activation": None,
    "use_bias": True,
    "kernel_initializer": "glorot_uniform",
    "bias_initializer": "zeros",
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
}
# For every checked position a value that differs from the default. Strides and dilation exclude each other, so the
# strides are large up to output_padding, and the dilation is large from data_format on.
_STRIDED: dict[str, Any] = {
    "filters": 2,
    "kernel_size": (3, 2),
    "strides": (2, 3),
    "padding": "same",
    "output_padding": (1, 2),
}
_DILATED: dict[str, Any] = {
    "filters": 2,
    "kernel_size": (3, 5),
    "strides": (1, 1),
    "padding": "same",
    "output_padding": (0, 0),
    "data_format": "channels_first",
    "dilation_rate": (2, 2),
    "activation": "relu",
    "use_bias": False,
    "kernel_initializer": "zeros",
    "bias_initializer": "ones",
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer"), None),
    **dict.fromkeys(("kernel_constraint", "bias_constraint"), None),
}
POSITIONS = tuple(_DILATED)[:11]  # the round trips check the other arguments, which are objects


def _plain(value: Any) -> Any:
    """Return the meaning of a default: 1 is (1, 1), a list is a tuple, no default is ``NEEDED``."""
    if value is inspect.Parameter.empty:
        return NEEDED
    if isinstance(value, list):
        return tuple(value)
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(subject: Layered) -> tuple[Any, Any]:
    found = dict(subject.signature(PLAIN))
    return {"missing": []}, {"missing": [name for name in REFERENCE if name not in found]}


def _order(subject: Layered) -> tuple[Any, Any]:
    found = [name for name, _ in subject.signature(PLAIN)]
    return {"order": list(REFERENCE)}, {"order": found[: len(REFERENCE)]}


def _defaults(subject: Layered) -> tuple[Any, Any]:
    """Return expected and observed defaults of the arguments that exist; another check reports the missing ones."""
    found = {name: _plain(value) for name, value in subject.signature(PLAIN) if name in REFERENCE}
    return {name: repr(REFERENCE[name]) for name in found}, {name: repr(value) for name, value in found.items()}


def _call(subject: Layered) -> tuple[Any, Any]:
    """Return expected and observed arguments of call without a default: one, with the name inputs."""
    found = [name for name, default in subject.call_signature(subject.construct(PLAIN)) if _plain(default) == NEEDED]
    return {"needed": ["inputs"]}, {"needed": found}


def given_by_position(name: str) -> list[Any]:
    """Return values for all positions up to that of ``name``; at least the two that are needed."""
    values = _STRIDED if name in _STRIDED else _DILATED
    return [values[key] for key in REFERENCE if key in values][: max(list(REFERENCE).index(name) + 1, 2)]


def _position(name: str) -> Callable[[Layered], tuple[Any, Any]]:
    def asked(subject: Layered) -> tuple[Any, Any]:
        given = given_by_position(name)
        config = subject.layer_type(PLAIN)(*given).get_config()
        return {name: repr(given[list(REFERENCE).index(name)])}, {
            name: repr(_configured(config.get(name, "not in the configuration")))
        }

    return asked


def _configured(value: Any) -> Any:
    """Return a value of the configuration, with lists as tuples and a serialised initializer as its name."""
    if isinstance(value, dict) and "class_name" in value:
        return {"Zeros": "zeros", "Ones": "ones"}.get(value["class_name"], value["class_name"])
    return tuple(value) if isinstance(value, list) else value


VARIANTS: dict[str, Callable[[Layered], tuple[Any, Any]]] = {
    "constructor.names": _names,
    "constructor.order": _order,
    "constructor.defaults": _defaults,
    "call.needed": _call,
    **{"position.%s" % name.replace("_", "-"): _position(name) for name in POSITIONS},
}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case only, so that each runs once."""
    return tuple(VARIANTS) if case == PLAIN else ()


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Compare one fact of the signature with the documentation."""

    def act(stage: Stage) -> tuple[Any, Any]:
        return VARIANTS[check.variant](subject)

    wanted = {"signature": ", ".join(REFERENCE)}
    return settle(attempt(subject, device, act), CLAIM, wanted, lambda facts: compared(CLAIM, *facts))
