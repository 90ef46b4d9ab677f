"""The checks of a ledger's lines against ``reports/schema/ledger-2.schema.json``. Runs on Python 3.7.

The schema is compiled to functions once, so that a line costs some microseconds; ``jsonschema`` takes a hundred
times as long and is not there beside every framework. A selftest compares the two. fastjsonschema would also run
there. But it takes three times as long as these functions for 10,000 lines of a run. And of wrong evidence it says
only that no definition fits, without the place.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Sequence, Tuple

SCHEMA_FILE = Path(__file__).resolve().parents[1] / "schema" / "ledger-2.schema.json"
LARGEST_NUMBER = 2**63 - 1  # what every reader of JSON takes for an integer
_MANY = 1000  # sets of keys that are remembered
_SHOWN = 60  # characters of a wrong value that a message shows


_Path = Tuple[object, ...]


class Problem(NamedTuple):
    """A value that the schema forbids.

    ``path`` has the keys and indices that lead to it, and ``words`` say what is wrong, with ``%s`` where the value is.
    """

    path: _Path
    words: str
    value: Any = None

    def below(self, key: object) -> Problem:
        """Return the problem as seen from the object or list that has its value under ``key``."""
        return Problem((key, *self.path), self.words, self.value)

    def to_text(self) -> str:
        """Return for example ``expected.shape[0] is 'a', and not integer or null``."""
        place = "".join("[%d]" % key if isinstance(key, int) else ".%.60s" % key for key in self.path).lstrip(".")
        text = repr(self.value[: _SHOWN + 1] if isinstance(self.value, str) else self.value)
        words = self.words.replace("%s", text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
        return ("%s %s" % (place, words)).strip()


Check = Callable[[Any], "Problem | None"]
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}
_WORDS = {"string": "text", "array": "list", "null": "null", "boolean": "true or false"}


def read_definitions() -> dict[str, dict[str, Any]]:
    """Return the definitions of the schema by name; ``run``, ``verdict`` and ``end`` are the kinds of lines."""
    definitions: dict[str, dict[str, Any]] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["$defs"]
    return definitions


def compile_schema(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    """Return a function from a value to its first problem, or to None if the schema allows the value."""
    if "$ref" in schema:
        return compile_schema(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "const" in schema or "enum" in schema:
        return _make_check_of_values(schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return _make_check_of_any(schema["anyOf"], definitions)
    if "if" in schema:
        rest = {key: one for key, one in schema.items() if key not in ("if", "then", "else")}
        parts = (compile_schema(one, definitions) for one in (rest, schema["if"], schema["then"], schema["else"]))
        return _make_check_of_condition(*parts)
    names = schema.get("type", list(_TYPES))
    names = [names] if isinstance(names, str) else names
    of_type: dict[type, Check | None] = {}
    for name in names:
        check = _compile_type(name, schema, definitions)
        of_type.update(dict.fromkeys(_TYPES[name], check))
    expected = " or ".join(_WORDS.get(name, name) for name in names)

    def check_type(value: Any) -> Problem | None:
        return None if type(value) in of_type else _make_problem(value, expected)

    def check_value(value: Any) -> Problem | None:
        if type(value) not in of_type:
            return _make_problem(value, expected)
        check = of_type[type(value)]
        return check(value) if check is not None else None

    return check_value if any(of_type.values()) else check_type


def _make_problem(value: Any, expected: str) -> Problem:
    return Problem((), "is %s, and not " + expected, value)


def _make_check_of_any(schemas: Sequence[Mapping[str, Any]], definitions: Mapping[str, Any]) -> Check:
    """Return the check of a value that one of several schemas has to allow (``anyOf``)."""
    checks = [compile_schema(one, definitions) for one in schemas]
    by_keys: dict[tuple[str, ...], list[Check]] = {}  # a cache: the alternatives that allow an object with these keys

    def check(value: Any) -> Problem | None:
        if type(value) is not dict:
            chosen = checks
        else:
            keys = tuple(value)
            if keys not in by_keys and len(by_keys) < _MANY:
                without_values = dict.fromkeys(keys)
                by_keys[keys] = [one for one in checks if not _is_about_keys(one(without_values))]
            chosen = by_keys.get(keys, checks)
        problem = Problem((), "is %s, which is none of what may be here", value)
        for one in chosen:
            found = one(value)
            if found is None:
                return None
            problem = found
        return problem

    return check


def _is_about_keys(problem: Problem | None) -> bool:
    """Return whether a problem is one of the keys of an object, whatever their values are."""
    return problem is not None and not problem.path


def _make_check_of_condition(always: Check, condition: Check, then: Check, otherwise: Check) -> Check:
    def check(value: Any) -> Problem | None:
        return always(value) or (otherwise if condition(value) else then)(value)

    return check


def _make_check_of_values(allowed: list[Any]) -> Check:
    keys = {(type(value), value) for value in allowed}
    words = " or ".join(json.dumps(value) for value in allowed)

    def check(value: Any) -> Problem | None:
        if type(value) in (list, dict) or (type(value), value) not in keys:
            return _make_problem(value, words)
        return None

    return check


def _compile_type(name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check | None:
    if name == "object":
        return _make_check_of_object(schema, definitions)
    if name == "array":
        return _make_check_of_array(schema, definitions)
    if name == "string" and "pattern" in schema:
        return _make_check_of_pattern(schema["pattern"])
    if name in ("integer", "number"):
        return _make_check_of_number(schema["minimum"]) if "minimum" in schema else None
    return None


def _make_check_of_pattern(pattern: str) -> Check:
    search = re.compile(python_pattern(pattern)).search
    return lambda value: None if search(value) else _make_problem(value, "of the form %s" % pattern)


def python_pattern(pattern: str) -> str:
    """Return a pattern of the schema for Python, where ``$`` would also match before a final line break."""
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern


def _make_check_of_number(least: float) -> Check:
    words = "a number of 64 bits that is at least %s" % least

    def check(value: Any) -> Problem | None:
        return None if least <= value <= LARGEST_NUMBER else _make_problem(value, words)

    return check


def _make_check_of_array(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    items = compile_schema(schema["items"], definitions) if "items" in schema else None
    kinds = _only_types(schema.get("items", {}), definitions)
    first = [compile_schema(one, definitions) for one in schema.get("prefixItems", ())]
    least, most = schema.get("minItems", 0), schema.get("maxItems", LARGEST_NUMBER)

    def check(value: Any) -> Problem | None:
        if not least <= len(value) <= most:
            return _make_problem(value, "a list of %d" % least if least == most else "a list of %d or more" % least)
        if kinds and kinds.issuperset(map(type, value)):
            return None
        for place, item in enumerate(value) if items or first else ():
            one = first[place] if place < len(first) else items
            problem = one(item) if one else None
            if problem:
                return problem.below(place)
        return None

    return check


def _only_types(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> frozenset[type]:
    """Return the types that a schema allows if it says nothing else about them; nothing if it does."""
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if any(_compile_type(name, schema, definitions) for name in names):
        return frozenset()
    return frozenset(kind for name in names for kind in _TYPES[name])


def _make_check_of_object(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check | None:
    known = {key: compile_schema(one, definitions) for key, one in schema.get("properties", {}).items()}
    # A type that suffices is compared here, because a call costs as much as the rest; else the set of types is empty.
    fields = [(key, _only_types(schema["properties"][key], definitions), one) for key, one in known.items()]
    required, keys = frozenset(schema.get("required", ())), known.keys()
    further = schema.get("additionalProperties", True)
    other = compile_schema(further, definitions) if isinstance(further, dict) else None
    names = compile_schema(schema["propertyNames"], definitions) if "propertyNames" in schema else None
    if not known and not required and other is None and further is not False:
        return None

    def check(value: Any) -> Problem | None:
        if not required <= value.keys():
            return Problem((), "lacks " + ", ".join(key for key in schema["required"] if key not in value))
        if further is False and not value.keys() <= keys:
            return Problem((), "has the unknown key %s", sorted(value.keys() - keys)[0])
        if names is not None and any(map(names, value)):
            return Problem((), "has the unknown key %s", next(filter(names, value)))
        for key, kinds, one in fields:
            if key in value and type(value[key]) not in kinds:
                problem = one(value[key])
                if problem:
                    return problem.below(key)
        for key in value.keys() - keys if other is not None else ():
            problem = other(value[key]) if other is not None else None
            if problem:
                return problem.below(key)
        return None

    return check
