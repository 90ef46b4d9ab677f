"""Extracts the prose of a file: Markdown, docstrings and comments of Python, templates, explanations in TOML.

The messages of a file are its strings of more than three words, in Python and JavaScript.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# The part of a comment that is for a tool; a reason may follow after another hash.
_DIRECTIVE = re.compile(r"^(?:!|noqa|type:|fmt:|ruff:|mypy:|pragma:)[^#]*#?\s*")
_NO_TEXT = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_CODE = re.compile(r"<(code|kbd)\b[^>]*>.*?</\1>", re.DOTALL)
_INLINE = re.compile(r"</?(?:a|abbr|b|bdi|em|i|small|span|strong)\b[^>]*>")
_TAG = re.compile(r"(<[^>]*>)")
_SQL = re.compile(r"\s*select\b.*\bfrom\b", re.DOTALL)
# A comment or a string of JavaScript. Biome allows no single quotes.
_JAVASCRIPT_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`', re.DOTALL)
_INSERTED_VALUE = re.compile(r"\$\{[^{}]*\}")
_FEWEST_WORDS = 4  # of a message; shorter strings are mostly names and keys
_EXPLANATION = re.compile(r'^(?:title|because|note) = (?:"""(.*?)"""|"(.*?)"$)', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Paragraph:
    """Consecutive lines of text, with the number of the first line in its file."""

    line: int
    lines: tuple[str, ...]


def extract_paragraphs(ending: str, text: str) -> list[Paragraph]:
    """Return the paragraphs of a file with this ending, in order; Markdown stays whole."""
    if ending == ".md":
        return [Paragraph(1, tuple(text.splitlines()))]
    return sorted(_READERS[ending](text), key=lambda paragraph: paragraph.line)


def extract_messages(ending: str, text: str) -> list[Paragraph]:
    """Return the strings of a .py or .js file that have four or more words; docstrings and SQL are left out.

    Each is a paragraph of one line, at the line where the string begins.
    """
    strings = (_strings_of_python if ending == ".py" else _strings_of_javascript)(text)
    messages = [(line, value.split()) for line, value in strings if not _SQL.match(value)]
    return [Paragraph(line, (" ".join(words),)) for line, words in sorted(messages) if len(words) >= _FEWEST_WORDS]


def _strings_of_python(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the value of each string that is not a docstring."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def _strings_of_javascript(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string; an inserted value becomes the word value."""
    for found in _JAVASCRIPT_STRING.finditer(source):
        text = found.group(1) or found.group(2)
        if text:
            yield source.count("\n", 0, found.start()) + 1, _INSERTED_VALUE.sub("value", text)


def _paragraphs_of_python(source: str) -> Iterator[Paragraph]:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if not ast.get_docstring(node):
                continue
            first, last = node.body[0].lineno, node.body[0].end_lineno
            text = "\n".join(line.strip() for line in lines[first - 1 : last])
            yield from _split_into_paragraphs(first, text.lstrip("rR").strip('"'))
    yield from _paragraphs_of_comments(source, lines)


def _paragraphs_of_comments(source: str, lines: list[str]) -> Iterator[Paragraph]:
    """Yield the comments: one behind code alone, those on their own lines with the lines that follow."""
    block: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        number, text = token.start[0], _DIRECTIVE.sub("", token.string[1:].strip())
        if not lines[number - 1].lstrip().startswith("#"):
            yield from _split_into_paragraphs(number, text)
            continue
        if block and number != block[-1][0] + 1:
            yield from _split_into_paragraphs(block[0][0], "\n".join(part for _, part in block))
            block = []
        block.append((number, text))
    if block:
        yield from _split_into_paragraphs(block[0][0], "\n".join(part for _, part in block))


def _paragraphs_of_template(source: str) -> Iterator[Paragraph]:
    """Yield the text between block tags of a template; an inserted value becomes code."""
    text = _VALUE.sub(_replace_and_keep_line_count("`value`"), _NO_TEXT.sub(_replace_and_keep_line_count(""), source))
    text = _CODE.sub(_replace_and_keep_line_count("`code`"), text)
    line = 1
    for piece in _TAG.split(_INLINE.sub(_replace_and_keep_line_count(""), text)):
        if not _TAG.fullmatch(piece):
            yield from _split_into_paragraphs(line, piece)
        line += piece.count("\n")


def _paragraphs_of_explanations_in_toml(source: str) -> Iterator[Paragraph]:
    """Yield the explanations; their lines end with a backslash, which joins the lines in TOML."""
    for found in _EXPLANATION.finditer(source):
        line = source.count("\n", 0, found.start()) + 1
        yield from _split_into_paragraphs(line, (found.group(1) or found.group(2)).replace("\\\n", "\n"))


def _split_into_paragraphs(line: int, text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text that begins at ``line``, without code examples."""
    block: list[str] = []
    for number, part in enumerate([*text.splitlines(), ""], line):
        stripped = part.strip()
        if stripped and not stripped.startswith((">>>", "...")):
            block.append(stripped)
        elif block:
            yield Paragraph(number - len(block), tuple(block))
            block = []


def _replace_and_keep_line_count(text: str) -> Callable[[re.Match[str]], str]:
    """Return a function that replaces a match by ``text`` and keeps the number of lines."""
    return lambda found: text + "\n" * found.group().count("\n")


_READERS = {".py": _paragraphs_of_python, ".j2": _paragraphs_of_template, ".toml": _paragraphs_of_explanations_in_toml}
