"""The snippets of the suite ``signature``."""

from __future__ import annotations

from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.scaffold import FACTS, attempt
from suites.signature.check import REFERENCE, given_by_position

_SIGNATURE = """
def parameters(function):
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in found if one.kind in kinds and one.name != 'self'}


def plain(value):  # 1 is (1, 1), a list a tuple
    if value is inspect.Parameter.empty:
        return 'needed'
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return tuple(value) if isinstance(value, list) else value


documented = %r
found = parameters(keras.layers.Conv2DTranspose.__init__)"""
_SIGNATURES = {
    "constructor.names": "expected = {'missing': []}\n"
    "observed = {'missing': [name for name in documented if name not in found]}",
    "constructor.order": "expected = {'order': list(documented)}\nobserved = {'order': list(found)[:len(documented)]}",
    "constructor.defaults": "expected = {name: documented[name] for name in found if name in documented}\n"
    "observed = {name: plain(found[name]) for name in expected}",
    "call.needed": "expected = {'needed': ['inputs']}\ncalled = parameters(%s.call)\n"
    "observed = {'needed': [name for name in called if plain(called[name]) == 'needed']}",
}
_POSITION = """\
config = keras.layers.Conv2DTranspose(*%r).get_config()
found = config.get(%r, 'not in the configuration')
if isinstance(found, dict) and 'class_name' in found:
    found = {'Zeros': 'zeros', 'Ones': 'ones'}.get(found['class_name'], found['class_name'])
expected, observed = {%r: %r}, {%r: tuple(found) if isinstance(found, list) else found}"""


def snippet(check: Check, subject: Layered) -> str:
    """Return code that checks names, order, defaults, the arguments of call, or one position."""
    case, variant = check.case, check.variant
    if variant.startswith("position."):
        name = variant.split(".")[1].replace("-", "_")
        given = given_by_position(name)
        return attempt(subject, "", _POSITION % (given, name, name, given[list(REFERENCE).index(name)], name), FACTS)
    act = _SIGNATURES[variant] % subject.snippet_layer(case, {}) if variant == "call.needed" else _SIGNATURES[variant]
    return attempt(subject, (_SIGNATURE % (REFERENCE,)).strip("\n"), act, FACTS, more_imports="import inspect")
