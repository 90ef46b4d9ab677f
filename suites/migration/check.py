"""The check of models that an older release stored: loaded, they must behave as this release's own layers (rule C8)."""

from __future__ import annotations

from typing import Any, Sequence

from fixtures.case import Case
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.compare.facts import behaviour, compared, not_asked, settle
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.artefact_index import given
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.probe import Stage, attempt, in_format
from fixtures.frameworks.stored_models import ARTEFACTS
from fixtures.observation import Absent, Refused

CLAIM = "round-trip"
FRESH = "fresh"  # the stage at which this release calls a layer that it made itself


def variants(case: Case) -> Sequence[str]:
    """Return the variants of all stored models of the case."""
    return tuple(artefact.variant for artefact in given() if artefact.case == case.id)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Load the stored model, call it, and compare it with a layer of this release.

    That layer has the same arguments and weights.
    """
    (artefact,) = [one for one in given() if one.case == check.case.id and one.variant == check.variant]
    data = dense_integers(check.case)
    weights = [values for values in (data.kernel, data.bias) if values is not None]

    def act(stage: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
        # If this release has no such layer, or cannot compute with it, there is nothing to check.
        stage.name = FRESH
        fresh = subject.construct(check.case)
        subject.build(fresh, check.case, weights)
        x = in_format(data.x, check.case.data_format)
        want = subject.output(fresh, x, check.case)
        stage.name = "loading"
        made = ARTEFACTS[artefact.format][1](subject, check.case, artefact.path, weights)
        stage.name = "restored"
        return behaviour(want, subject.output(made, x, check.case))

    seen = attempt(subject, device, act)
    if isinstance(seen, Refused) and seen.stage == FRESH:
        return not_asked(Absent("a layer of its own is refused: %s: %s" % (seen.error, seen.message[:200])), CLAIM)
    return settle(seen, CLAIM, {"written by": artefact.writer}, lambda facts: compared(CLAIM, *facts))
