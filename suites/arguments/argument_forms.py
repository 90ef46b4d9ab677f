"""The forms of arguments, right and wrong, and what each one means.

The layer must refuse a form that means nothing. It must accept a documented form with its meaning. It may
accept any other form with its meaning or refuse it, but nothing else: truncating 2.5 to 2 or ignoring an unknown
keyword is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import DILATED, PLAIN, SQUARE, WIDER

Meaning = Optional[Dict[str, Any]]


@dataclass(frozen=True)
class ArgumentForm:
    """One form of an argument: ``argument=value``, with the value as Python code (np is NumPy).

    ``meaning`` holds the fields of the case that the form stands for; None if it means nothing. ``documented`` says
    whether Keras documents the form. A refusal must name the argument or contain one of ``names``.
    """

    argument: str
    value: str
    meaning: Meaning
    documented: bool = False
    base: Case = PLAIN
    names: tuple[str, ...] = ()
    replaces: str = ""  # the argument that is left out, because this one is an older name of it
    anyhow: bool = False  # the value shows its size only when memory is allocated, so any refusal is right

    @property
    def given(self) -> Any:
        """Return the value itself."""
        return eval(self.value, {"np": np, "__builtins__": {}})


@dataclass
class _Table:
    """The argument forms by name, while they are collected."""

    found: dict[str, ArgumentForm] = field(default_factory=dict)

    def add(self, argument: str, variant: str, value: str, meaning: Meaning = None, **more: Any) -> None:
        self.found["%s.%s" % (argument.replace("_", "-"), variant)] = ArgumentForm(argument, value, meaning, **more)


def _add_forms_of_number_per_axis(
    table: _Table, argument: str, pair: tuple[int, int], both: int, base: Case, square: Case
) -> None:
    """Add the forms of an argument with one number per axis; ``pair`` and ``both`` are valid values for it."""
    h, w = pair
    same, alike = {argument: pair}, {argument: (both, both)}
    table.add(argument, "whole", "%d" % both, alike, documented=True, base=square)
    table.add(argument, "list", "[%d, %d]" % pair, same, documented=True, base=base)
    table.add(argument, "numpy-whole", "np.int64(%d)" % both, alike, base=square)
    table.add(argument, "numpy-pair", "(np.int64(%d), np.int32(%d))" % pair, same, base=base)
    table.add(argument, "array", "np.array([%d, %d])" % pair, same, base=base)
    table.add(argument, "float", "%d.0" % both, alike, base=square)
    table.add(argument, "float-pair", "(%d.0, %d)" % pair, same, base=base)
    table.add(argument, "fraction", "%d.5" % both, base=square)
    table.add(argument, "text", "'%d'" % both, base=square)
    table.add(argument, "text-pair", "'%d%d'" % pair, base=base)
    table.add(argument, "texts", "('%d', '%d')" % pair, base=base)
    table.add(argument, "one-none", "(%d, None)" % h, base=base)
    table.add(argument, "one", "(%d,)" % h, base=base)
    table.add(argument, "three", "(%d, %d, 1)" % pair, base=base)
    table.add(argument, "empty", "()", base=base)
    table.add(argument, "negative", "-1", base=base)
    table.add(argument, "negative-pair", "(%d, -1)" % h, base=base)
    table.add(argument, "set", "{%d, %d}" % (h, w if h != w else h + 1), base=base)
    table.add(argument, "nan", "np.nan", base=base)


def _make_table_of_forms() -> dict[str, ArgumentForm]:
    table = _Table()
    _add_forms_of_number_per_axis(table, "kernel_size", (3, 2), 3, PLAIN, SQUARE)
    _add_forms_of_number_per_axis(table, "strides", (2, 3), 2, PLAIN, SQUARE)
    _add_forms_of_number_per_axis(table, "dilation_rate", (2, 2), 2, DILATED, DILATED)
    _add_forms_of_number_per_axis(table, "output_padding", (1, 2), 1, WIDER, SQUARE)
    for argument, base in (("kernel_size", PLAIN), ("strides", PLAIN), ("dilation_rate", DILATED)):
        table.add(argument, "none", "None", base=base)
        table.add(argument, "zero", "0", base=base)
        table.add(argument, "true", "True", {argument: (1, 1)}, base=base)
    table.add("output_padding", "none", "None", {"output_padding": None}, documented=True, base=WIDER)
    table.add("output_padding", "zero", "0", {"output_padding": (0, 0)}, documented=True, base=SQUARE)
    table.add("output_padding", "true", "True", {"output_padding": (1, 1)}, base=SQUARE)
    table.add("output_padding", "false", "False", {"output_padding": (0, 0)}, base=SQUARE)
    table.add("output_padding", "large", "7", base=WIDER)
    table.add("kernel_size", "huge", "10**9", anyhow=True)
    table.add("strides", "huge", "10**9", anyhow=True)
    _add_filters_forms(table)
    _add_word_forms(table)
    _add_other_forms(table)
    return table.found


def _add_filters_forms(table: _Table) -> None:
    """Add the forms of the argument filters."""
    table.add("filters", "numpy-whole", "np.int64(2)", {"filters": 2})
    table.add("filters", "float", "2.0", {"filters": 2})
    table.add("filters", "fraction", "2.5")
    table.add("filters", "true", "True", {"filters": 1})
    table.add("filters", "text", "'2'")
    table.add("filters", "none", "None")
    table.add("filters", "list", "[2]")
    table.add("filters", "zero", "0")
    table.add("filters", "negative", "-1")
    table.add("filters", "huge", "10**12", anyhow=True)


def _add_word_forms(table: _Table) -> None:
    for variant, value, meaning in (
        *(("upper", "SAME", "same"), ("title", "Valid", "valid"), ("full", "full", None), ("causal", "causal", None)),
        *(("empty", "", None), ("blank", " same", None)),
    ):
        fields = None if meaning is None else {"padding": meaning}
        table.add("padding", variant, repr(value), fields, documented=variant in ("upper", "title"))
    table.add("padding", "list", "['same', 'same']")
    table.add("padding", "numbers", "((0, 0), (1, 1), (1, 1), (0, 0))")
    table.add("padding", "whole", "1")
    table.add("padding", "none", "None")
    table.add("data_format", "none", "None", {"data_format": "channels_last"}, documented=True)
    table.add("data_format", "title", "'Channels_Last'", {"data_format": "channels_last"})
    for variant, value in (("nhwc", "'NHWC'"), ("short", "'last'"), ("whole", "1"), ("empty-list", "[]")):
        table.add("data_format", variant, value)


def _add_other_forms(table: _Table) -> None:
    table.add("activation", "none", "None", {"activation": "linear"}, documented=True, base=DILATED)
    table.add("activation", "unknown", "'no_such_activation'")
    table.add("activation", "whole", "3")
    table.add("use_bias", "zero", "0", {"use_bias": False})
    table.add("use_bias", "one", "1", {"use_bias": True}, base=DILATED)
    for argument in ("kernel_initializer", "bias_initializer", "kernel_regularizer", "kernel_constraint"):
        kind = argument.split("_")[1]  # a refusal that names the kind of object is clear enough
        table.add(argument, "unknown", "'no_such_%s'" % kind, names=(kind,))
    # Unknown keywords; groups belongs to Conv2D.
    table.add("groups", "one", "1", {})
    table.add("groups", "three", "3")
    # The names of Keras 1, which some releases of Keras 2 still take.
    for argument, new, value, meaning in (
        ("border_mode", "padding", "'same'", {"padding": "same"}),
        ("subsample", "strides", "(2, 3)", {"strides": (2, 3)}),
        ("bias", "use_bias", "False", {"use_bias": False}),
        ("dim_ordering", "data_format", "'tf'", {}),
    ):
        table.add(argument, "keras-1", value, meaning, replaces=new, names=(new,))
    for name, value in (("stride", "2"), ("dilations", "2"), ("no_such_argument", "1"), ("output_shape", "(8, 8)")):
        table.add(name, "given", value)


ARGUMENT_FORMS: Mapping[str, ArgumentForm] = _make_table_of_forms()
