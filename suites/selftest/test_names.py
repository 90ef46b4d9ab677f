"""Tests that no name in the code is a metaphor, or a word for which the glossary has another."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Iterator

import pytest

if sys.version_info < (3, 11):
    pytest.skip("some of the files read are of Python 3.11", allow_module_level=True)

FOLDERS = ("fixtures", "reports", "suites", "benchmarks", "prose")
ROOT = Path(__file__).resolve().parents[2]
# For each refused word of a name, the word that docs/glossary.md uses; the prose linter reads the same file.
WORDS = json.loads((ROOT / "prose" / "words.json").read_text(encoding="utf-8"))["instead"]
INSTEAD = {
    word: " or ".join(entry["say"]) or "a plain verb or noun"
    for entry in WORDS
    if entry.get("only") != "prose"
    for word in entry["words"]
}


def yield_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield every name that a module's code defines or uses, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Attribute) and node.attr != "kill":  # os.kill and Process.kill have this name
            yield node.lineno, node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg


def split_into_words(name: str) -> list[str]:
    """Return the words of a name: ``IndexMap`` and ``index_map`` give index and map."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def find_refused_words(source: str) -> list[str]:
    """Return a message for every name that contains a refused word.

    A file is only parsed if a refused word is anywhere in it, also in a comment.
    """
    if INSTEAD.keys().isdisjoint(word for text in set(re.findall(r"\w+", source)) for word in split_into_words(text)):
        return []
    found = {
        (line, name, word) for line, name in yield_names(source) for word in split_into_words(name) if word in INSTEAD
    }
    return ["line %d: %s; say %s" % (line, name, INSTEAD[word]) for line, name, word in sorted(found)]


def list_modules() -> list[str]:
    """Return the paths of the project's Python files."""
    found = [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    return sorted(str(path.relative_to(ROOT)) for path in found if "node_modules" not in path.parts)


def test_names_in_the_code_use_the_words_of_the_glossary() -> None:
    """Names of files and folders are checked too."""
    paths = list_modules()
    found = {path: find_refused_words((ROOT / path).read_text(encoding="utf-8")) for path in paths}
    assert {path: messages for path, messages in found.items() if messages} == {}
    names = {path: split_into_words("_".join(Path(path).with_suffix("").parts)) for path in paths}
    assert {path: words for path, words in names.items() if not INSTEAD.keys().isdisjoint(words)} == {}
    assert len(paths) > 500


@pytest.mark.parametrize(
    "source",
    [
        "def hear(): ...",
        "class Book: ...",
        "question = 1",
        "def f(way): ...",
        "f(twin=1)",
        "x.pasted_layer",
        "KillMatrix",
        "told = {}",
        "def asked(): ...",
        "class Spelling: ...",
        "x.wanted",
    ],
)
def test_a_refused_word_in_a_name_is_found(source: str) -> None:
    """The name may be a function, an argument, an attribute or a keyword."""
    assert len(find_refused_words(source)) == 1


def test_the_replacement_of_a_refused_word_is_in_the_glossary() -> None:
    """Each exception to a refused word has a reason."""
    terms = set(
        re.findall(r"^\| ([^|]+?) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {term for entry in WORDS for term in entry["say"]} <= terms
    assert all(entry.get("because") for entry in WORDS if "only" in entry)
    assert all(reason for entry in WORDS for reason in entry.get("except", {}).values())
