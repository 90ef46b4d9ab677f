"""The snippets of the suite ``promises``."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

from fixtures.case import Case
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.reference import expected
from fixtures.snippets.scaffold import FACTS, attempt, built, called, fed, recipe, set_weights_code, whole
from suites.promises.check import WIDE
from suites.roundtrip.snippet import objects

_SHAPES = """\
expected = {'shapes': [list(weight.shape) for weight in (%s)], 'count': sum(weight.size for weight in (%s))}
observed = {'shapes': [list(weight.shape) for weight in layer.get_weights()], 'count': int(layer.count_params())}"""
_LOSSES = """\
expected = {'losses': sorted([0.5 * kernel.flat[0], 0.25 * bias[0]])}
observed = {'losses': sorted(float(to_float(loss)) for loss in layer.losses)}"""
_ACTIVITY = """\
%s
# Keras divides it by the batch's length, as its documentation of regularizers says.
expected = {'losses': [2.0 * answers(x, kernel, bias)['output'].flat[0] / len(x)]}
observed = {'losses': [float(to_float(loss)) for loss in layer.losses]}"""
_CONSTRAINT = """\
place = keras.layers.Input(%r, dtype=%r)
model = keras.models.Model(place, layer(place))
model.compile(optimizer=keras.optimizers.SGD(1.0), loss=lambda g, y: %s(g * y))
model.train_on_batch(%s, %s)
# A step of plain descent, then half of it: the constraint comes after the step.
found = dict(zip(['kernel', 'bias'], layer.get_weights()))
observed = {name + ' entries that differ': int(np.sum(found[name] != 0.5 * after[name])) for name in after}
expected = dict.fromkeys(observed, 0)"""
_COUNTED = """\
asked = []


def counted(shape, dtype=None, **_):
    asked.append([int(length) for length in shape])
    return np.arange(int(np.prod(asked[-1])), dtype='float32').reshape(asked[-1])
"""
_INITIALIZER = """\
first = np.arange(%d).reshape(%r)
same = layer.get_weights()[0].shape == first.shape
wrong = int(np.sum(layer.get_weights()[0] != first)) if same else first.size
expected = {'shape': list(first.shape), 'entries that differ': 0}
observed = {'shape': asked[-1], 'entries that differ': wrong}"""
_FAN = """\
most = float(np.abs(layer.get_weights()[0]).max())
# Of that many uniform values the largest is within three hundredths of the limit.
fans = {'kernel cells times channels': %d, 'kernel cells times filters': %d}
observed = {%r: [name for name, fan in fans.items() if 0.97 < most / np.sqrt(3.0 / fan) < 1.0001]}
expected = {%r: [%r]}
print('largest', most, 'limits', {name: float(np.sqrt(3.0 / fan)) for name, fan in fans.items()})"""
_FROZEN = """\
expected = {'frozen': [0, 2], 'thawed': [2, 0]}
observed = {'frozen': [len(layer.trainable_weights), len(layer.non_trainable_weights)]}
layer.trainable = True
observed['thawed'] = [len(layer.trainable_weights), len(layer.non_trainable_weights)]"""
_NAMES = """\
named = layer
%s
ends = [str(weight.name).split('/')[-1].split(':')[0].split('_')[0] for weight in layer.weights]
expected = {'name': 'decoder', 'weights': ['kernel', 'bias'], 'default': True}
observed = {'name': named.name, 'weights': ends, 'default': layer.name.startswith('conv2d_transpose')}"""
_SPEC = """\
spec = layer.input_spec
expected, observed = {'rank': %d, 'axes': {3: %d}}, {'rank': 'no input_spec'}
if spec is None:
    expected = {'rank': %d}
else:
    axes = {int(axis) %% %d: int(length) for axis, length in (spec.axes or {}).items()}
    observed = {'rank': spec.ndim if spec.ndim is not None else spec.min_ndim, 'axes': axes}"""


def _shapes(case: Case, subject: Layered) -> tuple[str, str]:
    names = "kernel, bias" if case.use_bias else "kernel,"
    return recipe(case, dense_integers(case)), built(subject, case) + "\n" + _SHAPES % (names, names)


def _with(given: dict[str, str], then: str, more: str = "") -> Callable[[Case, Layered], tuple[str, str]]:
    """Return a function that returns setup and action as code.

    The action makes a layer with the arguments ``given`` and the case's integers as weights, and does ``then``. The
    setup ends with ``more``.
    """

    def made(case: Case, subject: Layered) -> tuple[str, str]:
        setup = "\n".join(
            filter(None, [objects() if "objects" in str(given) else "", recipe(case, dense_integers(case)), more])
        )
        return setup, "\n".join([built(subject, case, given), set_weights_code(case), "stage = 'call'", then])

    return made


def _activity(case: Case, subject: Layered) -> tuple[str, str]:
    setup, act = _with(
        {"activity_regularizer": "objects['ParityCorner'](2.0)"}, _ACTIVITY % called(subject, "layer", fed(case))
    )(case, subject)
    return setup + "\n" + expected(case, dense_integers(case), "output"), act


def _constraint(case: Case, subject: Layered) -> tuple[str, str]:
    data = dense_integers(case, "gradients")
    halved = dict.fromkeys(("kernel_constraint", "bias_constraint"), "objects['ParityHalved']()")
    arrays = ["%s.astype(%r)" % (name, whole(case)) for name in ("x", "g")]
    then = _CONSTRAINT % (case.input_shape[1:], case.compute_dtype, subject.snippet_code("total"), *arrays)
    setup = [objects(), recipe(case, data), expected(case, data, "step"), "after = expected"]
    return "\n".join(setup), "\n".join([built(subject, case, halved), set_weights_code(case), "stage = 'call'", then])


def _initializer(case: Case, subject: Layered) -> tuple[str, str]:
    kernel = (*case.kernel_size, case.filters, case.channels)
    count = 1
    for length in kernel:
        count *= length
    return _COUNTED, built(subject, case, {"kernel_initializer": "counted"}) + "\n" + _INITIALIZER % (count, kernel)


def _fan(mode: str) -> Callable[[Case, Layered], tuple[str, str]]:
    def made(case: Case, subject: Layered) -> tuple[str, str]:
        scaling = "keras.initializers.VarianceScaling(scale=1.0, mode=%r, distribution='uniform', seed=3)" % mode
        taps = WIDE.kernel_size[0] * WIDE.kernel_size[1]
        wanted = "kernel cells times " + {"fan_in": "channels", "fan_out": "filters"}[mode]
        then = _FAN % (taps * WIDE.channels, taps * WIDE.filters, mode, mode, wanted)
        return "", built(subject, WIDE, {"kernel_initializer": scaling}) + "\n" + then

    return made


def _names(case: Case, subject: Layered) -> tuple[str, str]:
    return _with({"name": "'decoder'"}, _NAMES % (built(subject, case)))(case, subject)


def _spec(case: Case, subject: Layered) -> tuple[str, str]:
    return "", built(subject, case) + "\n" + _SPEC % (case.rank + 2, case.channels, case.rank + 2, case.rank + 2)


def _two_sizes(case: Case, subject: Layered) -> tuple[str, str]:
    """Return setup and action that call the same layer on one size, another, and the first again."""
    other = replace(case, size=tuple(n + 2 for n in case.size), batch=case.batch + 1)
    setup = [recipe(case, dense_integers(case)), "weights, sizes, wanted = (kernel, bias), [], []"]
    for one in (case, other, case):
        wants = [dense_integers(one).recipe, "kernel, bias = weights", expected(one, dense_integers(one), "output")]
        setup += [*wants, "sizes.append(x)", "wanted.append(expected['output'])"]
    setup.append("expected, observed = {'entries that differ': [0, 0, 0]}, {'entries that differ': []}")
    back = "np.moveaxis(found, 1, -1)" if case.data_format == "channels_first" else "found"
    act = [built(subject, case), set_weights_code(case), "stage = 'call'", "for x, want in zip(sizes, wanted):"]
    act += [
        "    found = np.asarray(to_float(%s), np.float64)" % called(subject, "layer", fed(case)),
        "    found = " + back,
    ]
    act += ["    wrong = int(np.sum(found != want)) if found.shape == want.shape else want.size"]
    return "\n".join(setup), "\n".join([*act, "    observed['entries that differ'].append(wrong)"])


_CORNERS = {"kernel_regularizer": "objects['ParityCorner'](0.5)", "bias_regularizer": "objects['ParityCorner'](0.25)"}
_PROMISES: dict[str, Callable[[Case, Layered], tuple[str, str]]] = {
    "weights.shapes": _shapes,
    "losses.weights": _with(_CORNERS, _LOSSES),
    "losses.activity": _activity,
    "constraint.after-step": _constraint,
    "initializer.shape": _initializer,
    "initializer.fan-in": _fan("fan_in"),
    "initializer.fan-out": _fan("fan_out"),
    "trainable.flags": _with({"trainable": "False"}, _FROZEN),
    "names.layer-and-weights": _names,
    "input-spec.after-build": _spec,
    "call.two-sizes": _two_sizes,
}


def snippet(check: Check, subject: Layered) -> str:
    """Return code that checks one promise."""
    setup, act = _PROMISES[check.variant](check.case, subject)
    return attempt(subject, setup, act, FACTS)
