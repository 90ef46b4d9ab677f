"""Tests of the language of ``when``: what it accepts, what it refuses, and that no expression runs code."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import DeviationError, check_on_cases, evaluate_when, read_deviations
from fixtures.deviations.audit import audit_entries
from fixtures.deviations.expression import ExpressionError, compile_expression
from fixtures.deviations.suggest.predicates import QUANTITIES, atoms_on_one_axis, fixed_atoms
from suites.selftest.sample_cause import write_entry

PLAIN = Check("forward", Case(1, (3, 4), 2, 3, (2, 3), (1, 2), (1, 1), "same", (0, 1)), "eager")


def test_every_predicate_of_the_list_and_every_atom_compiles() -> None:
    """These are all known deviations and the atoms of suggested entries."""
    for when in (
        *(entry.when for entry in read_deviations()),
        *(atom.expression for atom in (*fixed_atoms(), *atoms_on_one_axis())),
        *QUANTITIES,
    ):
        compile_expression(when)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("max(size) * 2 % 5", 3),
        ("rules", ["R8"]),
        ("padding in ('same', 'valid') and not use_bias", False),
        ("any(k > s for k, s in zip(kernel_size, strides))", True),
        ("sum(n == 3 for n in size) == 1", True),
        ("output_padding == (0,) * rank", False),
        ("(lost[0] % 2 if rank > 1 else -1) >= 0 and 1", 1),
        ("suite == 'forward' and variant != 'xla' and dtype is not None", True),
        ("[1, 2] * 2 == [1, 2, 1, 2] and {1} == {1} and -7 // 2 == -4", True),
    ],
)
def test_a_when_expression_has_the_value_that_python_gives(expression: str, value: object) -> None:
    """The limits on products and remainders change no value."""
    assert evaluate_when(expression, PLAIN, "keras3") == value


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("any.__self__.__import__('os').system('true')", "an attribute"),
        ("size.count(0) == 1", "an attribute"),
        ("__import__('os')", "'__import__' is not a function; did you mean"),
        ("open('/etc/passwd')", "'open' is not a function"),
        ("(lambda: 1)()", "Lambda is not part"),
        ("[n for n in size]", "ListComp is not part"),
        ("f'{size}'", "is not part"),
        ("9**9**9", r"\*\* is not part of the language"),
        ("max(size) / 2", "write //"),
        ("size[0:1]", "slice"),
        ("max(size, key=len)", "keyword is not part"),
        ("max(*size)", "Starred is not part"),
        ("1.5 > 1", "1.5 is neither"),
        ("b'a'", "neither|Bytes"),
        ("...", "neither|Ellipsis"),
        ("padd == 'same'", "'padd' is not a fact of a case; did you mean 'padding'"),
        ("_bounded_product(1, 2)", "'_bounded_product' is not a function"),
        ("_bounded_product", "'_bounded_product' is not a fact"),
        ("any(_x for _x in size)", "a variable cannot be called _x"),
        ("any(any for any in size)", "a variable cannot be called any"),
        ("any(size for size in size)", "a variable cannot be called size"),
        ("(n for n in size)", "a generator is an argument"),
        ("zip(size)", "zip is what a generator goes through"),
        ("any(c for c in 'text')", "a generator goes through"),
        ("any(n for n in (%s))" % "1," * 200, "at most 100|more than|invalid syntax"),
        ("any(any(any(a for a in size) for b in size) for c in size)", "inside each other"),
        ("any(a for a in size for b in size for c in size)", "inside each other"),
        ("(" * 300 + "1" + ")" * 300, "too many nested|nested too deeply"),
        ("not " * 100000 + "rules", "nested too deeply|too many nested|too complex"),
        ("", "invalid syntax|unexpected EOF"),
        ("rules\x00", "null"),
        ("x = 1", "invalid syntax"),
        ("(n := 1)", "NamedExpr is not part|invalid syntax"),
    ],
)
def test_python_outside_the_when_language_is_refused(expression: str, why: str) -> None:
    """The expression is refused before anything is evaluated."""
    with pytest.raises(ExpressionError, match=why):
        compile_expression(expression)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("'a' * 1000000000", "takes numbers, or a tuple and a number"),
        ("(0,) * 1000000000", "more than 100 entries"),
        ("((0,) * 100) * 100", "more than 100 entries"),
        ("'%1000000000d' % 1", "% takes whole numbers"),
        ("'%s' % (1,)", "% takes whole numbers"),
        ("max(size) * " + " * ".join(["max(strides)"] + ["100000000000"] * 4), "greater than 10"),
        ("max(size) % 0", "by zero|modulo"),
        ("1 // max(channels - n for n in (2, 3))", "by zero"),
        ("size[5]", "index out of range"),
        ("size > 3", "not supported between"),
        ("any(n for n in size) and n", "'n' is not defined"),
        ("len(rank)", "has no len"),
    ],
)
def test_a_when_expression_that_fails_names_the_case(expression: str, why: str) -> None:
    """The error comes within a second, also for expressions that Python would evaluate for long."""
    started = time.perf_counter()
    with pytest.raises(ExpressionError, match="(%s).* on case %s" % (why, PLAIN.case.id)):
        evaluate_when(expression, PLAIN, "keras3")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("7 % (max(size) - 5) == 1", "by zero|modulo"),
        ("suite == 'special' and 7 % (max(size) - 5) == 1", "by zero|modulo"),
        ("suite == 'special' or 7 % (max(size) - 5) == 1", "by zero|modulo"),
        ("variant == 'xla' and suite == 'large' and output_padding[0] > 0", "NoneType"),
    ],
)
def test_every_predicate_is_evaluated_on_every_case_before_a_run(tmp_path: Path, when: str, why: str) -> None:
    """An error names the entry, the file and the case; entries of other subjects are not evaluated."""
    path = write_entry(tmp_path, when)
    entries = read_deviations(path)
    with pytest.raises(DeviationError, match="deviation 'one' in .*entries.toml: when: .*(%s).* on case b" % why):
        check_on_cases(entries, cases_of_tier("smoke"), "numpy_layer", path)
    check_on_cases(entries, cases_of_tier("smoke"), "keras3", path)


def test_the_entry_without_a_value_is_named_among_others_of_its_suite(tmp_path: Path) -> None:
    """Expressions are evaluated together. Without an entry of the subject no case is drawn."""
    (good,) = read_deviations(write_entry(tmp_path, "max(size) > 5"))
    bad = replace(good, name="two", when="7 % (max(size) - 5) == 1")
    with pytest.raises(DeviationError, match="deviation 'two' in"):
        check_on_cases([good, bad, replace(bad, name="three")], cases_of_tier("smoke"), "numpy_layer", "known")
    cases = cases_of_tier("smoke")
    first = next(iter(cases_of_tier("smoke")))
    check_on_cases([good, bad], cases, "keras3", "known")
    assert next(cases) == first


def test_every_known_deviation_has_a_value_on_the_standard_tier() -> None:
    """This is checked for each family that an entry applies to."""
    entries = read_deviations()
    selected = list(cases_of_tier("standard"))
    for subject in ("keras3", "tf.keras", "keras2", "keras.ops", "tf.nn"):
        check_on_cases(entries, selected[::5], subject, "known")


def test_the_audit_reports_a_predicate_that_fails_on_a_drawn_case(tmp_path: Path) -> None:
    """Drawn and shrunk cases are not known at the start; the entry covers nothing there."""
    (one,) = read_deviations(write_entry(tmp_path, "7 % (max(size) - 4) == 1"))
    assert not one.covers(PLAIN, "numpy_layer")
    row = {**PLAIN.to_row(), "verdict": "mismatch", "property": "values", "known_deviation": None}
    (complaint,) = audit_entries([one], [row], subject="numpy_layer")
    assert "deviation one: when: " in complaint and PLAIN.case.id in complaint
