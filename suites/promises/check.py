"""The checks of other promises: losses, constraints, initializers, flags, names, input_spec, two sizes (rule C9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import PADDED, PLAIN
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.compare.facts import compared, settle
from fixtures.compare.reference import wanted
from fixtures.compare.verdict import Verdict, differing
from fixtures.frameworks.adapter import NotSupported
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.models import model_of, train_step
from fixtures.frameworks.probe import Stage, attempt, in_format
from fixtures.frameworks.storage import custom_objects
from fixtures.oracle.expectation import reference

CLAIM = "signature"
WIDE = replace(PLAIN, channels=60, filters=6)  # channels and filters differ enough to tell the two counts apart


def _built(subject: Layered, case: Case, **changed: Any) -> Any:
    """Return a built layer whose weights are the case's integers."""
    data = dense_integers(case)
    layer = subject.construct(case, **changed)
    subject.build(layer, case, [values for values in (data.kernel, data.bias) if values is not None])
    return layer


def _weights_shape(subject: Layered, case: Case) -> Any:
    layer = subject.construct(case)
    layer.build(case.input_shape)
    want = {"kernel": [*case.kernel_size, case.filters, case.channels], "bias": [case.filters]}
    want = want if case.use_bias else {"kernel": want["kernel"]}
    shapes = [list(subject.weight(variable).shape) for variable in layer.weights]
    return {**want, "count": sum(int(np.prod(shape)) for shape in want.values())}, {
        **dict(zip(("kernel", "bias"), shapes)),
        "count": int(layer.count_params()),
    }


def _regularizers(subject: Layered, case: Case) -> Any:
    """Return expected and observed losses of two regularizers.

    One adds a multiple of one entry of the kernel, the other another multiple of one entry of the bias.
    """
    data = dense_integers(case)
    corner = custom_objects(subject.keras)["ParityCorner"]
    layer = _built(subject, case, kernel_regularizer=corner(0.5), bias_regularizer=corner(0.25))
    assert data.bias is not None
    want = sorted([0.5 * float(data.kernel.flat[0]), 0.25 * float(data.bias[0])])
    return {"losses": want}, {"losses": sorted(subject.losses(layer, None, case))}


def _activity(subject: Layered, case: Case) -> Any:
    data = dense_integers(case)
    layer = _built(subject, case, activity_regularizer=custom_objects(subject.keras)["ParityCorner"](2.0))
    y = wanted(case, "output", data)["output"].values
    # Keras divides it by the batch size, as its documentation of regularizers says.
    return {"losses": [2.0 * float(y[0, 0, 0, 0]) / case.batch]}, {"losses": subject.losses(layer, data.x, case)}


def _constraints(subject: Layered, case: Case) -> Any:
    """Return expected and observed numbers of entries that differ after a training step.

    The expected weights are those after a step of plain gradient descent, halved: the constraint comes after the step.
    """
    if not subject.derivatives:
        raise NotSupported("the backend of %s does not train" % subject.name)
    data = dense_integers(case, "gradients")
    halved = custom_objects(subject.keras)["ParityHalved"]
    layer = subject.construct(case, kernel_constraint=halved(), bias_constraint=halved())
    subject.build(layer, case, [values for values in (data.kernel, data.bias) if values is not None])
    model = model_of(subject.keras, layer, case)
    fed = {name: values.astype("float32") for name, values in data.fed("gradients").items()}
    train_step(subject.keras, model, fed["x"], fed["g"], subject.total())
    after = reference(case, "step", data.arrays)
    found = dict(zip(("kernel", "bias"), map(subject.weight, layer.weights)))
    wrong = {name: int(differing(found[name], 0.5 * values).sum()) for name, values in after.items()}
    return dict.fromkeys((name + " entries that differ" for name in after), 0), {
        name + " entries that differ": count for name, count in wrong.items()
    }


def _initializer(subject: Layered, case: Case) -> Any:
    asked: list[Any] = []

    def counted(shape: Any, dtype: Any = None, **_: Any) -> Any:
        asked.append([int(length) for length in shape])
        return np.arange(int(np.prod(asked[-1])), dtype="float32").reshape(asked[-1])

    layer = subject.construct(case, kernel_initializer=counted)
    layer.build(case.input_shape)
    kernel = [*case.kernel_size, case.filters, case.channels]
    first = np.arange(int(np.prod(kernel)), dtype=float).reshape(kernel)
    wrong = differing(subject.weight(layer.weights[0]), first) if asked[-1:] == [kernel] else np.ones(1)
    return {"shape": [kernel], "entries that differ": 0}, {"shape": asked[-1:], "entries that differ": int(wrong.sum())}


def _fan(mode: str) -> Callable[[Layered, Case], Any]:
    """Return a check of the number of inputs or outputs that a variance-scaling initializer uses.

    The range of the initial values shows it. Every output cell sums kernel cells times channels; every input cell
    spreads over kernel cells times filters.
    """
    fans = {"fan_in": WIDE.channels, "fan_out": WIDE.filters}

    def asked(subject: Layered, case: Case) -> Any:
        scaling = subject.keras.initializers.VarianceScaling(scale=1.0, mode=mode, distribution="uniform", seed=3)
        layer = subject.construct(WIDE, kernel_initializer=scaling)
        layer.build(WIDE.input_shape)
        most = float(np.abs(subject.weight(layer.weights[0])).max())
        taps = int(np.prod(WIDE.kernel_size))
        # The largest of so many uniform values is within 3 percent of the limit.
        found = [
            name
            for name, fan in (("channels", WIDE.channels), ("filters", WIDE.filters))
            if 0.97 < most / np.sqrt(3.0 / (taps * fan)) < 1.0001
        ]
        want = "channels" if fans[mode] == WIDE.channels else "filters"
        told = "kernel cells times " + found[0] if found else "neither channels nor filters times kernel cells"
        return {mode: "kernel cells times " + want}, {mode: told, "largest": round(most, 4)}

    return asked


def _frozen(subject: Layered, case: Case) -> Any:
    layer = _built(subject, case, trainable=False)
    then = [len(layer.trainable_weights), len(layer.non_trainable_weights)]
    layer.trainable = True
    now = [len(layer.trainable_weights), len(layer.non_trainable_weights)]
    return {"frozen": [0, 2], "thawed": [2, 0]}, {"frozen": then, "thawed": now}


def _names(subject: Layered, case: Case) -> Any:
    named, unnamed = _built(subject, case, name="decoder"), _built(subject, case)
    ends = [str(variable.name).split("/")[-1].split(":")[0].split("_")[0] for variable in unnamed.weights]
    found = {"name": named.name, "weights": ends, "default": unnamed.name.startswith("conv2d_transpose")}
    return {"name": "decoder", "weights": ["kernel", "bias"], "default": True}, found


def _input_spec(subject: Layered, case: Case) -> Any:
    layer = _built(subject, case)
    spec = layer.input_spec
    if spec is None:
        return {"rank": case.rank + 2}, {"rank": "no input_spec"}
    axes = {int(axis) % (case.rank + 2): int(length) for axis, length in (spec.axes or {}).items()}
    known = spec.ndim if spec.ndim is not None else spec.min_ndim
    return {"rank": case.rank + 2, "axes": {"3": case.channels}}, {
        "rank": known,
        "axes": {str(axis): length for axis, length in axes.items()},
    }


def _two_sizes(subject: Layered, case: Case) -> Any:
    """Return expected and observed numbers of entries that differ.

    The same layer is called on one size, another, and the first again.
    """
    other = replace(case, size=tuple(n + 2 for n in case.size), batch=case.batch + 1)
    data = dense_integers(case)
    layer = _built(subject, case)
    wrong = []
    for asked in (case, other, case):
        fed = replace(data, x=dense_integers(asked).x)
        want = wanted(asked, "output", fed)["output"].values
        got = subject.output(layer, in_format(fed.x, case.data_format), asked)
        wrong.append(int(differing(got.values, want).sum()) if got.values.shape == want.shape else want.size)
    return {"entries that differ": [0, 0, 0]}, {"entries that differ": wrong}


VARIANTS: dict[str, Callable[[Layered, Case], Any]] = {
    "weights.shapes": _weights_shape,
    "losses.weights": _regularizers,
    "losses.activity": _activity,
    "constraint.after-step": _constraints,
    "initializer.shape": _initializer,
    "initializer.fan-in": _fan("fan_in"),
    "initializer.fan-out": _fan("fan_out"),
    "trainable.flags": _frozen,
    "names.layer-and-weights": _names,
    "input-spec.after-build": _input_spec,
    "call.two-sizes": _two_sizes,
}
_CLAIMS = {"call.two-sizes": "values", "constraint.after-step": "gradient"}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case, and those that depend on the padding for a case with "same"."""
    if case == PADDED:
        return ("weights.shapes", "call.two-sizes")
    return tuple(VARIANTS) if case == PLAIN else ()


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Return the verdict on one promise."""
    case, variant = check.case, check.variant
    claim = _CLAIMS.get(variant, CLAIM)

    def act(stage: Stage) -> Any:
        stage.name = "call"
        return VARIANTS[variant](subject, case)

    return settle(attempt(subject, device, act), claim, {"promise": variant}, lambda facts: compared(claim, *facts))
