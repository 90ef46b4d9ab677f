"""The checks of other promises: losses, constraints, initializers, flags, names, input_spec, sizes, uses (rule C9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping, Sequence

from fixtures.case import Case
from fixtures.cases.contract import BLOCK, LINE, PADDED, PLAIN
from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_answer_or_its_absence, judge_facts
from fixtures.compare.reference import compute_references
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.oracle.expectation import compute_reference_arrays
from fixtures.snippets.contract import (
    PlainCheck,
    array_arguments,
    coded_in_data_format,
    layer_facts,
    observe_plain_function,
)
from fixtures.snippets.literal import Coded
from fixtures.snippets.reference import reference_code
from fixtures.snippets.shared_parts import data_recipe_code
from suites.promises import plain_functions
from suites.promises.check_of_uses import OF_EVERY_RANK, OF_VALUES, USES, uses_of_case

PROPERTY = "signature"
WIDE = replace(PLAIN, channels=60, filters=6)  # channels and filters differ enough to tell the two counts apart


def _make_promise_with_integer_weights(function: Callable[..., Any], shows: str) -> Callable[[Case], PlainCheck]:
    """Return a function that returns the check of a layer whose weights are the case's integers."""

    def make_check(case: Case) -> PlainCheck:
        data = make_dense_integers(case)
        weights = {"weights": array_arguments(case, data)["weights"]}
        return _make_promise_check(case, function, shows, weights, data_recipe_code(case, data))

    return make_check


def _make_promise_check(
    case: Case, function: Callable[..., Any], shows: str, more: Mapping[str, Any], setup: str = ""
) -> PlainCheck:
    def require(subject: Layered) -> None:
        if function is plain_functions.compare_constrained_step:
            subject.require_training()
        subject.require_layer(case)

    return PlainCheck(shows, function, {**layer_facts(case), **more}, setup, stage="call", require=require)


def _make_check_of_weight_shapes(case: Case) -> PlainCheck:
    shapes = {"kernel": [*case.kernel_size, case.filters, case.channels], "bias": [case.filters]}
    shapes = shapes if case.use_bias else {"kernel": shapes["kernel"]}
    return _make_promise_check(
        case, plain_functions.compare_weight_shapes, "The shapes of the weights, and count_params.", {"shapes": shapes}
    )


def _make_check_of_activity_loss(case: Case) -> PlainCheck:
    data = make_dense_integers(case)
    y = Coded(compute_references(case, "output", data)["output"].values, 'expected["output"]')
    setup = data_recipe_code(case, data) + "\n" + reference_code(case, data, "output")
    shows = "The loss of an activity regularizer."
    return _make_promise_check(
        case, plain_functions.compare_activity_loss, shows, {**array_arguments(case, data), "y": y}, setup
    )


def _make_check_of_constrained_step(case: Case) -> PlainCheck:
    data = make_dense_integers(case, "gradients")
    assert data.g is not None
    after = Coded(compute_reference_arrays(case, "step", data.arrays), "expected")
    more = {**array_arguments(case, data), "g": coded_in_data_format(case, data.g, "g"), "after": after}
    setup = data_recipe_code(case, data) + "\n" + reference_code(case, data, "step")
    return _make_promise_check(
        case, plain_functions.compare_constrained_step, "A constraint is applied after a training step.", more, setup
    )


def _make_check_of_initializer_shape(case: Case) -> PlainCheck:
    shape = [*case.kernel_size, case.filters, case.channels]
    shows = "The shape of the kernel for which an initializer is asked, and the use of its values."
    return _make_promise_check(case, plain_functions.compare_initializer_shape, shows, {"shape": shape})


def _choose_check_of_fan(mode: str) -> Callable[[Case], PlainCheck]:
    shows = "What VarianceScaling counts as %s, as the largest initial value shows." % mode
    return lambda case: _make_promise_check(WIDE, plain_functions.compare_initializer_fan, shows, {"mode": mode})


def _make_check_of_two_sizes(case: Case) -> PlainCheck:
    """Return the check that calls the same layer on one size, another, and the first again."""
    other = replace(case, size=tuple(n + 2 for n in case.size), batch=case.batch + 1)
    data = make_dense_integers(case)
    pairs, setup = [], [data_recipe_code(case, data), "weights, pairs = (kernel, bias), []"]
    for one_case in (case, other, case):
        fed = replace(data, x=make_dense_integers(one_case).x)
        code = reference_code(one_case, make_dense_integers(one_case), "output")
        x = coded_in_data_format(one_case, fed.x, "x")
        y = compute_references(one_case, "output", fed)["output"].values
        due = coded_in_data_format(one_case, y, "expected['output']")
        pairs.append((x.value, due.value))
        setup += [
            make_dense_integers(one_case).recipe,
            "kernel, bias = weights",
            code,
            "pairs.append((%s, %s))" % (x.code, due.code),
        ]
    more = {"weights": array_arguments(case, data)["weights"], "pairs": Coded(pairs, "pairs")}
    shows = "The same layer is called on one size, another, and the first again."
    return _make_promise_check(case, plain_functions.compare_two_sizes, shows, more, "\n".join(setup))


VARIANTS: dict[str, Callable[[Case], PlainCheck]] = {
    "weights.shapes": _make_check_of_weight_shapes,
    "losses.weights": _make_promise_with_integer_weights(
        plain_functions.compare_weight_losses, "The losses of a kernel's and a bias' regularizer."
    ),
    "losses.activity": _make_check_of_activity_loss,
    "constraint.after-step": _make_check_of_constrained_step,
    "initializer.shape": _make_check_of_initializer_shape,
    "initializer.fan-in": _choose_check_of_fan("fan_in"),
    "initializer.fan-out": _choose_check_of_fan("fan_out"),
    "trainable.flags": _make_promise_with_integer_weights(
        plain_functions.compare_trainable_flags, "The weights of a layer that is frozen, and then is not."
    ),
    "names.layer-and-weights": _make_promise_with_integer_weights(
        plain_functions.compare_layer_names, "The names of layers and weights."
    ),
    "input-spec.after-build": _make_promise_with_integer_weights(
        plain_functions.compare_input_spec, "The input_spec of a built layer."
    ),
    "call.two-sizes": _make_check_of_two_sizes,
}
NAMES = (*VARIANTS, *USES)
_PROPERTIES = {"call.two-sizes": "values", "constraint.after-step": "gradient", **dict.fromkeys(OF_VALUES, "values")}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case; for other cases, those that depend on the padding or the rank."""
    if case == PADDED:
        return ("weights.shapes", "call.two-sizes", *OF_EVERY_RANK)
    return NAMES if case == PLAIN else OF_EVERY_RANK if case in (LINE, BLOCK) else ()


def variants_of_named(case: Case) -> Sequence[str]:
    """Return the variants of a case that the user names: those whose numbers its dtype represents."""
    if case.dtype not in ("float32", "float64"):
        return ("weights.shapes",)
    if not case.use_bias or case.activation != "linear":
        return ("weights.shapes", "call.two-sizes", *uses_of_case(case))
    own = [name for name in VARIANTS if not name.startswith("initializer.fan")]  # these have a case of their own
    return (*own, *uses_of_case(case))


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of the variant: of a promise, or of a use of the layer."""
    if check.variant in USES:
        return USES[check.variant](check.case, subject)
    return VARIANTS[check.variant](check.case)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Return the verdict on one promise."""
    property = _PROPERTIES.get(check.variant, PROPERTY)
    facts = observe_plain_function(plain_check(check, subject), subject, device)
    return judge_answer_or_its_absence(
        facts, property, {"promise": check.variant}, lambda facts: judge_facts(property, *facts)
    )
