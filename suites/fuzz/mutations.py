"""Damage of inputs: of a word, of a tree of tables and lists, and of the text of a file; a seed decides all of it."""

from __future__ import annotations

import json
import random
from typing import Any, Iterator, Mapping, Sequence

LETTERS = "abcxyz019.-_=,:/ '\"\\[]{}()%*\n\t\0\u202e\u00e9\U0001f600"
OTHER_VALUES: Sequence[Any] = (
    *(0, -1, 10**30, 1.5, True, False, "", " ", "x" * 300, "1" * 5000, [], {}, [[]], [0], [""], {"a": 1}, {"": {}}),
    *("../x", "/dev/zero", "a\nb", "\u202etxt", "%s%s%n", "__import__('os')", "nan", "none", "all", ","),
)


def damage_word(draw: random.Random, word: str) -> str:
    """Return the word with a typing error, or made very long, or something else."""
    if draw.random() < 0.15:
        return str(draw.choice([value for value in OTHER_VALUES if isinstance(value, str)]))
    place, letter = draw.randrange(len(word) + 1), draw.choice(LETTERS)
    return draw.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            word[:place] + word[place : place + 3] * draw.choice((2, 500)) + word[place:],
            word.swapcase(),
            word + word,
        )
    )


def damage_tree(draw: random.Random, tree: Any) -> Any:
    """Return a copy of a tree of tables, lists and values with one part changed, removed, renamed or repeated.

    Every part below the root is equally likely.
    """
    paths = list(_paths_in(tree, ()))
    return _damage_at(draw, tree, draw.choice(paths)) if paths else draw.choice(OTHER_VALUES)


def _paths_in(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    places = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for place, part in places:
        yield (*path, place)
        yield from _paths_in(part, (*path, place))


def _damage_at(draw: random.Random, tree: Any, path: tuple[Any, ...]) -> Any:
    place, *rest = path
    part = tree[place]
    if rest:
        changed = [_damage_at(draw, part, tuple(rest))]
    elif draw.random() < 0.5:
        changed = [
            damage_word(draw, part) if isinstance(part, str) and draw.random() < 0.5 else draw.choice(OTHER_VALUES)
        ]
    else:
        changed = draw.choice(([], [part, part], [[part]]))
    if isinstance(tree, list):
        return [*tree[:place], *changed, *tree[place + 1 :]]
    names = [place, damage_word(draw, place)] if len(changed) != 1 or draw.random() < 0.1 else [place]
    found = {name: value for name, value in tree.items() if name != place}
    found.update(zip(reversed(names), changed))  # a repeated field gets another name, and so does a renamed one
    return found


def damage_text(draw: random.Random, text: bytes) -> bytes:
    """Return a file's bytes with a part removed, repeated or replaced, or its end cut off."""
    start = draw.randrange(len(text) + 1)
    end = min(start + draw.choice((1, 2, 10, 200)), len(text))
    noise = bytes(draw.randrange(256) for _ in range(draw.choice((1, 3, 20))))
    nested = draw.choice((b"[", b"{", b"(", b'{"a":')) * draw.choice((3, 20000))
    middle = draw.choice((b"", text[start:end] * 2, noise, nested, text[start:end].swapcase()))
    return text[:start] + middle + (text[end:] if draw.random() < 0.9 else b"")


def to_toml(table: Mapping[str, Any]) -> str:
    """Return a table as TOML, with every value on the line of its key."""
    return "".join("%s = %s\n" % (json.dumps(name), _toml_value(value)) for name, value in table.items())


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ %s }" % ", ".join("%s = %s" % (json.dumps(name), _toml_value(one)) for name, one in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(_toml_value, value))
    # A text of TOML is a text of JSON, except for what lies beyond 16 bits and for the delete character.
    return json.dumps(value, ensure_ascii=not isinstance(value, str)).replace("\x7f", "\\u007f")
