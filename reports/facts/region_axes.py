"""Clauses of a region about every axis or some axis in words, such as "an odd crop on every axis". No markup.

Such a clause is ``all(...)`` or ``any(...)`` over ``zip`` of the lengths of a case (``lost`` is the crop).
"""

from __future__ import annotations

import ast

from reports.facts.region_phrases import OPERATORS

_LENGTHS = {
    "size": "input length",
    "kernel_size": "kernel length",
    "strides": "stride",
    "dilation_rate": "dilation",
    "output_padding": "output_padding",
    "effective_kernel": "dilated kernel length",
    "output_size": "output length",
    "lost": "crop",
}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "modulo"}


def axes_in_words(node: ast.expr) -> str:
    """Return the words of a clause about axes, or an empty string if it is not one or has a part without words."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ("all", "any"):
        return ""
    inner = node.args[0] if len(node.args) == 1 else None
    if not isinstance(inner, ast.GeneratorExp) or len(inner.generators) != 1:
        return ""
    loop = inner.generators[0]
    names = _read_names(loop.target, loop.iter)
    body = _condition_in_words(inner.elt, names)
    limits = [_condition_in_words(one, names) for one in loop.ifs]
    if not names or not body or not all(limits):
        return ""
    where = "every axis" if node.func.id == "all" else "some axis"
    return "%s on %s%s" % (body, where, " with " + " and ".join(limits) if limits else "")


def extreme_in_words(node: ast.Call) -> str:
    """Return ``max(l // 2 for l in lost)`` as "the largest crop // 2", or an empty string for anything else."""
    inner = node.args[0] if len(node.args) == 1 else None
    if not isinstance(inner, ast.GeneratorExp) or len(inner.generators) != 1 or inner.generators[0].ifs:
        return ""
    term = _term_in_words(inner.elt, _read_names(inner.generators[0].target, inner.generators[0].iter))
    which = {"max": "largest", "min": "smallest"}.get(ast.unparse(node.func), "")
    return "the %s %s" % (which, term) if which and term else ""


def _read_names(target: ast.expr, source: ast.expr) -> dict[str, str]:
    """Return the length that each variable of a loop stands for; an empty mapping if one is not a known length."""
    if isinstance(target, ast.Name):
        targets, sources = [target], [source]
    elif isinstance(target, ast.Tuple) and isinstance(source, ast.Call) and ast.unparse(source.func) == "zip":
        targets, sources = [one for one in target.elts if isinstance(one, ast.Name)], source.args
    else:
        return {}
    lengths = [_LENGTHS.get(one.id, "") if isinstance(one, ast.Name) else "" for one in sources]
    if len(targets) != len(lengths) or not all(lengths):
        return {}
    return {one.id: length for one, length in zip(targets, lengths)}


def _condition_in_words(node: ast.expr, names: dict[str, str]) -> str:
    """Return a condition on the lengths of one axis in words, or an empty string if a part has no words."""
    if isinstance(node, ast.BoolOp):
        parts = [_condition_in_words(value, names) for value in node.values]
        joint = " and " if isinstance(node.op, ast.And) else " or "
        return joint.join(parts) if all(parts) else ""
    if not isinstance(node, ast.Compare):
        return "odd " + _parity_of(node, names) if _parity_of(node, names) else ""
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq) and _parity_of(node.left, names):
        rest = ast.unparse(node.comparators[0])
        if rest in ("0", "1"):
            return ("even ", "odd ")[rest == "1"] + _parity_of(node.left, names)
    if ast.unparse(node.left) == "padding" and isinstance(node.ops[0], ast.Eq):
        return "padding %s" % ast.unparse(node.comparators[0]).strip("'")
    terms = [_term_in_words(term, names) for term in (node.left, *node.comparators)]
    signs = [OPERATORS.get(type(operator), "") for operator in node.ops]
    if not all(terms) or not all(signs):
        return ""
    return terms[0] + "".join(" %s %s" % pair for pair in zip(signs, terms[1:]))


def _parity_of(node: ast.expr, names: dict[str, str]) -> str:
    """Return the name of the length whose remainder by two this is, or an empty string."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mod) or ast.unparse(node.right) != "2":
        return ""
    return _term_in_words(node.left, names)


def _term_in_words(node: ast.expr, names: dict[str, str]) -> str:
    """Return a length, a number or arithmetic of them in words, or an empty string if a part has no words."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, int) else ""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        terms = (_term_in_words(node.left, names), _term_in_words(node.right, names))
        return "%s %s %s" % (terms[0], _ARITHMETIC[type(node.op)], terms[1]) if all(terms) else ""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _term_in_words(node.operand, names)
        return "-%s" % inner if inner else ""
    if isinstance(node, ast.IfExp):
        chosen = _term_in_words(node.body, names), _condition_in_words(node.test, names)
        other = _term_in_words(node.orelse, names)
        return "(%s if %s, else %s)" % (*chosen, other) if all(chosen) and other else ""
    return ""
