"""Tests of the fuzzer of ``explain``: some of its inputs, and faults that it must detect."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from fixtures.explain import changes, crop_reading, layer, request, shape_text
from suites.fuzz import explain
from suites.fuzz.table import Table

COUNT, SEED = 150, 2


def test_layers_in_all_notations_are_answered_or_refused_in_a_sentence() -> None:
    """``python -m suites.fuzz explain --count 10000`` draws many."""
    table = Table()
    explain.run(table, COUNT, SEED)
    assert table.good, "\n".join(problem for line in table.lines for problem in line.wrong)
    assert table.total().injected == COUNT


def _one_more(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: function(*given) + 1


def _fail(*given: Any) -> Any:
    raise KeyError("a fault")


# For each fault: the module, the function, and what replaces it.
FAULTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "the output is one cell too long": (layer, "output_length", _one_more),
    "JAX pads one cell more": (
        crop_reading,
        "_pad_as_jax",
        lambda made: lambda *given: (made(*given)[0], made(*given)[1] + 1),
    ),
    "channels are read as a length": (shape_text, "_name_parts", lambda made: lambda *given: 1 // 0),
    "a change misses the target": (changes, "_gives", lambda made: lambda case, target: True),
    "a traceback": (request, "make_layer", lambda made: _fail),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fuzzer_of_explain_detects_a_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the inputs of the test above is recorded as wrong."""
    module, function, fault = FAULTS[name]
    monkeypatch.setattr(module, function, fault(getattr(module, function)))
    table = Table()
    for number in range(COUNT):
        explain.inject(table, SEED, number)
        if not table.good:
            break
    assert not table.good
