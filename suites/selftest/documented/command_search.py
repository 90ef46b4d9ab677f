"""Finds commands in Markdown: in code blocks, and between backticks in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator

SHELLS = ("sh", "bash")
SESSION = "console"
# Code blocks of these languages contain no commands.
OTHER_LANGUAGES = ("diff", "python", "text", "toml")
PROGRAMS = (
    *("apt-get", "bash", "curl", "du", "git", "npm", "npx", "pip", "pip3", "pre-commit", "pytest", "python", "python3"),
    *("ruff", "sh", "tox", "uv", "uvx", "wget"),
)
_COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?(?:%s) |[a-z][\w./-]* --?[a-z]" % "|".join(map(re.escape, PROGRAMS)))


@dataclass(frozen=True)
class Command:
    """A command of a page, with its line.

    ``output`` is quoted after it in a block of a session, else empty. A ``mention`` is between backticks in the text,
    and may leave arguments out: ``python -m reports diff``.
    """

    line: int
    text: str
    output: tuple[str, ...] = ()
    mention: bool = False


@dataclass(frozen=True)
class Block:
    """A code block of a page: its first line number, its language and its lines."""

    line: int
    language: str
    lines: tuple[str, ...]


def find_commands(text: str) -> list[Command]:
    """Return all commands of a page: first those of code blocks, then those between backticks."""
    return [command for block in find_blocks(text) for command in _commands_of_block(block)] + list(
        _commands_between_backticks(text)
    )


def find_options(text: str) -> Iterator[Command]:
    """Yield the options between backticks, such as ``--tier`` and ``--report=page.html``."""
    for line, code in _code_between_backticks(text):
        if re.match(r"--?[a-z]", code):
            yield Command(line, code)


def find_blocks(text: str) -> Iterator[Block]:
    """Yield the code blocks of a page."""
    start, language, lines = 0, "", text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith("```"):
            continue
        if start:
            yield Block(start + 1, language, tuple(lines[start : number - 1]))
            start = 0
        else:
            start, language = number, line.strip().strip("`")


def _commands_of_block(block: Block) -> Iterator[Command]:
    if block.language in SHELLS:
        for number, line in enumerate(block.lines, block.line):
            if line.strip() and not line.lstrip().startswith("#"):
                yield Command(number, line)
    elif block.language == SESSION:
        starts = [number for number, line in enumerate(block.lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(block.lines)]):
            yield Command(block.line + start, block.lines[start][2:], block.lines[start + 1 : end])


def _commands_between_backticks(text: str) -> Iterator[Command]:
    for line, code in _code_between_backticks(text):
        if _COMMAND.match(code):
            yield Command(line, code, mention=True)


def _code_between_backticks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the code between backticks, with its line; a line break inside becomes a space."""
    prose = re.sub(
        r"^ *```.*?^ *```", lambda block: "\n" * block.group().count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )
    for found in re.finditer(r"`([^`]+)`", prose):
        yield prose.count("\n", 0, found.start()) + 1, re.sub(r"\s+", " ", found.group(1)).strip()
