"""The snippets of the suite ``shapes``."""

from __future__ import annotations

from fixtures.case import Case
from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.scaffold import FACTS, attempt
from suites.shapes.check import TYPE, patterns

_FOUND = {
    "compute-output-shape": "layer.compute_output_shape(shape)",
    "symbolic": "layer(keras.layers.Input(batch_shape=shape, dtype=%r)).shape",
    "traced": "traced(layer, shape, %r)",
}
_LENGTHS = """
def lengths(shape):
    if getattr(shape, 'dims', ()) is None:
        return None
    return [None if n is None else int(n) for n in (getattr(n, 'value', n) for n in shape)]


# By the shape of the input: the shape of the output.
"""
_ODD = """
    odd = sorted({type(n).__name__ for n in found} - {'int', 'NoneType', 'Dimension'})
    expected[shape, 'lengths'], observed[shape, 'lengths'] = 'int', ', '.join(odd) or 'int'"""
_CONTAINER = """\
    expected[shape], observed[shape] = %r, type(found).__name__
    expected[shape] = observed[shape] if observed[shape] in %r else expected[shape]"""


def snippet(check: Check, subject: Layered) -> str:
    """Return code that checks one variant for every pattern of unknown lengths."""
    case, variant = check.case, check.variant
    if variant == TYPE:
        return _container(case, subject)
    wanted = ["    %r: %r," % (tuple(fed), want) for _, fed, want in patterns(case)]
    setup = [
        subject.snippet_code(variant),
        _LENGTHS.strip("\n") + "\nexpected = {",
        *wanted,
        "}",
        "observed = {}",
    ]
    found = _FOUND[variant] % case.compute_dtype if "%r" in _FOUND[variant] else _FOUND[variant]
    act = [
        "for shape in list(expected):",
        "    layer = %s" % subject.snippet_layer(case, {}),
        "    layer.build(shape)",
        "    found = %s" % found,
        "    observed[shape] = lengths(found)" + (_ODD if variant in list(_FOUND)[:1] else ""),
    ]
    return attempt(subject, "\n".join(filter(None, setup)), "\n".join(act), FACTS)


def _container(case: Case, subject: Layered) -> str:
    """Return code that shows which container ``compute_output_shape`` returns, for every pattern of lengths."""
    fed = ["    %r," % (tuple(fed),) for _, fed, _ in patterns(case)]
    setup = [
        "# By the shape of the input: the type of the output's.",
        "inputs = [",
        *fed,
        "]",
        "expected, observed = {}, {}",
    ]
    act = [
        "for shape in inputs:",
        "    layer = %s" % subject.snippet_layer(case, {}),
        "    layer.build(shape)",
        "    found = %s" % _FOUND["compute-output-shape"],
        _CONTAINER % (" or ".join(subject.shape_types), subject.shape_types),
    ]
    return attempt(subject, "\n".join(setup), "\n".join(act), FACTS)
