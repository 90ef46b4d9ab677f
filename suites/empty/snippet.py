"""The snippets of the suite ``empty``."""

from __future__ import annotations

from fixtures.cases.data_sets import make_dense_integers
from fixtures.cases.empty import is_empty
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed_results import call_code, comparison_code
from fixtures.snippets.reference import reference_code
from fixtures.snippets.shared_parts import attempt_code, build_layer_code, data_recipe_code, set_weights_code
from suites.empty.check import SAYS_EMPTY

_MAY_REFUSE = r"""# It may be refused, if the message says what is empty.
# The colours and the arguments of the call that Keras adds do not.
message = re.sub(r'\x1b\[[0-9;]*m|arguments received by.*', '', str(error).lower(), flags=re.DOTALL)
mismatch = not re.search(%r, message)"""


def snippet(check: Check, subject: Subject) -> str:
    """Return code that compares the output with the reference, and accepts a refusal that says what is empty."""
    case, variant = check.case, check.variant
    data = make_dense_integers(case)
    act = [
        build_layer_code(subject, case),
        set_weights_code(case),
        "stage = 'call'",
        call_code(case, subject, variant, "output"),
    ]
    refused, imports = "mismatch = True", ""
    if is_empty(case):
        refused, imports = _MAY_REFUSE % SAYS_EMPTY.pattern, "import re"
    setup = "\n".join([data_recipe_code(case, data), reference_code(case, data, "output")])
    return attempt_code(subject, setup, "\n".join(act), comparison_code(case, "output"), refused, imports)
