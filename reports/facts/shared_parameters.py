"""What all cases of a cause have in common, in words, for a cause whose region no run searched. No markup."""

from __future__ import annotations

from typing import Mapping, Sequence

# The values that are not named, by the field of a case. Fields that are not here are always named.
_PLAIN = {
    "batch": "1",
    "strides": "1",
    "dilation_rate": "1",
    "output_padding": "none",
    "data_format": "last",
    "use_bias": "bias",
    "activation": "linear",
}
_WORDS = {
    "batch": "batch %s",
    "size": "input %s",
    "channels": "channels %s",
    "filters": "filters %s",
    "kernel_size": "kernel %s",
    "strides": "stride %s",
    "dilation_rate": "dilation %s",
    "padding": "padding %s",
    "output_padding": "output_padding %s",
    "data_format": "channels_%s",
    "use_bias": "without a bias",
    "activation": "activation %s",
    "dtype": "%s",
}


def list_shared_parameters(cases: Sequence[str], axes: Sequence[Sequence[str]]) -> list[str]:
    """Return what all case ids have in common, such as "2-D", "stride 2x1", "float32". Plain values are left out.

    ``axes`` has the name and the prefix of every part of an id, in order. The list is empty if an id has other parts.
    """
    read = [_read_id(case, axes) for case in cases]
    if not all(read):
        return []
    ranks = {str(one["size"].count(".") + 1) for one in read if "size" in one}
    shared = ["%s-D" % rank for rank in ranks if len(ranks) == 1]
    for name, _ in axes:
        values = {one[name] for one in read}
        value = values.pop()
        if not values and name in _WORDS and set(value.split(".")) != {_PLAIN.get(name)}:
            shared.append(_WORDS[name] % value.replace(".", "x") if "%s" in _WORDS[name] else _WORDS[name])
    return shared


def _read_id(case: str, axes: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """Return the parts of a case id by name; an empty mapping if it has other parts."""
    parts = case.split("-")
    fits = len(parts) == len(axes) and all(part.startswith(prefix) for part, (_, prefix) in zip(parts, axes))
    return {name: part[len(prefix) :] for part, (name, prefix) in zip(parts, axes)} if fits else {}
