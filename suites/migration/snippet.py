"""The snippets of the suite ``migration``."""

from __future__ import annotations

from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.frameworks.artefact_index import given
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.scaffold import attempt, built, called, fed, none, recipe, set_weights_code
from suites.roundtrip.snippet import BEHAVIOUR, TOLD

_READ_CONFIG = """\
told = json.load(open(path))
made = getattr(keras.layers, told['class_name']).from_config(told['config'])
made.build(%(shape)r)
%(weights)s"""
_READ_WEIGHTS = """\
other = %(layer)s
other.build(%(shape)r)
place = keras.layers.Input(%(inputs)r, dtype=%(dtype)r)
made = keras.models.Model(place, other(place))
made.load_weights(path)"""
_READ = {
    "config": _READ_CONFIG,
    "json": "made = keras.models.model_from_json(open(path).read())\n%(weights)s",
    **dict.fromkeys(("h5-file", "keras-file"), "made = keras.models.load_model(path)"),
    "weights-file": _READ_WEIGHTS,
}


def snippet(check: Check, subject: Layered) -> str:
    """Return code that loads a stored file and compares the result with a layer that it makes itself."""
    case, variant = check.case, check.variant
    found = [one for one in given() if one.case == case.id and one.variant == variant]
    if not found:
        return none("the stored model is not here; give its folder with --artefacts.")
    (artefact,) = found
    told = {"shape": case.input_shape, "inputs": case.input_shape[1:], "dtype": case.compute_dtype}
    told.update(layer=subject.snippet_layer(case, {}), weights=set_weights_code(case).replace("layer.", "made."))
    act = [built(subject, case), set_weights_code(case), "before = " + called(subject, "layer", "fed")]
    act += ["stage = 'loading'", _READ[artefact.format] % told, "stage = 'restored'"]
    act.append("after = " + called(subject, "made", "fed"))
    written = "path = %r  # written by %s, Keras %s" % (artefact.path, artefact.writer, artefact.keras)
    setup = [
        TOLD,
        recipe(case, dense_integers(case)),
        "fed = " + fed(case),
        "expected, observed = {}, {}",
        written,
    ]
    imports = "import json" if artefact.format == "config" else ""
    return attempt(subject, "\n".join(setup), "\n".join(act), BEHAVIOUR, more_imports=imports)
