"""Tests of the changes that ``explain --want`` lists for a layer of PyTorch."""

from __future__ import annotations

import ast
import itertools
import random
from typing import Any

from suites.fuzz.drawn_layer import write_tuple
from suites.fuzz.explain import answer_words

COUNT, SEED = 150, 19


def write_call(arguments: dict[str, Any], draw: random.Random) -> str:
    """Return a call of PyTorch with these arguments."""
    named = ["%s=%s" % (name, write_tuple(draw, value)) for name, value in arguments.items()]
    return "nn.ConvTranspose%dd(3, 5, %s)" % (len(arguments["kernel_size"]), ", ".join(named))


def length(n: int, k: int, s: int, p: int, o: int, d: int) -> int:
    """Return the output length after PyTorch's documentation."""
    return (n - 1) * s - 2 * p + d * (k - 1) + o + 1


def lengths(size: tuple[int, ...], arguments: dict[str, Any]) -> tuple[int, ...]:
    """Return the output's lengths after PyTorch's documentation."""
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    return tuple(length(n, *axis) for n, axis in zip(size, zip(*(arguments[name] for name in names))))


def read_code(code: str, rank: int) -> dict[str, tuple[int, ...]]:
    """Return the arguments that a change sets, one number for each axis."""
    call = ast.parse("f(%s)" % code, mode="eval").body
    assert isinstance(call, ast.Call)
    values = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    return {name: value if isinstance(value, tuple) else (value,) * rank for name, value in values.items()}


def draw_layer(draw: random.Random) -> tuple[tuple[int, ...], dict[str, Any]]:
    """Return the input's lengths and the arguments of a layer that PyTorch accepts."""
    rank = draw.choice((1, 2, 3))

    def some(*values: int) -> tuple[int, ...]:
        return tuple(draw.choice(values) for _ in range(rank))

    strides, dilation = some(1, 2, 3), some(1, 1, 2)
    extra = tuple(draw.randrange(max(s, d)) for s, d in zip(strides, dilation))
    crop = some(0, 1, 2)
    kernel = tuple(2 * p + draw.choice((1, 2, 3)) for p in crop)
    values = {"kernel_size": kernel, "stride": strides, "padding": crop, "output_padding": extra, "dilation": dilation}
    return some(2, 5, 8), values


def find_possible(size: tuple[int, ...], arguments: dict[str, Any], target: tuple[int, ...], name: str) -> bool:
    """Return whether another value of an argument, with some output_padding, gives the target: every value is tried."""
    limits = [max(s, d) for s, d in zip(arguments["stride"], arguments["dilation"])]
    choices = []
    for axis, limit in enumerate(limits):
        own = arguments[name][axis] if name else None
        tried = range(name == "kernel_size", 60) if name else (None,)
        found = []
        for value, o in itertools.product(tried, range(limit)):
            one = {key: (given[axis],) for key, given in arguments.items()}
            one["output_padding"] = (o,)
            if value is not None:
                one[name] = (value,)
            if lengths((size[axis],), one) == (target[axis],):
                found.append(value == own)
        choices.append(found)
    return all(choices) and (not name or not all(True in found for found in choices))


def test_the_changes_of_a_torch_layer_give_the_target_and_none_is_missing() -> None:
    """The lengths are those of PyTorch's documentation."""
    draw, kinds = random.Random(SEED), []
    for _ in range(COUNT):
        size, arguments = draw_layer(draw)
        target = tuple(max(m + draw.choice((-3, -1, 1, 4)), 1) for m in lengths(size, arguments))
        words = [write_call(arguments, draw), "--input", "x".join(map(str, (3, *size)))]
        answer = answer_words([*words, "--want", "x".join(map(str, target))])
        listed = [change.argument.split(" ")[0] for change in answer.changes]
        for change in answer.changes:
            if not change.code.startswith("then "):
                changed = {**arguments, **read_code(change.code, len(size))}
                assert lengths(size, changed) == target, (words, change)
                limits = zip(changed["output_padding"], changed["stride"], changed["dilation"])
                assert all(0 <= o < max(s, d) for o, s, d in limits)
        for name in ("", "padding", "kernel_size"):
            assert find_possible(size, arguments, target, name) == ((name or "output_padding") in listed), (words, name)
        assert ("output_padding" in listed) == (not answer.why_not)
        kinds += listed
    assert all(kinds.count(name) > 10 for name in ("output_padding", "padding", "kernel_size", "crop", "pad"))


def test_filters_of_the_target_are_out_channels() -> None:
    """And a layer that has all of the target already needs no change."""
    words = ["nn.ConvTranspose2d(64, 30, 4, 2, 1)", "--input", "64x16x16", "--want"]
    assert [change.code for change in answer_words([*words, "16x32x32"]).changes] == ["out_channels=16"]
    assert answer_words([*words, "30x32x32"]).changes == ()
    assert answer_words([*words, "33x33"]).changes[0].code == "output_padding=1"
