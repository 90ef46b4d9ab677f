"""Tests of what ``explain`` reads: calls of every framework and shapes in every notation."""

from __future__ import annotations

import pytest

from fixtures.explain.shape_text import read_lengths, split_shape
from suites.fuzz.explain import answer_words, read_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("28x28x64", (28, 28, 64)),
        ("(28, 28, 64)", (28, 28, 64)),
        ("28 28", (28, 28)),
        ("28,28", (28, 28)),
        ("NonexNonex3", (None, None, 3)),
        ("[None, 7, 7, 128]", (None, 7, 7, 128)),
        ("(?, 7, 7, 128)", (None, 7, 7, 128)),
        ("(-1, 26, 26, 32)", (None, 26, 26, 32)),
        ("TensorShape([None, 28, 28, 1])", (None, 28, 28, 1)),
        ("torch.Size([1, 3, 4, 4])", (1, 3, 4, 4)),
        ("input_shape=(28, 28, 1)", (28, 28, 1)),
        ("28\u00d728", (28, 28)),
    ],
)
def test_shapes_are_read_as_people_write_them(text: str, expected: tuple[int | None, ...]) -> None:
    """None is an unknown length."""
    assert read_lengths(text, "--input") == expected


@pytest.mark.parametrize(
    ("text", "rank", "first", "channels", "expected"),
    [
        ("7x7x128", 2, False, None, (None, (7, 7), 128)),
        ("7x7x128", 2, True, None, (None, (7, 128), 7)),
        ("7x7x128", 2, True, 128, (None, (7, 7), 128)),  # the layer has 128 input channels
        ("7x7x128", 3, False, None, (None, (7, 7, 128), None)),
        ("256x7x7x128", 2, False, None, (256, (7, 7), 128)),
        ("28", 2, False, None, (None, (28, 28), None)),
        ("16384x1", 1, False, None, (None, (16384,), 1)),
        ("16384", 1, False, None, (None, (16384,), None)),
    ],
)
def test_the_rank_and_the_data_format_decide_what_the_numbers_of_a_shape_are(
    text: str, rank: int, first: bool, channels: int | None, expected: object
) -> None:
    """As many numbers as axes are the size, one more is channels, one more the batch."""
    shape = split_shape(read_lengths(text, "--input"), rank, first, channels)
    assert (shape.batch, shape.size, shape.channels) == expected and shape.reading


# A call, the shape of its input, and the shape of its output; for functions the kernel.
CALLS = [
    ('Conv2DTranspose(64, (5, 5), strides=2, padding="SAME")', "28x28x3", "", (1, 56, 56, 64)),
    ("keras.layers.Conv2DTranspose(filters=8, kernel_size=3, strides=[2, 1])", "4x5", "", (1, 9, 7, 8)),
    ("x = tf.keras.layers.Conv1DTranspose(4, 25, strides=4, padding='same')(x)", "16x64", "", (1, 64, 4)),
    ("layers.Conv3DTranspose(2, 2, 2)", "4x4x4x8", "", (1, 8, 8, 8, 2)),
    ("Conv2DTranspose(8 * 8, 3, input_shape=(7, 7, 128))", "", "", (1, 9, 9, 64)),
    ("model.add(Conv2DTranspose(1, 3, data_format='channels_first'))", "3x4x5", "", (1, 1, 6, 7)),
    ("Conv2DTranspose(num_filters, 3, activation=tf.nn.relu, kernel_initializer=init)", "4x4", "", (1, 6, 6, 1)),
    ("tf.layers.conv2d_transpose(conv3, filters=16, kernel_size=3, strides=2)", "11x11x8", "", (1, 23, 23, 16)),
    ("nn.ConvTranspose2d(512, 256, 4, 2, 1)", "512x4x4", "", (1, 256, 8, 8)),
    ("torch.nn.ConvTranspose1d(8, 4, 16, stride=8, padding=4)", "8x100", "", (1, 4, 800)),
    ("self.up = nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1)", "4x7x7", "", (1, 2, 14, 14)),
    ("F.conv_transpose2d(x, w, stride=2, padding=1)", "1x3x5x5", "4", (1, 1, 10, 10)),
    ("tf.nn.conv2d_transpose(x, w, [1, 6, 6, 5], [1, 2, 2, 1], padding='VALID')", "1x2x2x1", "3x3", (1, 6, 6, 5)),
    ("ConvTranspose <kernel_shape = [3, 3], strides = [2, 2]> (X, W)", "1x8x10x10", "", (1, 1, 21, 21)),
    (
        "helper.make_node('ConvTranspose', ['X', 'W'], ['Y'], strides=[3, 2], auto_pad='SAME_UPPER')",
        "1x1x3x3",
        "3",
        (1, 1, 9, 6),
    ),
    ("jax.lax.conv_transpose(x, w, (2, 2), 'SAME')", "7x7x3", "4x4", (1, 14, 14, 1)),
    ("nn.ConvTranspose(features=6, kernel_size=(4, 4), strides=(2, 2), padding='VALID')", "7x7x3", "", (1, 16, 16, 6)),
    ("keras.ops.conv_transpose(x, kernel, strides=2, padding='same')", "5x5", "3", (1, 10, 10, 1)),
]


@pytest.mark.parametrize(("call", "shape", "kernel", "expected"), CALLS)
def test_a_call_of_any_framework_is_read(call: str, shape: str, kernel: str, expected: tuple[int, ...]) -> None:
    """The expected shapes are those of the frameworks' documentation."""
    words = [call, *(["--input", shape] if shape else []), *(["--kernel", kernel] if kernel else [])]
    answer = answer_words(words)
    assert answer.output_shape == expected, answer


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("Conv2DTranspose(64, 3", "paste the whole call"),
        ("Conv2DTranspose(64)", "there is no kernel; add its lengths"),
        ("Conv2DTranspose(64, k)", "the kernel is 'k', and nothing is evaluated; add its lengths"),
        ("Conv2DTranspose(64, 3, strides=2.0)", "strides=2.0 is not a whole number"),
        ("Conv2DTranspose(64, 3, stride=2)", "'stride' is unknown; did you mean 'strides'"),
        ("Conv2DTranspose(64, 3, kernel_size=3)", "kernel_size is given twice"),
        ("Conv2DTranspose(64, *sizes)", "write the values in its place"),
        ("Conv2DTranspose(64, **options)", "write them by name in their place"),
        ("Conv2DTranspose(64, 3, strides=(1, 2, 3))", "strides has 3 entries"),
        ("Conv2DTranspose(64, 3)(Conv2DTranspose(64, 3)(x))", "there are 2 layers"),
        ("Conv2D(64, 3)", "is not a transposed convolution"),
        ("Deconvolution2D(3, 3, 3, output_shape=(1, 3, 14, 14))", "is of Keras 1"),
        ("Conv2DTransposed(64, 3)", "did you mean 'Conv2DTranspose'"),
        ("__import__('os').system('true')", "did you mean"),
        ("Conv1DTranspose(64, 3, padding='same') --rank 2", "paste the whole call"),
        ("nn.ConvTranspose2d(4, 2, 3, padding='same')", "torch wants a number"),
        ("tf.nn.conv2d_transpose(x, w, shape, 2)", "output_shape must be a list of 4 numbers"),
        (
            "jax.lax.conv_transpose(x, w, (2, 2), 'SAME')",
            "the kernel is 'w', and nothing is evaluated; add its lengths as in --kernel 3x3",
        ),
    ],
)
def test_a_call_that_cannot_be_used_is_refused_in_a_sentence(call: str, sentence: str) -> None:
    """The sentence says what to write."""
    with pytest.raises(ValueError, match=r".") as refused:
        answer_words([call, "--input", "4x4"])
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("call", "problem", "keras"),
    [
        ('Conv2DTranspose(2, 3, padding="full")', "which already returns the full extent", ""),
        (
            'Conv1DTranspose(2, 5, strides=2, padding="causal")',
            "no output depends on a later input",
            "Cropping1D((0, 3))",
        ),
        ("Conv2DTranspose(2, 3, strides=2, padding=1)", "Keras takes no numbers as padding", "output_padding=0"),
        ("Conv2DTranspose(2, 4, strides=2, padding=(1, 0))", "Keras takes no numbers", "Cropping2D(((1, 1), (0, 0)))"),
        ("Conv2DTranspose(2, 3, groups=2)", "Keras 3 refuses groups", ""),
    ],
)
def test_a_padding_that_keras_refuses_gets_the_nearest_layer(call: str, problem: str, keras: str) -> None:
    """The answer says what Keras says, and has code that works."""
    answer = answer_words([call, "--input", "8x8" if "2D" in call else "8"])
    assert answer.output_shape is None and problem in answer.refusals[0].sentence
    code = [line for one in answer.translations if one.framework == "keras" for line in one.code]
    assert not keras or any(keras in line for line in code), code


def test_a_padding_in_upper_case_is_an_argument_form() -> None:
    """Releases of Keras on torch compute it wrongly."""
    request = read_words(['Conv2DTranspose(2, 3, padding="SAME")', "--input", "8x8"])
    assert (request.layer.padding, request.layer.argument_forms) == ("same", ("padding.upper",))


def test_an_unknown_length_gives_a_formula() -> None:
    """The output length is a number times n, and a number."""
    (axis,) = answer_words(["Conv2DTranspose(3, 5, strides=2)", "--input", "NonexNonex3"]).axes
    assert (axis.length_in_n, axis.m, axis.names) == ("2 n + 3", None, ("height", "width"))
    (axis,) = answer_words(["Conv2DTranspose(3, 5, strides=2)"]).axes
    assert axis.length_in_n == "2 n + 3"
