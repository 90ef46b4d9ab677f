"""The check of round trips: what is restored from a configuration, copy or file behaves as the original (rule C7)."""

from __future__ import annotations

from typing import Sequence

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.data_sets import make_dense_integers, make_random_reals
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_absent, judge_answer_or_its_absence, judge_facts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.round_trips import OF_LAYERS, STORES
from fixtures.observation import Absent, Refused
from fixtures.snippets.contract import PlainCheck, array_arguments, layer_facts, observe_plain_function
from fixtures.snippets.shared_parts import data_recipe_code
from suites.roundtrip.misfit import load_weights_that_do_not_fit
from suites.roundtrip.plain_functions import restore_and_compare, restore_custom_objects_and_compare

PROPERTY = "round-trip"
CUSTOM = "custom."
CUSTOM_STORES = ("from-config", "json", "keras-file", "h5-file", "deepcopy-layer")
MISFITS = {"misfit.refused": False, "misfit.skipped": True}  # whether skip_mismatch is given
VARIANTS = (*STORES, *(CUSTOM + store for store in CUSTOM_STORES), *MISFITS)
CALLED = ("construction", "build", "call", "trace", "run")  # the stages before the round trip


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the cases of the contract; those with custom objects for the plain case only."""
    if case not in CASES:
        return ()
    return VARIANTS if case == PLAIN else tuple(STORES)


def variants_of_named(case: Case) -> Sequence[str]:
    """Return the variants of a case that the user names; custom objects need a bias and integers that are exact."""
    if case.dtype not in ("float32", "float64"):
        return tuple(STORES)
    return VARIANTS if case.use_bias else (*STORES, *MISFITS)


def _make_check_of_misfit(case: Case, skip: bool) -> PlainCheck:
    data = make_dense_integers(case)
    given = {**layer_facts(case), "weights": array_arguments(case, data)["weights"], "skip": skip}
    shows = "The weights of a file do not fit, and load_weights has skip_mismatch=%s." % skip
    recipe = data_recipe_code(case, data)
    return PlainCheck(
        shows, load_weights_that_do_not_fit, given, recipe, require=lambda subject: subject.require_layer(case)
    )


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of one round trip, of a layer with or without custom objects."""
    case, variant = check.case, check.variant
    if variant in MISFITS:
        return _make_check_of_misfit(case, MISFITS[variant])
    custom = variant.startswith(CUSTOM)
    store = variant[len(CUSTOM) :] if custom else variant
    of = "layer" if store in OF_LAYERS else "model"
    shows = "A %s that is stored and restored behaves as before: %s." % (of, store)
    given = {"store": STORES[store], "of": of, **layer_facts(case)}
    if custom:
        return PlainCheck(
            shows, restore_custom_objects_and_compare, given, require=lambda subject: subject.require_layer(case)
        )
    # A SavedModel is called as a graph, which may round in another order, so it gets integers, which do not round.
    data = make_dense_integers(case) if variant == "saved-model" else make_random_reals(case)
    more = {**given, **array_arguments(case, data)}
    return PlainCheck(
        shows,
        restore_and_compare,
        more,
        data_recipe_code(case, data),
        require=lambda subject: subject.require_layer(case),
    )


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Store and restore the layer or model, and return the verdict on how it behaves then."""
    got = observe_plain_function(plain_check(check, subject), subject, device)
    if isinstance(got, Refused) and not check.variant.startswith(CUSTOM) and got.stage in CALLED:
        reason = "the layer cannot even be called: %s: %s" % (got.error, got.message[:200])
        return judge_absent(Absent(reason), PROPERTY)
    return judge_answer_or_its_absence(
        got, PROPERTY, {"behaves": "as before"}, lambda facts: judge_facts(PROPERTY, *facts)
    )
