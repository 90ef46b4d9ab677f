"""A whole ledger with answers of several kinds, for the fuzzer to damage."""

from __future__ import annotations

import random
from typing import Any, Mapping

from reports.ledger import tally

ARRAY = {"shape": [1, 3, 5, 1], "dtype": "float32", "device": "CPU:0"}
ENTRY = {"entries": [{"at": [0, 1, 2, 0], "value": 1.5}]}
REFUSAL = {"stage": "call", "error": "ValueError", "message": "strides > 1 not supported"}
EVIDENCE: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
    ("agree", ARRAY, ARRAY),
    ("mismatch", {**ARRAY, **ENTRY}, {**ARRAY, **ENTRY, "differs": 2, "of": 15, "map": ["..1", "9.."]}),
    ("wrongly-rejected", ARRAY, REFUSAL),
    ("wrongly-accepted", {"refuses": ["R1"], "because": "strides and dilation exclude each other"}, ARRAY),
    ("crashed", {}, {"reason": "the process died of SIGSEGV", "stderr": "Aborted"}),
    ("not-run", {}, {"reason": "no such mode"}),
]
HEADER: dict[str, Any] = {
    "kind": "run",
    "schema": 2,
    "cell": "one",
    "subject": "numpy_layer",
    "backend": "numpy",
    "numpy": "2.0",
    "device": "CPU:0",
    "devices": ["CPU:0"],
    "tier": "smoke",
    "shard": "1/1",
    "modes": ["eager"],
    "variants": [],
    "switches": {"tf32": "off"},
    "faults": {"bias-missing": "the bias is not added"},
    "seed": "",
    "python": "3.13",
    "axes": [
        *(["batch", "b"], ["size", "i"], ["channels", "c"], ["filters", "f"], ["kernel_size", "k"], ["strides", "s"]),
        *(["dilation_rate", "d"], ["padding", ""], ["output_padding", "o"], ["data_format", ""], ["use_bias", ""]),
        *(["activation", ""], ["dtype", ""]),
    ],
    "known_deviations": [{"name": "known", "because": "so", "link": "", "severity": "wrong-values", "owner": "Keras"}],
    "options": {"switches": {}, "tier": "smoke"},
    "started": "2026-11-01T08:00:00+00:00",
    "contract": ["shapes", "signature"],
    "thinned": {"forward xla": 8},
}


def make_sample_lines(draw: random.Random) -> list[dict[str, Any]]:
    """Return the lines of a whole ledger."""
    sizes = draw.sample(range(2, 40), draw.randint(2, 8))
    case = "b1-i%d.4-c1-f1-k2.2-s1.1-d1.1-valid-onone-last-bias-linear-float32"
    rows = [_make_row(case % size, draw) for size in sizes]
    head = {**HEADER, "planned": len(rows)}
    return [head, *rows, {"kind": "end", "counts": tally(rows), "planned": len(rows), "seconds": 1.5}]


def _make_row(case: str, draw: random.Random) -> dict[str, Any]:
    verdict, expected, observed = draw.choice(EVIDENCE)
    known = draw.choice([None, None, "known"]) if verdict not in ("agree", "not-run") else None
    facts = {"kind": "verdict", "case": case, "suite": draw.choice(["forward", "hypothesis"]), "variant": "eager"}
    judged = {
        "property": "values",
        "verdict": verdict,
        "expected": expected,
        "observed": observed,
        "checked": ["shape"],
    }
    measured = {"error_in_u": 0.5, "examples": 7}
    further = {"diagnosis": draw.choice([None, "bias-missing"]), "data": "dense-integers", "snippet": "print(1)\n"}
    return {**facts, **judged, **further, "known_deviation": known, "measured": measured, "seconds": 0.25}
