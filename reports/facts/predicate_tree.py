"""The predicate of a region as a tree of plain lists, for the page's own evaluation of it.

A ledger is untrusted input: only the small language of known deviations is taken, and nothing is evaluated.
"""

from __future__ import annotations

import ast
from typing import Any, Callable

Tree = list[Any]
LONGEST = 2000  # characters
GREATEST = 2**53  # the greatest number that a browser reads exactly
_FUNCTIONS = ("abs", "all", "any", "len", "max", "min", "sum")
_UNARY = {"Not": "not", "USub": "neg"}
_BINARY = {"Add": "+", "Sub": "-", "Mult": "*", "FloorDiv": "//", "Mod": "%"}
_COMPARISONS = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}
_COMPARISONS.update({"Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in"})


def parse_predicate(text: str) -> Tree | None:
    """Return the tree of a Python expression, or None if it is not in the language.

    A tree is a list of its kind and its parts: ``["compare", ["<"], [["name", "filters"], ["const", 3]]]``.
    """
    if len(text) > LONGEST:
        return None
    try:
        return _convert(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, KeyError, RecursionError, MemoryError):
        return None


def _convert(node: Any) -> Tree:
    """Return the tree of a node; raise ``ValueError`` or ``KeyError`` if it is not in the language."""
    return _CONVERTERS[type(node).__name__](node)


def _convert_all(nodes: list[ast.expr]) -> list[Tree]:
    return [_convert(node) for node in nodes]


def _name_of(table: dict[str, str], operator: ast.AST) -> str:
    return table[type(operator).__name__]


def _convert_constant(node: ast.Constant) -> Tree:
    is_number = isinstance(node.value, int) and abs(node.value) <= GREATEST
    if is_number or node.value is None or isinstance(node.value, str):
        return ["const", node.value]
    raise ValueError("%r is neither a whole number nor a text" % (node.value,))


def _convert_call(node: ast.Call) -> Tree:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _FUNCTIONS or node.keywords:
        raise ValueError("a predicate calls %s only" % ", ".join(_FUNCTIONS))
    if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
        generator = node.args[0]
        loops = [_convert_loop(loop) for loop in generator.generators]
        return ["call", name, [["each", _convert(generator.elt), loops]]]
    return ["call", name, _convert_all(node.args)]


def _convert_loop(loop: ast.comprehension) -> Tree:
    """Return the targets, the sources and the conditions of a loop; ``zip`` gives several sources."""
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    is_zip = isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Name) and loop.iter.func.id == "zip"
    sources = loop.iter.args if is_zip and isinstance(loop.iter, ast.Call) else [loop.iter]
    if len(names) != len(targets) or len(names) != len(sources):
        raise ValueError("a loop of a predicate has one name for each of its sources")
    return [names, _convert_all(sources), _convert_all(loop.ifs)]


def _convert_sequence(node: Any) -> Tree:
    return ["list", *_convert_all(node.elts)]


_CONVERTERS: dict[str, Callable[[Any], Tree]] = {
    "Constant": _convert_constant,
    "Name": lambda node: ["name", node.id],
    "Tuple": _convert_sequence,
    "List": _convert_sequence,
    "Set": _convert_sequence,
    "BoolOp": lambda node: ["and" if isinstance(node.op, ast.And) else "or", *_convert_all(node.values)],
    "UnaryOp": lambda node: [_name_of(_UNARY, node.op), _convert(node.operand)],
    "BinOp": lambda node: ["binary", _name_of(_BINARY, node.op), _convert(node.left), _convert(node.right)],
    "IfExp": lambda node: ["if", *_convert_all([node.test, node.body, node.orelse])],
    "Compare": lambda node: [
        "compare",
        [_name_of(_COMPARISONS, one) for one in node.ops],
        _convert_all([node.left, *node.comparators]),
    ],
    "Subscript": lambda node: ["index", _convert(node.value), _convert(node.slice)],
    "Call": _convert_call,
}
