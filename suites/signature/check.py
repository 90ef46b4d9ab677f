"""The checks of the signature: names, order, defaults, and that a position means its name (rule C5)."""

from __future__ import annotations

import inspect
from typing import Any, Sequence

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_answer_or_its_absence, judge_facts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import layer_kind
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.contract import PlainCheck, observe_plain_function

PROPERTY = "signature"
NEEDED = "needed"
# Keras documents them at https://keras.io/api/layers/convolution_layers/convolution2d_transpose/, in this order.
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


def normalise_default(value: Any) -> Any:
    """Return the meaning of a default: 1 is (1, 1), a list is a tuple, no default is ``NEEDED``."""
    if value is inspect.Parameter.empty:
        return NEEDED
    if isinstance(value, list):
        return tuple(value)
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def compare_constructor_names(tools: Any, kind: str) -> Any:
    """Return expected and observed names of the documented arguments that are missing."""
    found = dict(tools.signature(kind))
    return {"missing": []}, {"missing": [name for name in REFERENCE if name not in found]}


def compare_constructor_order(tools: Any, kind: str) -> Any:
    """Return expected and observed names of the first arguments, in order."""
    found = [name for name, _ in tools.signature(kind)]
    return {"order": list(REFERENCE)}, {"order": found[: len(REFERENCE)]}


def compare_constructor_defaults(tools: Any, kind: str) -> Any:
    """Return expected and observed defaults of the arguments that exist; another check reports the missing ones."""
    found = {name: normalise_default(value) for name, value in tools.signature(kind) if name in REFERENCE}
    return {name: repr(REFERENCE[name]) for name in found}, {name: repr(value) for name, value in found.items()}


def compare_required_call_arguments(tools: Any, kind: str, arguments: Any) -> Any:
    """Return expected and observed arguments of call without a default: one, with the name inputs."""
    layer = tools.make(kind, arguments)
    found = [name for name, default in tools.call_signature(layer) if normalise_default(default) == NEEDED]
    return {"needed": ["inputs"]}, {"needed": found}


def compare_argument_given_by_position(tools: Any, kind: str, given: Sequence[Any], name: str) -> Any:
    """Return expected and observed value of the argument ``name``, the last one that is given by position."""
    found = getattr(tools.keras.layers, kind)(*given).get_config().get(name, "not in the configuration")
    if isinstance(found, dict) and "class_name" in found:  # a serialised initializer
        found = {"Zeros": "zeros", "Ones": "ones"}.get(found["class_name"], found["class_name"])
    expected = given[list(REFERENCE).index(name)]
    return {name: repr(expected)}, {name: repr(tuple(found) if isinstance(found, list) else found)}


def _make_positional_values(name: str) -> list[Any]:
    """Return values for all positions up to that of ``name``; at least the two that are needed."""
    values = _STRIDED if name in _STRIDED else _DILATED
    return [values[key] for key in REFERENCE if key in values][: max(list(REFERENCE).index(name) + 1, 2)]


_KIND = {"kind": layer_kind(PLAIN)}
VARIANTS: dict[str, PlainCheck] = {
    "constructor.names": PlainCheck("The constructor has the documented arguments.", compare_constructor_names, _KIND),
    "constructor.order": PlainCheck("The arguments are in the documented order.", compare_constructor_order, _KIND),
    "constructor.defaults": PlainCheck("The defaults are the documented ones.", compare_constructor_defaults, _KIND),
    "call.needed": PlainCheck(
        "A call needs one argument: inputs.", compare_required_call_arguments, {**_KIND, "arguments": PLAIN.arguments}
    ),
    **{
        "position.%s" % name.replace("_", "-"): PlainCheck(
            "The position of %s means %s." % (name, name),
            compare_argument_given_by_position,
            {**_KIND, "given": _make_positional_values(name), "name": name},
        )
        for name in POSITIONS
    },
}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case only, so that each runs once."""
    return tuple(VARIANTS) if case == PLAIN else ()


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of one fact of the signature."""
    return VARIANTS[check.variant]


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Compare one fact of the signature with the documentation."""
    facts = observe_plain_function(plain_check(check, subject), subject, device)
    return judge_answer_or_its_absence(
        facts, PROPERTY, {"signature": ", ".join(REFERENCE)}, lambda facts: judge_facts(PROPERTY, *facts)
    )
