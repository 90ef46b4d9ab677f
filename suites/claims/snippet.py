"""The snippets of the suite ``claims``: each judges a statement and compares the result with the prediction."""

from __future__ import annotations

from fixtures.check import Check
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.scaffold import FACTS, attempt, called
from suites.claims.check import CLAIMS
from suites.formula.snippet import everywhere
from suites.signature.check import REFERENCE

_HELPERS = """\
def output(x, kernel=None, **arguments):
    layer = keras.layers.Conv2DTranspose(**arguments)
    layer.build(x.shape)
    if kernel is not None:
        layer.set_weights([kernel])
    return np.asarray(to_float(%s), np.float64)


def side(n, **arguments):
    return output(np.ones((1, n, n, 1)), filters=1, **arguments).shape[1]


def convolved(x, **arguments):
    layer = keras.layers.Conv2D(1, 3, kernel_initializer='ones', **arguments)
    return np.asarray(to_float(%s), np.float64)


def seen(true):
    return 'holds' if true else 'refuted'
"""
_FOUND_OUT = {
    "q1": """\
parameters = inspect.signature(keras.layers.Conv2DTranspose.__init__).parameters.values()
kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
numbers = [one.name for one in parameters if one.kind in kinds and one.name != 'self'][:9]
found = seen(numbers == %r)
if found == 'holds':
    try:
        keras.layers.Conv2DTranspose(2, (3, 2), (1, 1), 'valid', (0, 0), 'channels_last', (1, 1), 'relu', False)
    except TypeError as error:
        found, numbers = 'holds only if', str(error)"""
    % (list(REFERENCE)[:9],),
    "q2": """\
numbers = output(np.ones((2, 4, 5, 3)), filters=2, kernel_size=3, strides=(3, 2), padding='same').shape
found = seen(numbers[1:3] == (12, 10))""",
    "q3": """\
last = keras.layers.Conv2DTranspose(2, (3, 2), strides=(2, 1)).compute_output_shape((2, 4, 5, 3))
first = keras.layers.Conv2DTranspose(2, (3, 2), strides=(2, 1), data_format='channels_first')
numbers = [[int(n) for n in shape] for shape in (last, first.compute_output_shape((2, 3, 4, 5)))]
found = seen(numbers == [[2, 9, 6, 2], [2, 2, 9, 6]])""",
    "q5": """\
numbers = convolved(np.ones((1, 200, 200, 1)), strides=10, padding='same').shape
found = seen(numbers[1:3] == (20, 20))""",
    "q6": """\
numbers = output(np.ones((1, 20, 20, 1)), filters=1, kernel_size=3, strides=10, padding='same').shape
found = seen(numbers == (1, 200, 200, 1))""",
    "q7": """\
numbers = convolved(np.ones((1, 195, 195, 1)), strides=10, padding='same').shape
found = seen(numbers[1:3] == (20, 20))""",
    "q8": """\
numbers = [side(20, kernel_size=3, strides=10, padding='same', output_padding=o) for o in range(10)]
back = [convolved(np.ones((1, m, m, 1)), strides=10, padding='same').shape[1] for m in numbers]
found = seen(numbers == list(range(191, 201)) and set(back) == {20})""",
    "a1": """\
numbers = output(np.ones((1, 2, 2, 1)), filters=1, kernel_size=3).shape
found = seen(numbers == (1, 4, 4, 1))""",
    "a2": """\
numbers = []
for at in np.ndindex(2, 2):
    x = np.zeros((1, 2, 2, 1))
    x[(0, *at, 0)] = 1
    kernel = np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    y = output(x, kernel, filters=1, kernel_size=3, strides=2, use_bias=False)[0, :, :, 0]
    numbers.append(tuple(int(axis.min()) for axis in np.nonzero(y)) if y.any() else None)
found = seen(numbers == [(0, 0), (0, 2), (2, 0), (2, 2)] and y.shape == (5, 5))""",
    "a3": """\
numbers = [output(np.ones((2, 4, 5, 3)), filters=n, kernel_size=3).shape[-1] for n in (1, 2, 5)]
found = seen(numbers == [1, 2, 5])""",
    "a4": """\
cells = np.eye(36).reshape(36, 1, 6, 6, 1)
forward = sum(bool(convolved(x, strides=2, use_bias=False).any()) for x in cells)
one = np.ones((3, 3, 1, 1))
back = sum(int(output(x, one, filters=1, kernel_size=3, strides=2, use_bias=False).sum()) == 9 for x in cells)
numbers = 'of 36 cells %d take part in Conv2D, %d in the transpose with every tap' % (forward, back)
found = 'holds' if back < 36 else 'refuted' if forward == 25 else 'unclear'""",
    "a5": """\
x, kernel = np.ones((1, 3, 3, 1)), np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
told = dict(filters=1, kernel_size=3, strides=2, padding='same', use_bias=False)
without = output(x, kernel, output_padding=0, **told)[0, :, :, 0]
more = output(x, kernel, output_padding=1, **told)[0, :, :, 0]
rows, columns = without.shape
inside = [np.array_equal(more[i:i + rows, j:j + columns], without) for i in (0, 1) for j in (0, 1)]
numbers = without.shape, more.shape, more[-1].tolist()
found = seen(any(inside) and not more[-1].any())""",
    "a6": """\
right, without = [], []
for padding, k, s, d in (('valid', 3, 2, 1), ('same', 3, 2, 1), ('same', 5, 3, 1), ('same', 4, 2, 1),
                         ('valid', 2, 1, 3), ('same', 3, 1, 2), ('valid', 1, 3, 1)):
    ke = (k - 1) * d + 1
    rows = 3 * s + ke - (2 * (ke // 2) if padding == 'same' else 0)
    told = dict(kernel_size=k, strides=s, dilation_rate=d, padding=padding)
    for o in range(s):
        m = rows + o
        if 4 == (-(-m // s) if padding == 'same' else (m - ke) // s + 1):  # else no convolution has that shape
            right.append(side(4, output_padding=o, **told) == m)
    without.append(side(4, **told) == rows)
numbers = right, without
found = 'holds only if' if all(right) and not all(without) else seen(all(right))""",
    "a7": """\
numbers = output(np.ones((1, 4, 4, 3)), filters=3, kernel_size=5, strides=2, padding='same').shape
found = seen(numbers[1:] == (12, 12, 3))""",
}
_TOLD = "\nexpected, observed = {'claim': %r}, {'claim': found}\nprint('shown by', numbers)"


def snippet(check: Check, subject: Layered) -> str:
    """Return code that judges one statement."""
    variant = check.variant
    if variant == "q4":
        return everywhere(subject)
    setup = "# %s\n%s" % (
        " ".join(CLAIMS[variant].statement.split()),
        _HELPERS.replace("%s", called(subject, "layer", "cast(x, 'float32')")),
    )
    imports = "import inspect" if variant == "q1" else ""
    return attempt(subject, setup, _FOUND_OUT[variant] + _TOLD % CLAIMS[variant].predicted, FACTS, more_imports=imports)
