"""The bias of a case, which the page shows beside wrong values if the bias is at fault.

A ledger does not store it. It is drawn again with the seed and the shapes in the snippet, of which nothing is executed.
"""

from __future__ import annotations

import math
import re

import numpy as np

_MOST = 100_000  # the most numbers that are drawn before the bias
LONGEST = 64  # the most entries of a bias that is shown
_SEED = re.compile(r"rng = np\.random\.RandomState\(([0-9]{1,10})\)")
_INTEGERS = re.compile(r"(?:x|kernel|g) = rng\.randint\(-7, 8, \(([0-9, ]*)\)\) \* 1\.0")
_BIAS = re.compile(r"bias = rng\.permutation\(([0-9]{1,2})\) % 14 - 7\.0")


def find_bias(snippet: str) -> list[float]:
    """Return the bias of a snippet whose data are integers, or an empty list if its recipe has another form.

    The recipe is that of ``fixtures/cases/data_sets.py``: x, kernel and perhaps g are drawn first, then the bias.
    """
    lines = [line.strip() for line in snippet.splitlines()]
    start = next((place for place, line in enumerate(lines) if _SEED.fullmatch(line)), None)
    if start is None:
        return []
    rng = np.random.RandomState(int(_SEED.fullmatch(lines[start])[1]) % 2**32)  # type: ignore[index]  # it matched above
    for line, following in zip(lines[start + 1 :], [*lines[start + 2 :], ""]):
        drawn, bias = _INTEGERS.fullmatch(line), _BIAS.fullmatch(line)
        if bias and int(bias[1]) <= LONGEST:
            values = rng.permutation(int(bias[1])) % 14 - 7.0
            return [float(value) for value in values + (values >= 0) * (following == "bias += bias >= 0")]
        if not drawn:
            return []
        shape = [int(part) for part in drawn[1].split(",") if part.strip()]
        if math.prod(shape) > _MOST:
            return []
        rng.randint(-7, 8, shape)
    return []
