"""Makes any number of checks that no run made: each row has a drawn case, and five in a hundred deviate."""

from __future__ import annotations

import hashlib
from typing import Any, Mapping

import numpy as np
import numpy.typing as npt

from reports.page.packed_columns import HASH, Column, Numbers

DEVIATING = 0.05
FRAGMENTS = 1000
_BYTES = 6000


def _draw_tuples(*lengths: int) -> list[str]:
    return ["%d.%d" % (height, width) for height in lengths for width in lengths]


AXES: list[tuple[str, str, list[str]]] = [
    ("batch", "b", ["1", "2", "3"]),
    ("size", "i", _draw_tuples(*range(1, 41))),
    ("channels", "c", list(map(str, range(1, 18)))),
    ("filters", "f", list(map(str, range(1, 18)))),
    ("kernel_size", "k", _draw_tuples(*range(1, 8))),
    ("strides", "s", _draw_tuples(1, 2, 3, 4)),
    ("dilation_rate", "d", _draw_tuples(1, 2, 3, 4)),
    ("padding", "", ["valid", "same"]),
    ("output_padding", "o", ["none", *_draw_tuples(0, 1, 2)]),
    ("data_format", "", ["last", "first"]),
    ("use_bias", "", ["bias", "nobias"]),
    ("activation", "", ["linear", "relu"]),
    ("dtype", "", ["float32", "float64", "float16", "bfloat16", "mixed.float16", "mixed.bfloat16"]),
]
_SUITES = ["forward", "gradients", "special", "rejection", "large"]
_MODES = ["eager", "graph", "dynamic", "xla", "predict", "train"]
_CAUSES = ["", *("cause number %d of a synthetic deviation" % number for number in range(30))]


def make_columns(rows: int, seed: int = 0) -> tuple[list[Column | Numbers], dict[int, str]]:
    """Return the columns as the page has them, and full views of the first thousand checks that deviate."""
    draw = np.random.default_rng(seed)

    def drawn(name: str, values: list[str]) -> Column:
        return Column(name, values, draw.integers(0, len(values), rows, np.uint32))

    axes = [drawn(name, values) for name, _, values in AXES]
    deviates = draw.random(rows) < DEVIATING
    cause = np.where(deviates, draw.integers(1, len(_CAUSES), rows), 0).astype(np.uint32)
    end = np.where(deviates, draw.choice([1, 2, 3], rows, p=[0.8, 0.15, 0.05]), 0).astype(np.uint32)
    seconds = np.round(draw.lognormal(-3.5, 0.8, rows), 4).astype(np.float32)
    columns: list[Column | Numbers] = [
        drawn("cell", ["latest"]),
        drawn("suite", _SUITES),
        drawn("variant", _MODES),
        *axes,
        Column("category", ["agree", "known-deviation", "mismatch", "crashed"], end),
        Column("verdict", ["agree", "wrongly-rejected", "mismatch", "crashed"], end),
        drawn("property", ["values", "shape", "gradient", "rejection"]),
        Column("cause", _CAUSES, cause),
        Column("diagnosis", ["", "bias-along-width"], (end == 2).astype(np.uint32)),
        Column("deviation", _CAUSES, np.where(end == 1, cause, 0).astype(np.uint32)),
        Numbers("seconds", seconds),
        Column(HASH, *_make_hashes(axes, rows)),
    ]
    return columns, {int(row): _make_full_view(int(row)) for row in np.flatnonzero(deviates)[:FRAGMENTS]}


def _make_hashes(axes: list[Column], rows: int) -> tuple[list[str], npt.NDArray[np.unsignedinteger[Any]]]:
    prefixes = [prefix for _, prefix, _ in AXES]
    spelled = [[prefix + value for value in column.values] for column, prefix in zip(axes, prefixes)]
    codes = [column.codes.tolist() for column in axes]
    ids = ("-".join(part[code] for part, code in zip(spelled, row)) for row in zip(*codes))
    digests = [hashlib.blake2b(one.encode("ascii"), digest_size=5).hexdigest() for one in ids]
    place = {digest: number for number, digest in enumerate(dict.fromkeys(digests))}
    return list(place), np.fromiter((place[digest] for digest in digests), np.uint32, rows)


def _make_full_view(row: int) -> str:
    """Return a full view as HTML: the code is the same in all, and a hundred entries differ."""
    draw = np.random.default_rng(row)
    entries = "".join("<tr><td>%d</td><td>%d</td></tr>" % tuple(draw.integers(0, 9999, 2)) for _ in range(100))
    code = "\n".join("line %d of snippet, the same in every check" % number for number in range(40))
    text = "<h3>Check %d</h3><pre>%s</pre><table>%s</table>" % (row, code, entries)
    return text + "<!--%s-->" % ("." * max(0, _BYTES - len(text)))


def axis_prefixes() -> list[list[str]]:
    """Return the names and prefixes of the axes, as the first line of a ledger has them."""
    return [[name, prefix] for name, prefix, _ in AXES]


def make_cell_settings() -> Mapping[str, Mapping[str, str]]:
    """Return the settings of the one cell, from which the page writes rerun commands."""
    return {"latest": {"subject": "keras3", "further": ""}}
