"""Sample checks that no run made: few enough that a test counts them in Python and compares with the page."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any, Mapping, Sequence

import numpy as np

from fixtures.case import ID_PARTS
from fixtures.cases.contract import PLAIN
from reports.page.packed_columns import HASH, Column, Numbers

AXES = list(ID_PARTS)
CELLS = {
    "latest": {
        "environment": "KERAS_BACKEND=jax ",
        "subject": "keras3",
        "further": "--device CPU:1 --switch=onednn=off",
    },
    "old": {"subject": "tf.keras"},
}
_WORDS = ("cell", "suite", "variant", *(name for name, _ in AXES))
_ENDS = ("category", "verdict", "property", "cause", "diagnosis", "deviation")
# The values of the parts of an id, without their prefixes.
_VALUES = [part[len(prefix) :] for (_, prefix), part in zip(AXES, PLAIN.id.split("-"))]
_PLAIN = {"cell": "latest", **{name: value for (name, _), value in zip(AXES, _VALUES)}}
Check = dict[str, Any]


def format_case_id(check: Mapping[str, Any]) -> str:
    """Return the id of a check's case, as fixtures/case.py writes it."""
    return "-".join(prefix + check[name] for name, prefix in AXES)


def case_hash(check: Mapping[str, Any]) -> str:
    """Return the ten hexadecimal digits of the case's hash."""
    return hashlib.blake2b(format_case_id(check).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _add_category(check: Check) -> Check:
    """Return the check with a category, a verdict and a cause that follow from its parameters."""
    end = {"category": "agree", "verdict": "agree", "property": "values", "cause": "", "diagnosis": "", "deviation": ""}
    if check["strides"] == "2.3" and check["dtype"] == "float16" and check["variant"] != "eager":
        end.update(category="mismatch", verdict="mismatch", diagnosis="kernel-flipped", cause="wrong values, a flip")
    elif check["padding"] == "same" and check["kernel_size"] == "3.2":
        end.update(category="known-deviation", verdict="mismatch", deviation="same-even", cause="same-even")
    elif check["variant"] == "xla" and check["kernel_size"] == "1.1":
        end.update(category="not-run", verdict="not-run", cause="no compiler at hand")
    return {**_PLAIN, **check, **end}


def make_sample_rows() -> list[Check]:
    """Return all combinations of a few values, and some odd checks: ranks 1 and 3, negative numbers, another cell."""
    values = {
        "suite": ("forward", "gradients"),
        "variant": ("eager", "graph", "xla"),
        "kernel_size": ("1.1", "3.2", "3.10"),
        "strides": ("1.1", "2.2", "2.3"),
        "padding": ("valid", "same"),
        "dtype": ("float32", "float16", "mixed.float16"),
    }
    grid = [dict(zip(values, row)) for row in itertools.product(*values.values())]
    plain = {"suite": "forward", "variant": "eager", "padding": "same", "dtype": "float32"}
    odd = [
        {**plain, "size": "7", "kernel_size": "3", "strides": "2", "dilation_rate": "1"},
        {**plain, "size": "4.5.6", "kernel_size": "3.3.3", "strides": "1.2.3", "dilation_rate": "1.1.1"},
        {**plain, "kernel_size": "1.1", "strides": "1.1", "output_padding": "m1.0", "data_format": "first"},
        {**plain, "kernel_size": "1.1", "strides": "2.2", "cell": "old"},
    ]
    found = [_add_category(check) for check in (*grid, *odd)]
    for number, check in enumerate(found):
        check["seconds"] = float("nan") if number == 5 else (number * 37 % 100) / 8
    return found


def make_columns(rows: Sequence[Mapping[str, Any]]) -> list[Column | Numbers]:
    """Return the columns that the page gets for these checks."""
    found: list[Column | Numbers] = [_make_column(name, [row[name] for row in rows]) for name in (*_WORDS, *_ENDS)]
    seconds = Numbers("seconds", np.array([row["seconds"] for row in rows], np.float32))
    return [*found, seconds, _make_column(HASH, [case_hash(row) for row in rows])]


def _make_column(name: str, values: Sequence[str]) -> Column:
    place = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return Column(name, list(place), np.array([place[value] for value in values], np.uint16))


def make_full_views(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return an HTML fragment for every check that deviates, by its row."""
    deviating = [number for number, row in enumerate(rows) if row["category"] in ("mismatch", "known-deviation")]
    return {number: "<h3>Full view</h3><p>Check %d in <em>full</em>.</p>" % number for number in deviating}
