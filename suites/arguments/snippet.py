"""The snippets of the suite ``arguments``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.case import Case
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.computed import asked, compare
from fixtures.snippets.reference import expected
from fixtures.snippets.scaffold import ACCEPTED, FACTS, attempt, built, called, recipe, set_weights_code, unclear
from suites.arguments.check import CALLED, IN_TIME, INPUT_WORDS, INPUTS
from suites.arguments.spellings import SPELLINGS
from suites.shapes.check import expected as lengths_of
from suites.shapes.check import layout

_GLOBALLY = """\
before = keras.backend.image_data_format()
keras.backend.set_image_data_format('channels_first')
try:
    layer = %s
finally:
    keras.backend.set_image_data_format(before)
shape = [None if n is None else int(n) for n in (getattr(n, 'value', n) for n in layer.compute_output_shape(%r))]
observed = {'data_format': layer.get_config()['data_format'], 'shape': shape}"""


def snippet(check: Check, subject: Layered) -> str:
    """Return code that checks one spelling or input."""
    case, variant = check.case, check.variant
    if variant in SPELLINGS:
        return _spelling(case, variant, subject)
    return _input(case, variant, subject) if variant in INPUTS else _global_format(case, subject)


def _spelling(case: Case, variant: str, subject: Layered) -> str:
    spelling = SPELLINGS[variant]
    meant = case if spelling.meaning is None else replace(case, **spelling.meaning)
    data = dense_integers(meant)
    act = [built(subject, case, {spelling.argument: spelling.value}, meant.input_shape)]
    act += [set_weights_code(meant)] if spelling.meaning is not None else []
    act += ["stage = 'call'", asked(meant, subject, subject.modes[0], "output")]
    told = "%s=%s" % (spelling.argument, spelling.value)
    meaning = ", ".join("%s=%r" % item for item in (spelling.meaning or {}).items()) or "no argument at all"
    if spelling.meaning is None:
        because = "# %s means nothing: it must be refused by the constructor or by build." % told
        setup, answered = [because, recipe(meant, data)], ACCEPTED
    else:
        because = "# %s means %s%s." % (told, meaning, "" if spelling.documented else ", or is refused clearly")
        setup, answered = [because, recipe(meant, data), expected(meant, data, "output")], compare(meant, "output")
    refused = unclear((spelling.argument, *spelling.names), IN_TIME)
    refused = "mismatch = True" if spelling.documented else "mismatch = False" if spelling.anyhow else refused
    return attempt(subject, "\n".join(setup), "\n".join(act), answered, refused)


def _input(case: Case, variant: str, subject: Layered) -> str:
    sentence, first, then = INPUTS[variant]
    act = ["layer = %s" % subject.snippet_layer(case, {})]
    act += ["stage = 'build'", "layer.build(%r)" % (tuple(first),)] if first is not None else []
    x = "cast(np.ones(%r), %r)" % (tuple(then), case.compute_dtype)
    act += ["stage = 'call'", "observed = {'output': %s}" % called(subject, "layer", x)]
    because = "# It must be refused, since %s." % sentence
    return attempt(subject, because, "\n".join(act), ACCEPTED, unclear(INPUT_WORDS, CALLED))


def _global_format(case: Case, subject: Layered) -> str:
    other = replace(case, data_format="channels_first")
    lengths = [other.batch, *other.size]
    fed_shape = tuple(layout(lengths, other.channels, other))
    want = {"data_format": "channels_first", "shape": layout(lengths_of(other, lengths), other.filters, other)}
    act = _GLOBALLY % (subject.snippet_layer(case, {"data_format": "None"}), fed_shape)
    return attempt(subject, "expected = %r" % want, act, FACTS)
