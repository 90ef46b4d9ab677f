"""The check of models that an older release stored: loaded, they must behave as this release's own layers (rule C8)."""

from __future__ import annotations

from typing import Any, Sequence

from fixtures.case import Case
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.compare.facts import behaviour, compared, judge_absent, settle
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.artefact_index import Artefact, given
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.stored_models import ARTEFACTS
from fixtures.observation import Absent, Refused
from fixtures.snippets.contract import PlainCheck, arrays, layer_facts, observe, snippet_of
from fixtures.snippets.scaffold import none, recipe

PROPERTY = "round-trip"
FRESH = "fresh"  # the stage at which this release calls a layer that it made itself


def load(tools: Any, read: Any, path: str, kind: str, arguments: Any, input_shape: Any, weights: Any, x: Any) -> Any:
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
    return behaviour(expected, tools.call(loaded, x, arguments["dtype"]))


def variants(case: Case) -> Sequence[str]:
    """Return the variants of all stored models of the case."""
    return tuple(artefact.variant for artefact in given() if artefact.case == case.id)


def _artefact(check: Check) -> Artefact | None:
    return next((one for one in given() if one.case == check.case.id and one.variant == check.variant), None)


def plain_check(case: Case, artefact: Artefact) -> PlainCheck:
    """Return the check that loads a stored file, and compares the result with a layer that this release makes."""
    data = dense_integers(case)
    return PlainCheck(
        "A file that %s wrote with Keras %s is loaded." % (artefact.writer, artefact.keras),
        load,
        {
            "read": ARTEFACTS[artefact.format][1],
            "path": artefact.path,
            **layer_facts(case),
            **arrays(case, data),
        },
        recipe(case, data),
        require=lambda subject: subject.require_layer(case),
    )


def snippet(check: Check, subject: Layered) -> str:
    """Return the code of the check; a sentence if the stored model is not here."""
    artefact = _artefact(check)
    if artefact is None:
        return none("the stored model is not here; give its folder with --artefacts.")
    return snippet_of(plain_check(check.case, artefact), subject)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Load the stored model, call it, and compare it with a layer of this release.

    That layer has the same arguments and weights.
    """
    artefact = _artefact(check)
    assert artefact is not None, "%s of %s is not stored" % (check.variant, check.case.id)
    seen = observe(plain_check(check.case, artefact), subject, device)
    if isinstance(seen, Refused) and seen.stage == FRESH:
        return judge_absent(
            Absent("a layer of its own is refused: %s: %s" % (seen.error, seen.message[:200])), PROPERTY
        )
    return settle(seen, PROPERTY, {"written by": artefact.writer}, lambda facts: compared(PROPERTY, *facts))
