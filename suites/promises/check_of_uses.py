"""The checks of what people do to a layer: other dtypes, masks, wrappers, models, old arguments (C1, C11 to C13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping

import numpy as np

from fixtures.case import Case
from fixtures.cases.data_sets import Data, make_dense_integers
from fixtures.compare.reference import compute_references
from fixtures.frameworks.families import family_name_of_subject
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.contract import PlainCheck, array_arguments, coded_in_data_format, layer_facts
from fixtures.snippets.literal import Coded
from fixtures.snippets.reference import reference_code
from fixtures.snippets.shared_parts import data_recipe_code
from suites.promises import uses

KERAS_2 = ("keras2", "tf.keras", "tf_keras")
MakeCheck = Callable[[Case, Layered], PlainCheck]


def _make_use(case: Case, function: Callable[..., Any], shows: str, data: Data, **more: Any) -> PlainCheck:
    """Return the check of a use that gives the output y for x."""
    y = compute_references(case, "output", data)["output"].values
    arrays = {**array_arguments(case, data), "y": coded_in_data_format(case, y, 'expected["output"]')}
    setup = data_recipe_code(case, data) + "\n" + reference_code(case, data, "output")
    given = {**layer_facts(case), **arrays, **more}
    return PlainCheck(shows, function, given, setup, stage="call", require=_require_layer_of(case))


def _require_layer_of(case: Case) -> Callable[[Layered], object]:
    """Return a function that raises ``NotSupported`` for a subject without the layer of the case."""
    return lambda subject: subject.require_layer(case)


def _make_check_of_output(function: Callable[..., Any], shows: str) -> MakeCheck:
    """Return a function that makes the check of a use on dense integers; ``shows`` is its sentence."""
    return lambda case, subject: _make_use(case, function, shows, make_dense_integers(case))


def _casts_inputs(subject: Layered) -> bool:
    """Return whether the layer casts its input, as Keras documents for TensorFlow 2 and for Keras 3."""
    tf = subject.tools.tf
    return family_name_of_subject(subject.name) != "keras2" and (tf is None or not tf.__version__.startswith("1."))


def _make_check_of_dtype(given: str) -> MakeCheck:
    """Return a function that makes the check of an input of the dtype ``given``."""
    shows = "The input is %s, another dtype than the layer's."

    def make_check(case: Case, subject: Layered) -> PlainCheck:
        more = {"given": given, "casts": _casts_inputs(subject)}
        return _make_use(case, uses.compare_other_dtype, shows % given, make_dense_integers(case), **more)

    return make_check


def _make_check_of_mask(case: Case, subject: Layered) -> PlainCheck:
    """Return the check of an input that is zero at the start of its first spatial axis, where ``Masking`` masks it."""
    data = make_dense_integers(case)
    x = data.x.copy()
    x[:, 0] = 0
    masked = replace(data, x=x, recipe=data.recipe + "\nx[:, 0] = 0")
    return _make_use(case, uses.compare_masked_input, "An input with a mask.", masked)


def _make_check_of_time_distributed(case: Case, subject: Layered) -> PlainCheck:
    """Return the check of two time steps; the second has the batch in reverse order."""
    plain = _make_use(
        case, uses.compare_time_distributed, "The layer inside TimeDistributed.", make_dense_integers(case)
    )
    stacked = {
        name: Coded(np.stack([one.value, one.value[::-1]], 1), "np.stack([%s, %s[::-1]], 1)" % (one.code, one.code))
        for name, one in plain.arguments.items()
        if name in ("x", "y")
    }
    return replace(plain, arguments={**plain.arguments, **stacked})


def _make_check_of_first_layer(argument: str, with_batch: bool) -> MakeCheck:
    """Return a function that makes the check of a first layer with ``argument``, whose shape may have the batch."""

    def make_check(case: Case, subject: Layered) -> PlainCheck:
        batch, *lengths = case.input_shape
        given = tuple(case.input_shape) if with_batch else tuple(lengths)
        more = {
            **layer_facts(case),
            "input_shape": (batch if with_batch else None, *lengths),
            "argument": argument,
            "given": given,
            "documented": family_name_of_subject(subject.name) in KERAS_2,
        }
        shows = "The first layer of a Sequential model has %s=%s." % (argument, given)
        return PlainCheck(shows, uses.compare_first_layer, more, stage="construction", require=_require_layer_of(case))

    return make_check


def _make_check_of_initial_weights(case: Case, subject: Layered) -> PlainCheck:
    """Return the check of the argument ``weights``."""
    data = make_dense_integers(case)
    given = {**layer_facts(case), **array_arguments(case, data)}
    shows = "The argument weights gives the first values of the weights, or is refused by name."
    return PlainCheck(
        shows, uses.compare_initial_weights, given, data_recipe_code(case, data), require=_require_layer_of(case)
    )


USES: Mapping[str, MakeCheck] = {
    **{"input-dtype." + given: _make_check_of_dtype(given) for given in ("float64", "float16", "int32")},
    "input-mask.masking": _make_check_of_mask,
    "wrapper.time-distributed": _make_check_of_time_distributed,
    "wrapper.spectral-normalization": _make_check_of_output(
        uses.compare_spectral_normalization, "The layer inside SpectralNormalization."
    ),
    "wrapper.nested-model": _make_check_of_output(
        uses.compare_nested_model, "A model of the layer inside another model."
    ),
    "first-layer.input-shape": _make_check_of_first_layer("input_shape", with_batch=False),
    "first-layer.batch-input-shape": _make_check_of_first_layer("batch_input_shape", with_batch=True),
    "first-layer.weights": _make_check_of_initial_weights,
}
OF_VALUES = tuple(name for name in USES if not name.startswith("first-layer."))  # the property that fails is values
OF_EVERY_RANK = ("wrapper.time-distributed", "wrapper.nested-model", "input-mask.masking", "input-dtype.float64")


def uses_of_case(case: Case) -> tuple[str, ...]:
    """Return the uses that make sense for a case.

    float16 holds the integers of a float32 case only if they are small, and ``Masking`` needs the channels last.
    """
    small = float(np.abs(make_dense_integers(case).x).max()) <= 2**11
    left_out = {"input-dtype." + case.dtype, *(() if small else ("input-dtype.float16",))}
    left_out |= {"input-mask.masking"} if case.data_format == "channels_first" else set()
    return tuple(name for name in USES if name not in left_out)
