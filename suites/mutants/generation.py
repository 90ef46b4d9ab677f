"""Generates every small change (mutant) of a module, with the operators of mutmut and cosmic-ray.

mutmut drops and empties arguments, assignments and strings; cosmic-ray shifts numbers both ways and tries every other
arithmetic and comparison. Only their operators are used; trial.py says why their runners are not.
"""

from __future__ import annotations

import ast
import difflib
import re
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Iterator

import libcst
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from mutmut.mutation.mutators import mutation_operators, operator_string

from suites.mutants.account import Mutant

_ORDER_OF_WORDS = re.compile(r'[<>]=?\s*"')


def generate_mutants(module: str) -> list[Mutant]:
    """Return all mutants of a module, given by its dotted name; each is listed once."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError("there is no module %s to change" % module)
    source = Path(spec.origin).read_text(encoding="utf-8")
    found, seen = [], {_code_without_layout(source)}
    for operator, changed in chain(_generate_by_mutmut(source), _generate_by_cosmic_ray(source)):
        try:
            essence = _code_without_layout(changed)
        except SyntaxError:  # the change is not a valid Python, so it cannot run
            continue
        if essence not in seen:
            seen.add(essence)
            line, before, after = _first_difference(source, changed)
            found.append(Mutant(module, _name_of_function_at(source, line), before, after, operator, changed))
    return found


def _generate_by_mutmut(source: str) -> Iterator[tuple[str, str]]:
    """Yield the operator and the changed source of every mutant that mutmut's operators make."""
    tree = libcst.parse_module(source)
    for node in _nodes_of_module(tree):
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and not (operator is operator_string and _has_several_words(node)):
                for changed in operator(node):
                    yield "mutmut/" + operator.__name__, tree.deep_replace(node, changed).code


def _nodes_of_module(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    """Yield a syntax node and all nodes inside it."""
    yield node
    for child in node.children:
        yield from _nodes_of_module(child)


def _has_several_words(node: libcst.CSTNode) -> bool:
    """Return whether a node is a string of more than one word, which only people read.

    mutmut's string operator writes such a string in capitals or between two XX, which changes no meaning. Other
    operators remove the string, and a test must detect that.
    """
    return isinstance(node, libcst.SimpleString) and " " in str(node.evaluated_value)


def _generate_by_cosmic_ray(source: str) -> Iterator[tuple[str, str]]:
    """Yield the operator and the changed source of every mutant that cosmic-ray's operators make."""
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        # Operators with arguments and those for ``is`` are left out: the interpreter decides whether equal values are
        # one object. Changes that compare words by order are left out below: the order of names has no meaning.
        if get_operator(name).arguments() or name.endswith(("_Is", "_IsNot")):
            continue
        operator = get_operator(name)()
        positions = sum(1 for node in nodes for _ in operator.mutation_positions(node))
        for occurrence in range(positions):
            changed = mutate_code(source, operator, occurrence)
            if len(_ORDER_OF_WORDS.findall(changed)) > len(_ORDER_OF_WORDS.findall(source)):
                continue
            yield "cosmic-ray/" + name.split("/")[-1], changed


class _WithoutAnnotations(ast.NodeTransformer):
    """Removes annotations: under ``from __future__ import annotations`` a change in one has no effect."""

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # ast's own name
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # ast's own name
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _code_without_layout(source: str) -> str:
    """Return the syntax tree of a source as text, without layout, comments and annotations."""
    return ast.dump(_WithoutAnnotations().visit(ast.parse(source)))


def _first_difference(source: str, changed: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and the differing lines before and after."""
    one, other = source.splitlines(), changed.splitlines()
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    differing = [block[1:] for block in blocks if block[0] != "equal"]
    (first, _, start, _), (_, last, _, end) = differing[0], differing[-1]
    return first + 1, "\n".join(one[first:last]), "\n".join(other[start:end])


def _name_of_function_at(source: str, line: int) -> str:
    """Return the qualified name of the innermost function or class at a line; empty at module level."""
    names, nodes = [], ast.parse(source).body
    while nodes:
        named = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        around = [node for node in named if _first_line_that_differs(node) <= line <= (node.end_lineno or 0)]
        names += [node.name for node in around]
        nodes = [inner for node in around for inner in node.body]
    return ".".join(names)


def _first_line_that_differs(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
