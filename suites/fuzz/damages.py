"""What can happen to the file of a ledger: each damage makes the bytes of a file from the lines of a whole one.

``REFUSED`` and ``READ`` say of some damages what a reader must do. Of the others ``suites/fuzz/judgement.py`` decides
it for each file.
"""

from __future__ import annotations

import json
import random
from typing import Any, Callable, Dict, List, Mapping

Lines = List[Dict[str, Any]]
Damage = Callable[[Lines, random.Random], bytes]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**30, "", "x", "agree", "\u202e\x00", [], [[]], {}, {"a": 1}, "y" * 5000, 2**63, 1e308),
]


def encode(lines: Lines) -> bytes:
    """Return the bytes of a file with these lines."""
    return "".join(json.dumps(line) + "\n" for line in lines).encode("utf-8")


def _cut_bytes(lines: Lines, draw: random.Random) -> bytes:
    data = encode(lines)
    return data[: draw.randrange(len(data))]


def _flip_bits(lines: Lines, draw: random.Random) -> bytes:
    data = bytearray(encode(lines))
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def _repeat_line(lines: Lines, draw: random.Random) -> bytes:
    place = draw.randrange(len(lines))
    return encode([*lines[: place + 1], *lines[place:]])


def _remove_line(lines: Lines, draw: random.Random) -> bytes:
    place = draw.randrange(len(lines))
    return encode([*lines[:place], *lines[place + 1 :]])


def _shuffle_lines(lines: Lines, draw: random.Random) -> bytes:
    draw.shuffle(lines)
    return encode(lines)


def _find_places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container in a value with every key or index in it."""
    keys: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    found = [(value, key) for key in keys]
    return found + [place for key in keys for place in _find_places(value[key])]


def _copy_lines(lines: Lines) -> Lines:
    copy: Lines = json.loads(json.dumps(lines))
    return copy


def _change_value(lines: Lines, draw: random.Random) -> bytes:
    lines = _copy_lines(lines)
    for _ in range(draw.randint(1, 2)):
        container, key = draw.choice(_find_places(draw.choice(lines)))
        container[key] = draw.choice(VALUES)
    return encode(lines)


def _remove_key(lines: Lines, draw: random.Random) -> bytes:
    lines = _copy_lines(lines)
    container, key = draw.choice(_find_places(draw.choice(lines)))
    del container[key]
    return encode(lines)


def _add_key(lines: Lines, draw: random.Random) -> bytes:
    draw.choice(lines)[draw.choice(["claim", "excused", "mode", "further"])] = draw.choice(VALUES)
    return encode(lines)


def _make_damage_with_value(text: str) -> Damage:
    def damage(lines: Lines, draw: random.Random) -> bytes:
        lines = _copy_lines(lines)
        container, key = draw.choice(_find_places(draw.choice(lines)))
        container[key] = "HERE"
        return encode(lines).replace(b'"HERE"', text.encode("ascii"))

    return damage


def _add_second_end(lines: Lines, draw: random.Random) -> bytes:
    return encode([*lines, lines[-1]])


def _move_end_inside(lines: Lines, draw: random.Random) -> bytes:
    place = draw.randrange(1, len(lines) - 1)
    return encode([*lines[:place], lines[-1], *lines[place:-1]])


def _move_end_forward(lines: Lines, draw: random.Random) -> bytes:
    return encode([*lines[: draw.randrange(1, len(lines) - 1)], lines[-1]])


def _change_categories(lines: Lines, draw: random.Random) -> bytes:
    """Count some answers of one category under another one; the sum stays right."""
    end = dict(lines[-1], counts=dict(lines[-1]["counts"]))
    one = draw.choice([name for name, count in end["counts"].items() if count])
    other = draw.choice([name for name in end["counts"] if name != one])
    moved = draw.choice([end["counts"][one], 1, end["counts"][one] + 5])
    end["counts"][one] -= moved
    end["counts"][other] += moved
    return encode([*lines[:-1], end])


def _change_totals(lines: Lines, draw: random.Random) -> bytes:
    end = dict(lines[-1], counts=dict(lines[-1]["counts"]))
    name = draw.choice(sorted(end["counts"]))
    end["counts"][name] += draw.choice([1, -1, 10**6])
    if draw.random() < 0.3:
        end["planned"] += 1
    return encode([*lines[:-1], end])


def _add_unplanned_row(lines: Lines, draw: random.Random) -> bytes:
    return encode([{**lines[0], "planned": draw.randrange(len(lines) - 2)}, *lines[1 : draw.choice([-1, None])]])


def _set_unknown_kind(lines: Lines, draw: random.Random) -> bytes:
    """Add a line of a kind that there is not, or give an answer such a kind or none."""
    kind: Any = draw.choice(["note", "", "run", None, 5, [], {}])
    if draw.random() < 0.5:
        return encode([*lines[:2], {"kind": kind}, *lines[2:]])
    row = {**lines[1], "kind": kind} if draw.random() < 0.7 else {k: v for k, v in lines[1].items() if k != "kind"}
    return encode([lines[0], row, *lines[2:]])


def _set_unknown_deviation(lines: Lines, draw: random.Random) -> bytes:
    lines[1] = {**lines[1], "known_deviation": draw.choice(["unknown", "", "Known"])}
    return encode(lines)


def _nest_deeply(lines: Lines, draw: random.Random) -> bytes:
    depth = draw.choice([70, 900, 10**5])
    return encode([{**lines[0], "deep": "HERE"}, *lines[1:]]).replace(b'"HERE"', b"[" * depth + b"]" * depth)


def _make_long_line(lines: Lines, draw: random.Random) -> bytes:
    row = {**lines[1], "diagnosis": "x" * draw.choice([2**18, 2**21, 2**25])}
    return encode([lines[0], row, *lines[2:]])


def _insert_binary(lines: Lines, draw: random.Random) -> bytes:
    return bytes(draw.randrange(256) for _ in range(draw.randrange(4000)))


def _insert_invalid_utf8(lines: Lines, draw: random.Random) -> bytes:
    data = encode(lines)
    place = draw.randrange(len(data))
    return data[:place] + draw.choice([b"\xff", b"\xc3", b"\xed\xa0\x80"]) + data[place:]


DAMAGES: Mapping[str, Damage] = {
    "cut at any byte": _cut_bytes,
    "flipped bits": _flip_bits,
    "a line twice": _repeat_line,
    "a line removed": _remove_line,
    "lines in another order": _shuffle_lines,
    "other values and types": _change_value,
    "a key less": _remove_key,
    "a key more": _add_key,
    "NaN": _make_damage_with_value("NaN"),
    "infinity": _make_damage_with_value("1e999"),
    "5,000 digits": _make_damage_with_value("9" * 5000),
    "half a character": _make_damage_with_value('"\\udc00"'),
    "two ends": _add_second_end,
    "an end in the middle": _move_end_inside,
    "an end too early": _move_end_forward,
    "totals that lie": _change_totals,
    "totals of other categories": _change_categories,
    "more rows than planned": _add_unplanned_row,
    "an unknown kind": _set_unknown_kind,
    "an unknown known deviation": _set_unknown_deviation,
    "another schema": lambda lines, draw: encode([{**lines[0], "schema": draw.choice([1, 3, "2", None])}, *lines[1:]]),
    "nested deeply": _nest_deeply,
    "a long line": _make_long_line,
    "empty": lambda lines, draw: draw.choice([b"", b"\n", b"\n\n", b" "]),
    "binary": _insert_binary,
    "not UTF-8": _insert_invalid_utf8,
    "byte order mark": lambda lines, draw: b"\xef\xbb\xbf" + encode(lines),
    "UTF-16": lambda lines, draw: encode(lines).decode("ascii").encode("utf-16"),
    "CRLF": lambda lines, draw: encode(lines).replace(b"\n", b"\r\n"),
    "nothing": lambda lines, draw: encode(lines),
}

# What every reader must refuse, whatever is drawn.
REFUSED = (
    *("a line twice", "NaN", "infinity", "5,000 digits", "two ends", "an end in the middle", "an end too early"),
    *("totals that lie", "totals of other categories", "more rows than planned", "an unknown kind", "another schema"),
    *("an unknown known deviation", "empty", "binary", "not UTF-8", "byte order mark", "UTF-16"),
)
READ = ("nothing", "CRLF")  # what every reader must read whole; of the rest it depends on what is drawn
