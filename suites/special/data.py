"""The data of the suite ``special``: NaN, infinities and the ends of the number range (rule V5 of docs/semantics.md).

One cell carries each value: a carrier is a one-hot array. The index map says which cells the carrier reaches. The
special value arrives there times a weight of 1 or -1, so nothing rounds, and the reference need not add infinities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Iterator, Mapping, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.data_sets import Data, execute_recipe
from fixtures.cases.recipes import array_shapes, random_seed
from fixtures.compare.reference import compute_references
from fixtures.compare.verdict import Reference
from fixtures.observation import Observed
from fixtures.oracle.expectation import output_size

# For each dtype, the greatest finite number and the least positive subnormal (IEEE 754; bfloat16 truncates binary32).
_GREATEST = {
    "float16": 65504.0,
    "bfloat16": 255 * 2.0**120,
    "float32": (2**24 - 1) * 2.0**104,
    "float64": 1.7976931348623157e308,
}
_LEAST = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 5e-324}


@dataclass(frozen=True)
class Comparison:
    """One comparison: what is computed with which data, and the expected arrays by name."""

    what: str
    data: Data
    references: dict[str, Reference]


def list_special_values(dtype: str) -> tuple[float, ...]:
    """Return the special values, one per batch element; the least number, which may be flushed to zero, is last."""
    greatest = _GREATEST[dtype]
    # -0.0 need only stay a zero: its sign depends on the order of a sum.
    return (np.nan, np.inf, -np.inf, greatest, -greatest, -0.0, _LEAST[dtype])


@lru_cache(maxsize=8)
def yield_comparisons(case: Case, derivatives: bool) -> tuple[Comparison, ...]:
    """Return the checks with special values in x and, with ``derivatives``, also in g.

    Those in g reach dx, dkernel and dbias.
    """
    return tuple(_make_comparisons(case, derivatives))


def _make_comparisons(case: Case, derivatives: bool) -> Iterator[Comparison]:
    specials = list_special_values(case.compute_dtype)
    fed = replace(case, batch=len(specials))
    carriers = _make_carrier_data(fed, "x", range(len(specials)))
    yield Comparison(
        "output",
        _put_special_values(carriers, "x", specials),
        _compute_expected_arrays(fed, "output", carriers, specials),
    )
    if not derivatives:
        return
    for number, special in enumerate(specials[:3]):  # one value at a time, because dkernel and dbias sum over the batch
        pair = replace(case, batch=2)
        carrier = _make_carrier_data(pair, "g", [None, number])
        yield Comparison(
            "gradients",
            _put_special_values(carrier, "g", (0.0, special)),
            _compute_expected_arrays(pair, "gradients", carrier, (0.0, special)),
        )


def _make_carrier_data(case: Case, name: str, places: Sequence[int | None]) -> Data:
    """Return data of 1 and -1; in the array ``name`` each batch element is one-hot, at a place of its own.

    ``places`` has an entry per batch element; an element whose entry is None is zero.
    """
    x, kernel, _ = array_shapes(case)
    g = (case.batch, *output_size(case), case.filters)
    chosen = [place for place in places if place is not None]
    # Each special value has another place.
    lines = ["rng = np.random.RandomState(%d)" % (random_seed(case) + chosen[-1])]
    lines += ["%s = rng.choice([-1.0, 1.0], %r)" % item for item in (("x", x), ("kernel", kernel), ("g", g))]
    lines += ["bias = np.zeros(%d)" % case.filters, "carrier = np.zeros(%s.shape)" % name]
    for element, place in enumerate(places):
        if place is not None:
            lines.append("carrier[%d].flat[rng.randint(carrier[%d].size)] = 1" % (element, element))
    return execute_recipe(case, "special-values", "\n".join([*lines, "%s = carrier" % name]))


def _put_special_values(carriers: Data, name: str, specials: tuple[float, ...]) -> Data:
    """Return the data with the special values in the place of their carriers."""
    carried = getattr(carriers, name)
    spread = np.array(specials).reshape((-1,) + (1,) * (carried.ndim - 1))
    lines = [
        "specials = np.array(%s).reshape(%r)" % (_special_values_as_code(specials), spread.shape),
        "%s = np.where(carrier != 0, specials, 0.0)" % name,
    ]
    made = np.where(carried != 0, spread, 0.0)
    return replace(
        carriers,
        recipe="\n".join([carriers.recipe, *lines]),
        x=made if name == "x" else carriers.x,
        g=made if name == "g" else carriers.g,
    )


def _special_values_as_code(specials: tuple[float, ...]) -> str:
    """Return the special values as Python code, for recipes."""
    return repr(list(specials)).replace("nan", "np.nan").replace("inf", "np.inf")


def _compute_expected_arrays(
    case: Case, what: str, carriers: Data, specials: tuple[float, ...]
) -> dict[str, Reference]:
    """Return the reference's answer to the carriers, with each entry multiplied by the value that is carried there."""
    found = {}
    for name, reference in compute_references(case, what, carriers).items():
        spatial = reference.spatial
        by_element = np.array(specials).reshape((-1,) + (1,) * (reference.values.ndim - 1)) if spatial else specials[-1]
        reached = reference.values != 0
        with np.errstate(invalid="ignore"):
            values = np.where(reached, by_element * reference.values, 0.0)
        allowed = np.zeros(values.shape)
        if spatial and specials[-1] == _LEAST[case.compute_dtype]:
            allowed[-1] = (
                specials[-1] * reached[-1]
            )  # flushing the least number to zero is common and breaks no promise
        found[name] = replace(reference, values=values, allowed=allowed)
    return found


def flush_least_number(case: Case, data: Data, seen: Mapping[str, Observed]) -> tuple[Data, dict[str, Observed]]:
    """Return data and answer with 0 in place of the least number.

    A layer may flush the least number to zero; the NumPy layer does not.
    """
    least = _LEAST[case.compute_dtype]

    def without(values: np.ndarray) -> np.ndarray:
        return np.where(np.abs(values) <= least, 0.0, values)

    answer = {name: replace(one, values=without(one.values)) for name, one in seen.items()}
    return replace(data, x=without(data.x)), answer
