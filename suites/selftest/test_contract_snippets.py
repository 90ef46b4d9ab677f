"""Tests of snippets of the contract: a snippet is the source of its check, with the same arguments and tools."""

from __future__ import annotations

import builtins
import importlib
import symtable
from functools import lru_cache
from typing import Any, Iterator, Mapping

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.check import Check
from fixtures.compare.contract_verdicts import make_output_facts
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Reference, judge_arrays
from fixtures.faults import HEALTHY
from fixtures.frameworks.adapter import NotSupported
from fixtures.frameworks.numpy_layer import NumpyTools
from fixtures.frameworks.tools import Keras2Tools, TensorFlowTools, TfKerasTools, Tools
from fixtures.observation import Observed
from fixtures.run.check_run import run_check
from fixtures.snippets.contract import PlainCheck, differing_facts, make_contract_snippet
from fixtures.snippets.literal import Coded, value_as_code
from fixtures.snippets.shared_parts import NOT_SHOWN, SHOWN, WITHOUT_DEVICES
from fixtures.snippets.source import Source
from fixtures.suite_registry import CONTRACT, HYPOTHESIS, MIGRATION, contract_suites, select_checks, suites
from suites.promises import plain_functions as promises
from suites.selftest.fake_keras import FakeKeras, numpy_layer_as_keras, run_snippet, split_snippet
from suites.selftest.many_values import for_each
from suites.signature import check as signature

SUITES = [name for name in contract_suites() if name not in (MIGRATION, HYPOTHESIS)]


def plain_checks(suite: str, layer: FakeKeras) -> Iterator[PlainCheck]:
    """Yield every check of a contract suite as a plain function with its arguments."""
    module = importlib.import_module("suites.%s.check" % suite)
    for case in CASES:
        for check in select_checks(suite, case, "numpy_layer", (), [CONTRACT]):
            yield module.plain_check(check, layer)


@pytest.mark.parametrize("suite", SUITES)
def test_the_code_of_an_argument_evaluates_to_its_value(suite: str) -> None:
    """So the check and the snippet call the function with the same arguments."""
    for plain in plain_checks(suite, numpy_layer_as_keras(HEALTHY)):
        made: dict[str, Any] = {"np": np}
        exec(plain.setup, made)
        for more in plain.each or [{}]:
            for value in {**plain.arguments, **more}.values():
                plainly = value.value if isinstance(value, Coded) else value
                if not callable(plainly):
                    np.testing.assert_equal(eval(value_as_code(value), made), plainly)


def yield_global_names(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the global names that code uses."""
    for symbol in table.get_symbols():
        outside = table.get_type() == "module" or symbol.is_global()
        if outside and symbol.is_referenced():
            yield symbol.get_name()
    for inner in table.get_children():
        if inner.get_type() in ("function", "class", "module"):
            yield from yield_global_names(inner)


@lru_cache(maxsize=None)  # snippets share most of their functions
def find_names(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a part of a snippet defines, and the global names that it uses."""
    table = symtable.symtable(code, "<snippet>", "exec")
    defined = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    return frozenset(defined), frozenset(yield_global_names(table))


def find_undefined_names(code: str) -> set[str]:
    """Return the names that a snippet uses and does not define, without those in annotations."""
    names = [find_names(part) for part in split_snippet(code)]
    defined, used = (set().union(*sets) for sets in zip(*names))
    return used - defined - {*dir(builtins), "keras", "tf", *ANNOTATIONS}


ANNOTATIONS = {"Any", "Sequence", "Iterator", "Mapping", "Callable", "RoundTrip"}


@for_each("tools", [Tools, TensorFlowTools, TfKerasTools, Keras2Tools, NumpyTools])
@pytest.mark.parametrize("suite", SUITES)
def test_a_contract_snippet_defines_every_name_that_it_uses(suite: str, tools: Any) -> None:
    """This holds with the tools of every adapter, also if the framework is not installed."""
    layer = numpy_layer_as_keras(HEALTHY)
    for plain in plain_checks(suite, layer):
        layer.tools = NumpyTools(layer.keras)
        try:
            plain.require(layer)
        except NotSupported:
            continue
        layer.tools = tools(layer.keras)
        code = make_contract_snippet(plain_without_needs(plain), layer)
        assert find_undefined_names(code) == set(), code


def plain_without_needs(plain: PlainCheck) -> PlainCheck:
    """Return the check without its requirement, so that every subject supports it."""
    return PlainCheck(**{**vars(plain), "require": lambda subject: None})


def test_an_undefined_name_in_a_snippet_is_found() -> None:
    """The name may be inside a function."""
    assert find_undefined_names("def f(x):\n    return x + missing\nf(1)") == {"missing"}
    assert find_undefined_names("import os\n\n\ndef f(x):\n    return os + g(x)\n\n\nf(missing)") == {"g", "missing"}
    assert find_undefined_names("import os\ny = 1\ndef f(x: Any):\n    return len(x) + y\nf(os)") == set()


def call_needs_more(tools: Any, kind: str, arguments: Any) -> Any:
    """Return wrong expected facts: they say that a call needs two arguments."""
    layer = tools.make(kind, arguments)
    return {"needed": ["inputs", "training"]}, {"needed": [name for name, _ in tools.call_signature(layer)]}


def test_a_changed_contract_check_changes_its_snippet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check and the snippet are one function, so a wrong expectation shows in both."""
    layer = numpy_layer_as_keras(HEALTHY)
    check = Check("signature", PLAIN, "call.needed")
    before = suites()["signature"].snippet(check, layer)
    assert run_check(check, layer, "CPU:0").verdict == "agree"
    assert run_snippet(before, layer).endswith(NOT_SHOWN + "\n")
    arguments: Mapping[str, Any] = signature.VARIANTS["call.needed"].arguments
    changed = PlainCheck("A call needs two arguments.", call_needs_more, arguments)
    monkeypatch.setitem(signature.VARIANTS, "call.needed", changed)
    verdict = run_check(check, layer, "CPU:0")
    assert verdict.verdict == "mismatch" and to_ledger(verdict.observed) == {"needed": ["inputs"]}
    assert "a call needs two arguments" in str(verdict.snippet)
    assert run_snippet(str(verdict.snippet), layer).endswith(SHOWN + "\n")


def test_a_snippet_has_only_the_tools_that_it_uses() -> None:
    """Its class has the methods that the function calls, and those that these methods call, and no base class."""
    source = Source()
    source.add(promises.compare_weight_losses)
    source.add_tools(TfKerasTools)
    methods = [line.split("(")[0].split()[-1] for line in source.code.split("\n") if line.startswith("    def ")]
    assert methods == ["__init__", "make", "build", "tensor", "read", "losses"]
    assert "class Tools:" in source.code and "super()" not in source.code and "type: ignore" not in source.code
    assert source.code.index("class Tools") < source.code.index("def compare_weight_losses")


def test_a_snippet_with_two_functions_of_one_name_is_refused() -> None:
    """The second definition would replace the first."""

    def other_source(tools: Any) -> None:
        """Have the name of the suite's function and another source."""

    other_source.__name__ = signature.compare_argument_given_by_position.__name__
    source = Source()
    source.add(signature.compare_argument_given_by_position)
    source.add(signature.compare_argument_given_by_position)
    with pytest.raises(ValueError, match="two things of the name compare_argument_given_by_position"):
        source.add(other_source)


def test_values_are_written_as_code() -> None:
    """A long value has several lines and evaluates to the same value; a function is written as its name."""
    value = {"name %d" % number: (number, [None, "text"] * number) for number in range(9)}
    assert "\n" in value_as_code(value) and eval(value_as_code(value)) == value
    assert max(map(len, value_as_code(value).split("\n"))) < 120
    assert (value_as_code(call_needs_more), value_as_code([Coded(3, "1 + 2")])) == ("call_needs_more", "[1 + 2]")


@pytest.mark.parametrize(
    ("found", "dtype"),
    [
        (np.zeros((1, 2)), "float32"),
        (np.array([[0.0, np.nan]]), "float32"),
        (np.array([[0.0, 1.0]]), "float32"),
        (np.zeros((1, 2)), "float16"),
        (np.zeros((2, 1)), "float32"),
        (np.zeros((1, 2, 1)), "float32"),
    ],
)
@pytest.mark.parametrize("right", [np.zeros((1, 2)), np.array([[0.0, np.nan]]), np.array([[0.0, np.inf]])])
def test_the_verdict_and_the_snippet_of_an_argument_form_compare_equally(
    right: np.ndarray, found: np.ndarray, dtype: str
) -> None:
    """The verdict uses ``judge_arrays``; the snippet has ``make_output_facts``, whose arguments are plain."""
    seen = {"output": Observed(found.shape, dtype, found, "CPU:0")}
    verdict = judge_arrays({"output": Reference(right, "float32")}, seen, PLAIN, "integers", "CPU:0")
    expected, observed = make_output_facts((right, "float32"), (found, dtype))
    assert (verdict.verdict == "mismatch") == bool(differing_facts(expected, observed))


def test_a_mismatch_of_the_device_has_a_reason_in_place_of_its_snippet() -> None:
    """A snippet has no devices, so its comparison could not show the mismatch."""
    layer = numpy_layer_as_keras(HEALTHY)
    check = Check("arguments", PLAIN, "strides.list")
    assert run_check(check, layer, "CPU:0").verdict == "agree"
    verdict = run_check(check, layer, "GPU:0")
    assert (verdict.verdict, verdict.property, verdict.snippet) == ("mismatch", "placement", WITHOUT_DEVICES)


def test_a_check_that_is_not_run_has_a_reason_in_place_of_its_snippet() -> None:
    """The subject lacks the layer, so the snippet is a comment with the reason."""

    class Missing(FakeKeras):
        def require_layer(self, case: Case) -> None:
            raise NotSupported("there is no layer")

    layer = Missing(HEALTHY)
    check = Check("promises", PLAIN, "weights.shapes")
    assert run_check(check, layer, "CPU:0").verdict == "not-run"
    assert suites()["promises"].snippet(check, layer) == "# No snippet: there is no layer.\n"
