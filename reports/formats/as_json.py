"""Write the Summary as JSON, without changes. reports/schema/summary-2.schema.json describes it."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Mapping, TextIO

from reports.facts.store import Store
from reports.facts.summary import Summary

SCHEMA = 2


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write the summary as one indented JSON object."""
    json.dump({"schema": SCHEMA, **to_plain_json(summary)}, file, indent=1, allow_nan=False)
    file.write("\n")


def to_plain_json(value: Any) -> Any:
    """Return a value as plain JSON types.

    A dataclass becomes an object with its fields and properties. A mapping whose keys are not all strings becomes a
    list of entries.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain_json(getattr(value, name)) for name in _field_and_property_names(type(value))}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: to_plain_json(one) for key, one in value.items()}
        return [{"of": to_plain_json(key), "value": to_plain_json(one)} for key, one in value.items()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain_json(one) for one in value]
    return value


@lru_cache(maxsize=None)
def _field_and_property_names(kind: type) -> list[str]:
    properties = [name for name, _ in inspect.getmembers(kind, lambda one: isinstance(one, property))]
    return [*(field.name for field in fields(kind)), *properties]
