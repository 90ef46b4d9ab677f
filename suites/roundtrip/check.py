"""The check of round trips: what is restored from a configuration, copy or file behaves as the original (rule C7)."""

from __future__ import annotations

import tempfile
from typing import Any, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.data_sets import dense_integers, random_reals
from fixtures.check import Check
from fixtures.compare.facts import behaviour, compared, not_asked, settle
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.probe import Stage, attempt, in_format
from fixtures.frameworks.storage import STORES, RoundTrip, custom_objects
from fixtures.observation import Absent, Refused

CLAIM = "round-trip"
CUSTOM = "custom."
CUSTOM_STORES = ("from-config", "json", "keras-file", "h5-file", "deepcopy-layer")


def _plainly(subject: Layered, case: Case, variant: str, stage: Stage, folder: str) -> Any:
    # A SavedModel is called as a graph, which may round in another order, so it gets integers, which do not round.
    data = dense_integers(case) if variant == "saved-model" else random_reals(case)
    x = in_format(data.x, case.data_format)
    layer = subject.construct(case)
    stage.name = "build"
    subject.build(layer, case, [values for values in (data.kernel, data.bias) if values is not None])
    stage.name = "call"
    subject.output(layer, x, case)  # if this cannot be called at all, there is nothing to check
    return _there_and_back(variant, RoundTrip(subject, case, layer, folder), x, stage)[1:]


def _there_and_back(
    variant: str, trip: RoundTrip, x: np.ndarray, stage: Stage
) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Return what was restored, and the facts of the output before and after."""
    stage.name = "round-trip"
    before = trip.subject.output(trip.made(variant), x, trip.case)
    restored = STORES[variant](trip)
    stage.name = "restored"
    return (restored, *behaviour(before, trip.subject.output(restored, x, trip.case)))


def _customly(subject: Layered, case: Case, variant: str, stage: Stage, folder: str) -> Any:
    """Return expected and observed facts of a layer with custom objects.

    These are activation, constraints, regularizers and initializers; the initializers make the weights.
    """
    objects = custom_objects(subject.keras)
    x = np.ones(case.input_shape)
    with subject.keras.utils.custom_object_scope(objects):
        layer = subject.construct(
            case,
            activation=objects["parity_negated"],
            kernel_constraint=objects["ParityHalved"](),
            bias_constraint=objects["ParityHalved"](),
            kernel_regularizer=objects["ParityCorner"](0.25),
            bias_regularizer=objects["ParityCorner"](0.5),
            kernel_initializer=objects["ParityCounted"](3),
            bias_initializer=objects["ParityCounted"](5),
            name="decoder",
        )
        stage.name = "build"
        layer.build(case.input_shape)
        restored, told, seen = _there_and_back(variant, RoundTrip(subject, case, layer, folder), x, stage)
        restored = getattr(restored, "layers", [restored])[-1]
        told.update(
            {"losses": [0.75, 2.5], "constraints of 8": [4.0, 4.0], "first weights": [3.0, 5.0], "name": "decoder"}
        )
        constraints = [restored.kernel_constraint, restored.bias_constraint]
        fresh = type(restored).from_config(restored.get_config())
        fresh.build(case.input_shape)
        seen.update(
            {
                "losses": sorted(subject.losses(restored, None, case)),
                "constraints of 8": [float(constrain(8.0)) if constrain else None for constrain in constraints],
                "first weights": [float(subject.weight(variable).min()) for variable in fresh.weights],
                "name": restored.name,
            }
        )
    return told, seen


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the cases of the contract; those with custom objects for the plain case only."""
    if case not in CASES:
        return ()
    return (*STORES, *(CUSTOM + store for store in CUSTOM_STORES)) if case == PLAIN else tuple(STORES)


VARIANTS = (*STORES, *(CUSTOM + store for store in CUSTOM_STORES))


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Store and restore the layer or model, and return the verdict on how it behaves then."""
    custom = check.variant.startswith(CUSTOM)
    ask, store = (_customly, check.variant[len(CUSTOM) :]) if custom else (_plainly, check.variant)
    with tempfile.TemporaryDirectory(prefix="keras-parity-") as folder:
        got = attempt(subject, device, lambda stage: ask(subject, check.case, store, stage, folder))
    if isinstance(got, Refused) and not custom and got.stage in ("construction", "build", "call"):
        reason = "the layer cannot even be called: %s: %s" % (got.error, got.message[:200])
        return not_asked(Absent(reason), CLAIM)
    return settle(got, CLAIM, {"behaves": "as before"}, lambda facts: compared(CLAIM, *facts))
