"""The check of models that an older release stored: loaded, they must behave as this release's own layers (rule C8)."""

from __future__ import annotations

from typing import Any, Sequence

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_absent, judge_answer_or_its_absence, judge_facts, make_output_facts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.artefacts import Artefact, artefacts_of_this_run
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.stored_models import ARTEFACTS
from fixtures.observation import Absent, Refused
from fixtures.snippets.contract import (
    PlainCheck,
    array_arguments,
    layer_facts,
    make_contract_snippet,
    observe_plain_function,
)
from fixtures.snippets.shared_parts import data_recipe_code, sentence_in_place_of_code

PROPERTY = "round-trip"
FRESH = "fresh"  # the stage at which this release calls a layer that it made itself


def load_and_compare(
    tools: Any, read: Any, path: str, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any
) -> Any:
    """Return facts of the output of a layer of this release, and of the stored layer or model.

    If this release has no such layer, or cannot compute with it, there is nothing to check.
    """
    tools.stage = FRESH
    fresh = tools.make(kind, arguments)
    tools.build(fresh, input_shape, weights, arguments["dtype"])
    expected = tools.call(fresh, x, arguments["dtype"])
    tools.stage = "loading"
    loaded = read(tools, path, kind, arguments, input_shape, weights)
    tools.stage = "restored"
    return make_output_facts(expected, tools.call(loaded, x, arguments["dtype"]))


def variants(case: Case) -> Sequence[str]:
    """Return the variants of all stored models of the case."""
    return tuple(artefact.variant for artefact in artefacts_of_this_run() if artefact.case == case.id)


def _find_artefact(check: Check) -> Artefact | None:
    return next(
        (one for one in artefacts_of_this_run() if one.case == check.case.id and one.variant == check.variant), None
    )


def plain_check(case: Case, artefact: Artefact) -> PlainCheck:
    """Return the check that loads a stored file, and compares the result with a layer that this release makes."""
    data = make_dense_integers(case)
    return PlainCheck(
        "A file that %s wrote with Keras %s is loaded." % (artefact.writer, artefact.keras),
        load_and_compare,
        {
            "read": ARTEFACTS[artefact.format][1],
            "path": artefact.path,
            **layer_facts(case),
            **array_arguments(case, data),
        },
        data_recipe_code(case, data),
        require=lambda subject: subject.require_layer(case),
    )


def snippet(check: Check, subject: Layered) -> str:
    """Return the code of the check; a sentence if the stored model is not here."""
    artefact = _find_artefact(check)
    if artefact is None:
        return sentence_in_place_of_code("the stored model is not here; give its folder with --artefacts.")
    return make_contract_snippet(plain_check(check.case, artefact), subject)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Load the stored model, call it, and compare it with a layer of this release.

    That layer has the same arguments and weights.
    """
    artefact = _find_artefact(check)
    assert artefact is not None, "%s of %s is not stored" % (check.variant, check.case.id)
    seen = observe_plain_function(plain_check(check.case, artefact), subject, device)
    if isinstance(seen, Refused) and seen.stage == FRESH:
        return judge_absent(
            Absent("a layer of its own is refused: %s: %s" % (seen.error, seen.message[:200])), PROPERTY
        )
    return judge_answer_or_its_absence(
        seen, PROPERTY, {"written by": artefact.writer}, lambda facts: judge_facts(PROPERTY, *facts)
    )
