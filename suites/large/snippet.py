"""The snippets of the suite ``large``."""

from __future__ import annotations

from fixtures.cases.data_sets import make_dense_integers, make_random_reals
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed_results import function_code
from fixtures.snippets.shared_parts import (
    attempt_code,
    build_layer_code,
    data_recipe_code,
    input_array_code,
    set_weights_code,
)
from suites.large.relations import with_batch

_RELATIONS = """
def last(y):
    return %s


def differ(relation, left, right):
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    print(relation, '-', int((~same).sum()), 'of', same.size, 'entries differ')
    return not same.all()
"""
_COMPARISONS = """\
whole, mismatch = output(x), False
mismatch |= differ('batch elements are independent', np.concatenate([output(x[:1]), output(x[1:])]), whole)
if %r == 'linear':
    mismatch |= differ('f(-x) - b = -(f(x) - b)', output(-x) - bias, -(whole - bias))
    even = x * (np.indices(x.shape).sum(axis=0) %% 2 == 0)
    parts = output(even) - bias + output(x - even) - bias
    mismatch |= differ("f(x') - b + f(x'') - b = f(x' + x'') - b", parts, whole - bias)
for axis, stride in %r:
    still = np.moveaxis(x, axis, 0).copy()
    still[[0, -1]] = 0  # so that nothing leaves the input
    before, after = (np.moveaxis(output(np.moveaxis(one, 0, axis)), axis, 0) for one in (still, np.roll(still, 1, 0)))
    mismatch |= differ('moving x by one moves y by a stride, axis %%d' %% axis, after[stride:], before[:-stride])
%s
%s
once = output(x)
mismatch |= differ('two runs give the same bits', output(x), once)
%s
mismatch |= differ('a second layer gives the same bits', output(x), once)"""


def snippet(check: Check, subject: Subject) -> str:
    """Return code that checks all relations between answers."""
    case, variant = with_batch(check.case), check.variant
    data, reals = make_dense_integers(case), make_random_reals(case)
    first = case.data_format == "channels_first"
    make = [
        build_layer_code(subject, case),
        set_weights_code(case),
        "stage = 'call'",
        function_code(case, subject, variant),
    ]
    array = input_array_code(case, "x", variant != "predict")
    output = "\ndef output(x):\n    return last(np.asarray(to_float(call(%s)), np.float64))\n" % array
    axes = [(axis, stride) for axis, (n, stride) in enumerate(zip(case.size, case.strides), 1) if n > 2]
    again = "\n".join(make)
    relations = _COMPARISONS % (case.activation, axes, data_recipe_code(case, reals), set_weights_code(case), again)
    setup = data_recipe_code(case, data) + "\n" + _RELATIONS % ("np.moveaxis(y, 1, -1)" if first else "y") + output
    return attempt_code(subject, setup, "\n".join([*make, relations]), "pass")
