"""The predicate of a region in words, such as "bfloat16, channels_last, padding same". No markup.

A predicate is a Python expression over the fields of a case (``fixtures/deviations/expression.py``). Parts without a
phrase of their own stay as they are, so no part is lost.
"""

from __future__ import annotations

import ast
import re
from typing import Iterable, Sequence

from reports.facts.region_axes import axes_in_words, extreme_in_words
from reports.facts.region_phrases import FIELDS, OPERATORS, SIDES, SUITES, WHOLE

_CODE = re.compile(r"\(\(|[\[\]]|\b(in|for) |==")  # what only untranslated parts have
ANY = "any configuration"


def region_in_words(when: str) -> list[str]:
    """Return the clauses of a predicate in words. An empty list stands for every valid configuration."""
    try:
        tree = ast.parse(" ".join(when.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [when]
    return [words for words in map(_clause_in_words, _split_and(tree)) if words]


def words_of_parts(when: str) -> list[str]:
    """Return the words of each part that the outermost "and" of a predicate joins; an empty list if it has none."""
    tree = ast.parse(" ".join(when.split()), mode="eval").body
    joined = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    return [_clause_in_words(value) for value in tree.values] if joined and isinstance(tree, ast.BoolOp) else []


def short_region(clauses: Sequence[str], partial: bool = False) -> str:
    """Return the clauses as one line; ``partial`` says that others follow.

    Clauses that have no words are only counted, unless no clause has words.
    """
    plain = [clause for clause in clauses if not _CODE.search(clause)] or list(clauses)
    left = len(clauses) - len(plain)
    more = ["%d more %s" % (left, "condition" if left == 1 else "conditions")] if left else []
    return ", ".join([*plain, *more, *(["with more conditions in some suites or modes"] if partial else [])])


def common_region(predicates: Iterable[str]) -> tuple[list[str], bool]:
    """Return the clauses that all predicates have, in words, and whether some predicate has further clauses."""
    clauses = [region_in_words(when) for when in predicates]
    if not clauses:
        return [], False
    shared = [words for words in clauses[0] if all(words in others for others in clauses)]
    return shared, any(len(others) > len(shared) for others in clauses)


def _split_and(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _split_and(value)]
    return [node]


def _clause_in_words(node: ast.expr) -> str:
    text = ast.unparse(node)
    if text in WHOLE:
        return WHOLE[text]
    if isinstance(node, ast.BoolOp):
        return _join_alternatives(node)
    if isinstance(node, ast.Call):
        return axes_in_words(node) or _name_in_words(node) or text
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _clause_in_words(node.operand)
        return "not (%s)" % inner if isinstance(node.operand, (ast.BoolOp, ast.Call)) else "not %s" % inner
    if isinstance(node, ast.Compare):
        return _comparison_in_words(node) or _name_in_words(node) or text
    return text


def _name_in_words(node: ast.expr) -> str:
    """Return a condition on parts of a check's name, such as ``'.json.' in variant``; an empty string for others."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "any" and isinstance(node.args[0], ast.GeneratorExp):
        inner = node.args[0]
        if ast.unparse(inner.elt) != "%s in variant" % ast.unparse(inner.generators[0].target):
            return ""
        parts, missing = _texts(inner.generators[0].iter), ""
    elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[-1]) == "variant":
        parts, missing = _texts(node.left), "not " if isinstance(node.ops[0], ast.NotIn) else ""
    else:
        return ""
    return "%schecks named %s" % (missing, " or ".join(part.strip(".") for part in parts)) if parts else ""


def _join_alternatives(node: ast.BoolOp) -> str:
    joint = " or " if isinstance(node.op, ast.Or) else " and "
    words = [_clause_in_words(value) or ANY for value in node.values]
    return joint.join(
        "(%s)" % phrase if isinstance(value, ast.BoolOp) else phrase for value, phrase in zip(node.values, words)
    )


def _comparison_in_words(node: ast.Compare) -> str:
    """Return a comparison in words, or an empty string if there are none for it."""
    if len(node.ops) != 1:
        return _chain_in_words(node)
    left, right, operator = node.left, node.comparators[0], node.ops[0]
    name = left.id if isinstance(left, ast.Name) else ""
    if name == "rules":
        return _rules_in_words(right, operator)
    values = _texts(right)
    if values and isinstance(operator, (ast.Eq, ast.In)):
        return _values_in_words(name, values)
    if values and isinstance(operator, (ast.NotEq, ast.NotIn)):
        return "not " + _values_in_words(name, values)
    if isinstance(right, ast.Name) and right.id == "rules" and isinstance(left, ast.Constant):
        breaks = "breaks" if isinstance(operator, ast.In) else "does not break"
        return "%s rule %s" % (breaks, str(left.value))
    if name == "rank" and isinstance(right, ast.Constant):
        form = {ast.Eq: "%s-D", ast.NotEq: "not %s-D"}.get(type(operator))
        if form:
            return form % str(right.value)
    return _numbers_in_words(left, operator, right)


def _chain_in_words(node: ast.Compare) -> str:
    terms = [_term_in_words(term) for term in (node.left, *node.comparators)]
    signs = [OPERATORS.get(type(operator), "") for operator in node.ops]
    if not all(terms) or not all(signs):
        return ""
    return terms[0] + "".join(" %s %s" % pair for pair in zip(signs, terms[1:]))


def _texts(node: ast.expr) -> list[str]:
    """Return the text, or the texts of a tuple or list, or an empty list for anything else."""
    parts: Sequence[ast.expr] = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, str)] if len(values) == len(parts) else []


def _values_in_words(name: str, values: Sequence[str]) -> str:
    if name == "suite":
        return " or ".join(SUITES.get(value, value) for value in values)
    named = {"variant": "mode ", "padding": "padding ", "activation": "activation "}.get(name, "")
    if name in ("dtype", "compute_dtype", "data_format") or named:
        return named + " or ".join(value.replace(".", "_") for value in values)
    return "%s %s" % (name, " or ".join(values))


def _rules_in_words(right: ast.expr, operator: ast.cmpop) -> str:
    lists = right.elts if isinstance(right, ast.Tuple) else [right]
    named = [_texts(one) for one in lists]
    if not all(named) or not isinstance(operator, (ast.Eq, ast.In)):
        return ""
    phrases = ["rule %s" % one[0] if len(one) == 1 else "rules %s" % " and ".join(one) for one in named]
    return "breaks " + " or ".join(phrases)


def _numbers_in_words(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    zero = isinstance(right, ast.Constant) and right.value in (0, 1)
    if zero and isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mod) and isinstance(operator, ast.Eq):
        of, two = _term_in_words(left.left), left.right
        if of and isinstance(two, ast.Constant) and two.value == 2 and isinstance(right, ast.Constant):
            return "%s %s" % (("even", "odd")[right.value == 1], of)
    terms, sign = (_term_in_words(left), _term_in_words(right)), OPERATORS.get(type(operator), "")
    return "%s %s %s" % (terms[0], sign, terms[1]) if all(terms) and sign else ""


def _term_in_words(node: ast.expr) -> str:
    """Return a number or the name of one in words, or an empty string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return str(node.value)
    if isinstance(node, ast.Name) and node.id in ("filters", "channels", "batch", "rank"):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("max", "min"):
        (of,) = node.args if len(node.args) == 1 else (None,)
        if isinstance(of, ast.Name) and of.id in FIELDS:
            return "%s %s" % ({"max": "largest", "min": "smallest"}[node.func.id], FIELDS[of.id][0])
        return extreme_in_words(node)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in FIELDS:
        side = SIDES.get(_read_index(node.slice))
        return "" if side is None else FIELDS[node.value.id][1] % side
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.FloorDiv, ast.Mult, ast.Add, ast.Sub)):
        return _formula_in_words(node)
    return ""


def _formula_in_words(node: ast.BinOp) -> str:
    terms = (_term_in_words(node.left), _term_in_words(node.right))
    signs: dict[type[ast.operator], str] = {ast.FloorDiv: "/", ast.Mult: "*", ast.Add: "+", ast.Sub: "-"}
    return "%s %s %s" % (terms[0], signs[type(node.op)], terms[1]) if all(terms) else ""


def _read_index(node: ast.expr) -> int:
    """Return the number of an index, or one that no axis has."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return 99
    return value if isinstance(value, int) else 99
