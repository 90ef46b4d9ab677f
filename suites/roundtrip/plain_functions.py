"""The round trips as plain functions of Keras and NumPy; each returns expected and observed facts."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

from fixtures.compare.contract_verdicts import make_output_facts
from fixtures.frameworks.round_trips import RoundTrip, custom_objects


def restore_and_compare(
    tools: Any, store: Any, of: str, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any
) -> Any:
    """Return facts of the output before and after the round trip ``store`` of the layer or of a model of it."""
    layer = tools.make(kind, arguments)
    tools.stage = "build"
    tools.build(layer, input_shape, weights, arguments["dtype"])
    tools.stage = "call"
    tools.call(layer, x, arguments["dtype"])  # if the layer cannot be called at all, there is nothing to check
    with tempfile.TemporaryDirectory(prefix="keras-parity-") as folder:
        trip = RoundTrip(tools, layer, input_shape, arguments["dtype"], folder)
        return store_restore_and_compare(trip, store, of, x)[1:]


def store_restore_and_compare(trip: RoundTrip, store: Any, of: str, x: Any) -> Any:
    """Return what was restored, and the expected and observed facts of its output.

    Old releases make a model only of a layer that was not called in a model before.
    """
    trip.tools.stage = "round-trip"
    before = trip.tools.call(getattr(trip, of), x, trip.dtype)
    restored = store(trip)
    trip.tools.stage = "restored"
    expected, observed = make_output_facts(before, trip.tools.call(restored, x, trip.dtype))
    return restored, expected, observed


def restore_custom_objects_and_compare(
    tools: Any, store: Any, of: str, kind: str, arguments: Any, input_shape: Any
) -> Any:
    """Return facts of a layer with custom objects, before and after the round trip.

    These are activation, constraints, regularizers and initializers; the initializers make the weights.
    """
    objects = custom_objects(tools.keras)
    given = {
        **arguments,
        "activation": objects["parity_negated"],
        "kernel_constraint": objects["ParityHalved"](),
        "bias_constraint": objects["ParityHalved"](),
        "kernel_regularizer": objects["ParityCorner"](0.25),
        "bias_regularizer": objects["ParityCorner"](0.5),
        "kernel_initializer": objects["ParityCounted"](3),
        "bias_initializer": objects["ParityCounted"](5),
        "name": "decoder",
    }
    with tools.keras.utils.custom_object_scope(objects), tempfile.TemporaryDirectory(prefix="keras-parity-") as folder:
        layer = tools.make(kind, given)
        tools.stage = "build"
        layer.build(input_shape)
        trip = RoundTrip(tools, layer, input_shape, arguments["dtype"], folder)
        restored, expected, observed = store_restore_and_compare(trip, store, of, np.ones(input_shape))
        restored = getattr(restored, "layers", [restored])[-1]
        constraints = [restored.kernel_constraint, restored.bias_constraint]
        fresh = type(restored).from_config(restored.get_config())
        fresh.build(input_shape)
        expected.update(
            {"losses": [0.75, 2.5], "constraints of 8": [4.0, 4.0], "first weights": [3.0, 5.0], "name": "decoder"}
        )
        observed.update(
            {
                "losses": sorted(tools.losses(restored, input_shape, arguments["dtype"])),
                "constraints of 8": [float(constrain(8.0)) if constrain else None for constrain in constraints],
                "first weights": [float(tools.weight(variable).min()) for variable in fresh.weights],
                "name": restored.name,
            }
        )
    return expected, observed
