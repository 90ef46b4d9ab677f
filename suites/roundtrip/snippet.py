"""The snippets of the suite ``roundtrip``."""

from __future__ import annotations

import inspect
import re

from fixtures.cases.data_sets import dense_integers, random_reals
from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.storage import OF_LAYERS, custom_objects
from fixtures.snippets.scaffold import FACTS, attempt, built, called, fed, indented, recipe, set_weights_code
from suites.roundtrip.check import CUSTOM

_MODEL = "place = keras.layers.Input(%r, dtype=%r)\nmodel = keras.models.Model(place, layer(place))"
TOLD = """
def told(y):
    dtype = str(getattr(y.dtype, 'name', y.dtype)).split('.')[-1]
    return {'shape': list(y.shape), 'dtype': dtype}


def entries(y):
    return np.asarray(to_float(y), np.float64)
"""
BEHAVIOUR = (
    """\
same = entries(before).shape == entries(after).shape
wrong = np.sum(~np.isclose(entries(before), entries(after), 0, 0, equal_nan=True)) if same else entries(after).size
expected = {**told(before), 'entries that differ': 0, **expected}
observed = {**told(after), 'entries that differ': int(wrong), **observed}
"""
    + FACTS
)
_BUILT = "if not getattr(restored, 'built', True):\n    restored.build(%r)\nrestored.set_weights(layer.get_weights())"
# Code that restores, by variant. A layer or model made from a configuration gets the weights afterwards.
_CONFIGURED = {
    "from-config": "restored = type(layer).from_config(layer.get_config())",
    "serialize": "restored = keras.layers.deserialize(keras.layers.serialize(layer))",
    "clone-model": "restored = keras.models.clone_model(model)",
    "json": "restored = keras.models.model_from_json(model.to_json())",
}
_SAVED = "path = os.path.join(tempfile.mkdtemp(), %r)\nmodel.save(path)\nrestored = keras.models.load_model(path)"
_KEPT = {
    "keras-file": _SAVED % "model.keras",
    "h5-file": _SAVED % "model.h5",
    "weights-file": "path = os.path.join(tempfile.mkdtemp(), 'model.weights.h5')\nmodel.save_weights(path)\n"
    "restored = keras.models.clone_model(model)\nrestored.load_weights(path)",
    "saved-model": "restored = exported(model, os.path.join(tempfile.mkdtemp(), 'exported'))",
    "pickle-layer": "restored = pickle.loads(pickle.dumps(layer))",
    "pickle-model": "restored = pickle.loads(pickle.dumps(model))",
    "deepcopy-layer": "restored = copy.deepcopy(layer)",
    "deepcopy-model": "restored = copy.deepcopy(model)",
}
_GIVEN = {
    "activation": "objects['parity_negated']",
    **dict.fromkeys(("kernel_constraint", "bias_constraint"), "objects['ParityHalved']()"),
    "kernel_regularizer": "objects['ParityCorner'](0.25)",
    "bias_regularizer": "objects['ParityCorner'](0.5)",
    "kernel_initializer": "objects['ParityCounted'](3)",
    "bias_initializer": "objects['ParityCounted'](5)",
    "name": "'decoder'",
}
_CUSTOM_FACTS = """\
restored = getattr(restored, 'layers', [restored])[-1]
fresh = type(restored).from_config(restored.get_config())
fresh.build(%r)
constraints = [restored.kernel_constraint, restored.bias_constraint]
observed = {
    'losses': sorted(float(to_float(loss)) for loss in restored.losses),
    'constraints of 8': [float(constrain(8.0)) if constrain else None for constrain in constraints],
    'first weights': [float(np.min(weight)) for weight in fresh.get_weights()],
    'name': restored.name,
}"""
_CUSTOM_WANTED = (
    "expected = {'losses': [0.75, 2.5], 'constraints of 8': [4.0, 4.0], 'first weights': [3.0, 5.0], 'name': 'decoder'}"
)
_IMPORTS = "import copy\nimport os\nimport pickle\nimport tempfile"


def snippet(check: Check, subject: Layered) -> str:
    """Return code that stores and restores a layer or model, with or without custom objects."""
    case, variant = check.case, check.variant
    custom = variant.startswith(CUSTOM)
    store = variant[len(CUSTOM) :] if custom else variant
    trip = [] if store in OF_LAYERS else [_MODEL % (case.input_shape[1:], case.compute_dtype)]
    made = "layer" if store in OF_LAYERS else "model"
    kept = _KEPT.get(store) or _CONFIGURED[store] + "\n" + _BUILT % (case.input_shape,)
    trip += ["before = " + called(subject, made, "fed"), kept, "stage = 'restored'"]
    trip.append("after = " + called(subject, "restored", "fed"))
    if custom:
        act = [
            built(subject, case, _GIVEN),
            "stage = 'round-trip'",
            *trip,
            _CUSTOM_FACTS % (case.input_shape,),
        ]
        act = ["with keras.utils.custom_object_scope(objects):", indented("\n".join(act))]
        arrays = ["fed = cast(np.ones(%r), %r)" % (case.input_shape, case.compute_dtype), _CUSTOM_WANTED]
        setup = [TOLD, objects(), *arrays]
    else:
        data = dense_integers(case) if variant == "saved-model" else random_reals(case)
        act = [
            built(subject, case),
            set_weights_code(case),
            "stage = 'call'",
            called(subject, "layer", "fed"),
        ]
        act += ["stage = 'round-trip'", *trip]
        setup = [TOLD, recipe(case, data), "fed = " + fed(case), "expected, observed = {}, {}"]
    if store == "saved-model":
        setup.insert(0, subject.snippet_code("exported").rstrip("\n"))
    used = [line for line in _IMPORTS.split("\n") if line.split()[1] + "." in "\n".join([kept, *setup])]
    return attempt(subject, "\n".join(setup), "\n".join(act), BEHAVIOUR, more_imports="\n".join(used))


def objects() -> str:
    """Return the source of the suite's custom objects, without annotations, which old Pythons would evaluate."""
    source = inspect.getsource(custom_objects)
    for words, plain in _ANNOTATIONS:
        source = re.sub(words, plain, source)
    return source + "\n\nobjects = custom_objects(keras)"


_ANNOTATIONS = (
    (r"  # type: ignore.*", ""),
    (r" -> [^:]+(?=:)", ""),
    (r"(\w): (?:Any|int|float) = ", r"\1="),
    (r"(\w): (?:Any|int|float)(?=[,)])", r"\1"),
)
