"""Tests of ``explain`` on what people type: each has the lines that a reader needs, with numbers found by hand."""

from __future__ import annotations

import pytest

from fixtures.explain.explanation_text import write_answer
from fixtures.run.options import ROOT
from suites.fuzz.explain import answer_words
from suites.selftest.documented.command_search import find_blocks

DRAWING = "where each input cell lands"
ANSWERED = {
    "positional, as in a tutorial": (
        ["Conv2DTranspose(64, 3, 2, 'same')", "--input", "28x28x64"],
        ["gives (1, 56, 56, 64).", "n s = 28 * 2 = 56", "crop 0 in front, 1 at the end"],
    ),
    "positional and keywords, a prefix, an unknown activation": (
        ["keras.layers.Conv2DTranspose(32, kernel_size=4, strides=2, padding='same', activation='gelu')(x)"]
        + ["--input", "(28, 28, 64)"],
        ['activation="gelu"', "no check has this activation", "gives (1, 56, 56, 32).", "no checkerboard"],
    ),
    "an activation that is a layer": (
        ["Conv2DTranspose(8, 3, activation=tf.keras.layers.LeakyReLU(alpha=0.2))", "--input", "4x4"],
        ["activation=LeakyReLU(...))", "gives (1, 6, 6, 8)."],
    ),
    "an activation without a name": (
        ["Conv2DTranspose(8, 3, activation=lambda x: x)", "--input", "4x4"],
        ["activation=...)", "channels are not given: 1 is shown"],
    ),
    "channels first": (
        ["tf.keras.layers.Conv2DTranspose(filters=64, kernel_size=(3,3), strides=(2,2), data_format='channels_first')"]
        + ["--input", "64", "28", "28"],
        ["channels 64, height 28, width 28", "gives (1, 64, 57, 57)."],
    ),
    "torch, dilated": (
        ["nn.ConvTranspose2d(64, 32, kernel_size=3, stride=2, padding=1, output_padding=1, dilation=2)"]
        + ["--input", "64x28x28"],
        ["(28 - 1) * 2 + 5 - 2 * 1 + 1 = 58", "Keras refuses strides and dilation above 1 together", "(2, 2)"],
    ),
    "torch, depthwise": (
        ["nn.ConvTranspose2d(64, 64, 4, 2, 1, groups=64)", "--input", "64x10x10"],
        ["gives (1, 64, 20, 20).", "Keras has no groups", "(data and weights as they are)"],
    ),
    "torch, one cell more": (
        ["nn.ConvTranspose2d(64, 32, 4, 2, 1)", "--input", "64x16x16", "--want", "33x33"],
        ["gives (1, 32, 32, 32).", "To get 33x33, nearest first: 1. output_padding=1"],
    ),
    "torch with a functional call": (
        ["F.conv_transpose2d(x, w, stride=2, padding=1)", "--input", "3x8x8", "--kernel", "4"],
        ["gives (1, 1, 16, 16).", "how many filters the kernel has: 1 is shown; --filters sets it"],
    ),
    "TensorFlow with a batch": (
        ["tf.nn.conv2d_transpose(x, w, output_shape=[8, 56, 56, 32], strides=[1,2,2,1], padding='SAME')"]
        + ["--input", "8x28x28x64", "--kernel", "3"],
        ["gives (8, 56, 56, 32).", "admissible 55 .. 56", 'Conv2DTranspose(32, 3, strides=2, padding="same"'],
    ),
    "TensorFlow with an output that no convolution maps back": (
        ["tf.nn.conv2d_transpose(x, w, output_shape=[1, 60, 60, 32], strides=2)", "--input", "28x28x64"]
        + ["--kernel", "3"],
        ["maps it to 30 cells, and the input has 28", "60 is not"],
    ),
    "JAX": (
        ["jax.lax.conv_transpose(x, w, (2, 2), 'SAME')", "--input", "28x28x64", "--kernel", "3x3"],
        ["gives (1, 56, 56, 1).", "JAX does not flip its kernel w: below, kernel = w[::-1, ::-1].swapaxes(-1,-2)"],
    ),
    "Flax": (
        ["flax.linen.ConvTranspose(32, (3, 3), strides=(2, 2))", "--input", "28x28x64"],
        ["gives (1, 56, 56, 32).", "crop 0 in front, 1 at the end"],
    ),
    "Flax' new layer": (
        ["nnx.ConvTranspose(3, 4, (3, 3), 2, rngs=rngs)", "--input", "28x28x3"],
        ["gives (1, 56, 56, 4)."],
    ),
    "ONNX attributes": (
        ["ConvTranspose(kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1], output_padding=[1,1])"]
        + ["--input", "1x64x28x28", "--filters", "16"],
        [
            "gives (1, 16, 56, 56).",
            "output_padding is written as fewer pads at the end",
            "Cropping2D(((1, 0), (1, 0)))",
        ],
    ),
    "unknown lengths": (
        ["Conv2DTranspose(1, 3, strides=2, padding='same', activation='tanh')", "--input", "NonexNonex3"],
        ["gives (1, None, None, 1).", "n cells become 2 n", "drawn for n = 4:"],
    ),
    "a waveform": (
        ["Conv1DTranspose(64, 25, strides=4, padding='same')", "--input", "16384x1"],
        ["gives (1, 65536, 64).", "10 in front, 11 at the end; 21 is odd", "kernel_size 24 or 28"],
    ),
    "a volume": (
        ["keras.layers.Conv3DTranspose(16, 2, strides=2)", "--input", "8,8,8,16"],
        ["gives (1, 16, 16, 16, 16).", "Depth, height and width: 8 cells become 16"],
    ),
    "padding full": (
        ["Conv2DTranspose(64, 3, padding='full')", "--input", "10x10x3"],
        ["must be refused", "Nearest: padding='valid'", "2 cells cut at each end", "10 cells become 12"],
    ),
    "padding in numbers": (
        ["Conv2DTranspose(64, 3, strides=2, padding=1)", "--input", "10x10x3"],
        ["Keras takes no numbers as padding", "10 cells become 19", 'padding="same", output_padding=0'],
    ),
    "strides with dilation": (
        ["Conv2DTranspose(64, 3, strides=2, padding='same', dilation_rate=2)", "--input", "10x10x3"],
        ["R7: strides above 1 and dilation above 1 must not be combined", "(10 - 1) * 2 + 5 = 23"],
    ),
    "an output that only a crop reaches": (
        ["Conv2DTranspose(8, 3, strides=4, padding='same')", "--input", "7x7x128", "--want", "9x9"],
        ["1. then Cropping2D(((9, 10), (9, 10)))", "it reaches 25 to 28 along height"],
    ),
    "an output that stride 1 cannot give": (
        ["Conv2DTranspose(8, 3)", "--input", "8x8", "--want", "9x9"],
        ["1. kernel_size=2", "it reaches only 10 along height"],
    ),
    "the right lengths with other filters": (
        ["Conv2DTranspose(16, 3)", "--input", "8x8", "--want", "10x10x32"],
        ["1. filters=32 (the lengths are right already) The same layer elsewhere:"],
    ),
    "the first layer of a model": (
        ["model.add(Conv2DTranspose(128, (4,4), strides=(2,2), padding='same', input_shape=(7,7,256)))"],
        ["height 7, width 7, channels 256", "gives (1, 14, 14, 128)."],
    ),
}
REFUSED = {
    "a name without arguments": (["Conv2DTranspose"], "Conv2DTranspose is not a call; write its arguments"),
    "a wanted output without cells": (["Conv2DTranspose(1, 3)", "--want", "0x0"], "every length must be at least 1"),
    "two layers": (["y = Conv2DTranspose(8, 3)(x); z = Conv2DTranspose(8, 3)(y)"], "paste one of them"),
    "PyTorch's name of an argument": (["Conv2DTranspose(64, 3, stride=2)"], "did you mean 'strides'?"),
    "a forward layer": (["nn.Conv2d(3, 8, 3)"], "Conv2d is not a transposed convolution"),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_what_people_type_is_answered(name: str) -> None:
    """The text is compared without its line breaks and columns."""
    words, parts = ANSWERED[name]
    text = " ".join(" ".join(write_answer(answer_words(words))).split())
    assert [part for part in parts if part not in text] == [], text


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_answered_has_one_sentence(name: str) -> None:
    """It says what to write."""
    words, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=r".") as refused:
        answer_words([*words, "--input", "8x8"])
    assert sentence in str(refused.value)


def blocks_without_drawing(text: str) -> list[int]:
    """Return the lines of the commands of a page whose quoted output has no drawing."""
    blocks = [block for block in find_blocks(text) if block.language == "console"]
    return [block.line for block in blocks if not any(DRAWING in line for line in block.lines)]


def test_every_public_thread_has_a_drawing() -> None:
    """Another test compares the drawings with the real output; here, one that is taken away is missed."""
    text = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    assert text.count("$ python -m fixtures explain") >= 15
    assert blocks_without_drawing(text) == []
    assert len(blocks_without_drawing(text.replace(DRAWING, "", 1))) == 1
