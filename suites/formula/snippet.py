"""The snippets of the suite ``formula``."""

from __future__ import annotations

from fixtures.check import Check
from fixtures.frameworks.adapter import NotSupported
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.scaffold import FACTS, attempt, none

# The formulas of the documentation (S1 to S5), by padding.
_WANTED = """
def wanted(n, k, s, padding, o, d):
    ke = (k - 1) * d + 1
    if n is None:
        return None
    if o is None:
        return n * s + {'valid': max(ke - s, 0), 'same': 0, 'full': -(s + ke - 2)}[padding]
    return (n - 1) * s + ke - 2 * {'valid': 0, 'same': ke // 2, 'full': ke - 1}[padding] + o

"""
_POINTS = """\
points = [(n, k, s, %r, o, d) for n in (1, 2, 3, 4, 5, 7, 20, 64) for k in range(1, 8) for s in range(1, 6)
          for d in range(1, 4) for o in (None, *range(s))]"""
_UNKNOWN = """\
points = [(None, k, s, padding, o, 1) for padding in ('valid', 'same') for k in (1, 4) for s in (1, 3)
          for o in (None, 0)]"""
_COUNT = """\
wrong = [point for point in points if length(*point) != wanted(*point)]
expected, observed = {'wrong points': 0}, {'wrong points': len(wrong)}
for point in wrong[:5]:
    print('(n, k, s, padding, output_padding, dilation)', point)
    print('expected', wanted(*point), 'observed', length(*point))"""
_REFUSES = """\
expected, observed = {}, {}
for padding in ('causal', 'explicit', ''):
    expected[padding] = 'refused'
    try:
        observed[padding] = length(4, 3, 2, padding, None, 1)
    except (ValueError, TypeError, AssertionError, KeyError):
        observed[padding] = 'refused'"""


def snippet(check: Check, subject: Layered) -> str:
    """Return code that checks every point of a padding, unknown lengths, or unknown paddings."""
    padding = check.variant.split(".")[1]
    points = _POINTS % padding if padding in ("valid", "same", "full") else _UNKNOWN
    asked = _REFUSES if padding == "refused" else _COUNT
    return _of_lengths(subject, "full" if padding == "full" else "valid", asked, "" if padding == "refused" else points)


def everywhere(subject: Layered) -> str:
    """Return code that checks all of this at once, for the statement about a function that knows every padding."""
    lists = [_POINTS % padding for padding in ("valid", "same", "full")] + [_UNKNOWN]
    points = "\n".join([*(text.replace("points =", "points_%d =" % i) for i, text in enumerate(lists)), _ALL])
    counted, wrong = _COUNT, "counted = len(wrong)\n"
    told = "expected['wrong points'], observed['wrong points'] = 0, counted"
    return _of_lengths(subject, "full", "\n".join([counted, wrong + _REFUSES, told]), points)


_ALL = "points = points_0 + points_1 + points_2 + points_3"


def _of_lengths(subject: Layered, padding: str, asked: str, points: str) -> str:
    try:
        found = subject.formula(padding)
    except NotSupported as error:
        return none(str(error) + ".")
    setup = found.snippet_code + (_WANTED + points if points else "")
    return attempt(subject, setup, asked, FACTS, more_imports="import importlib")
