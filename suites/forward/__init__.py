"""The suite ``forward``: shape, dtype, placement and values of the output."""

from fixtures.cases.covering_lock import PAIRS, TRIPLES
from fixtures.suite_registry import Suite
from suites.forward import check, snippet

SUITE = Suite(
    "forward",
    check.run,
    "values",
    snippet.snippet,
    modes=("eager", "graph", "dynamic", "xla", "compile", "functional", "predict"),
    one_in_by_mode={"dynamic": 8, "xla": 8, "predict": 16, "compile": 16},
    covering_arrays_by_mode={"dynamic": (PAIRS, TRIPLES), "xla": (PAIRS, TRIPLES)},
)
