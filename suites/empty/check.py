"""The check of cases with nothing to compute: no batch, no height, no channels.

The output is all bias, or a refusal says why (rule C4).
"""

from __future__ import annotations

import re

from fixtures.cases.data_sets import make_dense_integers
from fixtures.cases.empty import is_empty
from fixtures.check import Check
from fixtures.compare.evidence import ShapeOrRefusal
from fixtures.compare.reference import compute_references
from fixtures.compare.verdict import Verdict, describe_refusal, judge_arrays
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import observe_new_layer
from fixtures.observation import Refused

# A refusal must say that something is empty or must not be empty: by a word for it, or by a length of 0.
SAYS_EMPTY = re.compile(r"empty|zero|positive|(?<![0-9.:])0(?![0-9.])")  # the 0 of /device:CPU:0 does not count


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Compare the output with the reference, or check that a refusal at any stage says what is empty."""
    data = make_dense_integers(check.case)
    seen = observe_new_layer(subject, check.case, data, check.variant, device)
    references = compute_references(check.case, "output", data)
    if isinstance(seen, Refused) and is_empty(check.case):
        clear = SAYS_EMPTY.search(seen.message.lower()) is not None
        shape = list(references["output"].values.shape)
        due = ShapeOrRefusal(shape, "a refusal that says what is empty")
        return Verdict(
            "agree" if clear else "unclear-rejection", "rejection", due, describe_refusal(seen), ("rejection",)
        )
    return judge_arrays(references, seen, check.case, data.name, device)
